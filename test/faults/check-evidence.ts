import { readVerifierKey } from '../../src/audit/note-key.js';
import type { Server } from '../../src/cli/ask-server.js';
import { faultsOfServer, verifyServer } from '../../src/cli/verify-server.js';
import type { Ledger } from './ledger.js';

/** What is said of the log to nobody. */
const SILENT = {
  out: () => undefined,
  outBytes: () => Promise.resolve(),
  err: () => undefined,
  interactive: false,
  outIsTerminal: false,
  colours: false,
};

/**
 * Verifies the whole log of a running service by what it serves, with the key that the clients saw first: it must extend
 * the newest checkpoint that they saw.
 *
 * @param keys text of `/log/keys` now
 */
export async function checkEvidence(
  server: Server,
  ledger: Ledger,
  keys: string,
): Promise<readonly string[]> {
  ledger.keys ??= keys;
  const { checkpoint } = ledger;
  const older = checkpoint === undefined ? [] : [{ name: 'seen by the clients', note: checkpoint }];
  const trusted = ledger.keys.trim().split('\n').map(readVerifierKey);
  return faultsOfServer(await verifyServer(server, trusted, older, { terminal: SILENT }));
}
