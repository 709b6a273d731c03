import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { openCheckpoint, type Checkpoint } from '../audit/checkpoint.js';
import type { ExportVerification } from '../audit/export/verify-export.js';
import { consistencyPlan, hashesOf } from '../audit/merkle.js';
import { writeVerifierKey, type VerifierKey } from '../audit/note-key.js';
import { subtreeHash, tileOf, tilePath, tileWidth } from '../audit/tile.js';
import { verifyConsistency } from '../audit/verify-merkle.js';
import { messageOf, WitanError } from '../errors.js';
import { bytesFromServer, streamFromServer, type Server } from './ask-server.js';
import type { CommandNeeds } from './command.js';
import { progressOn } from './progress.js';
import { count } from './style.js';
import { verifyExportFile } from './verify-export-file.js';

/** A checkpoint that was kept, and whether the log of the service extends it. */
export interface Extends {
  readonly name: string;
  readonly size: number;
  readonly extended: boolean;
}

export interface ServerVerification {
  readonly export: ExportVerification;
  readonly against: readonly Extends[];
}

/**
 * Verifies the log of a running service by what it serves: all of its records, exported, must lead to the root of its
 * checkpoint, and that must extend the checkpoints that were kept.
 *
 * @throws ServerError; WitanError `note_invalid` for a kept checkpoint that no trusted key signed
 */
export async function verifyServer(
  server: Server,
  keys: readonly VerifierKey[],
  older: readonly { readonly name: string; readonly note: string }[],
  { terminal }: Pick<CommandNeeds, 'terminal'>,
): Promise<ServerVerification> {
  const kept = older.map(({ name, note }) => ({ name, checkpoint: keptCheckpoint(name, note, keys) }));
  const folder = mkdtempSync(join(tmpdir(), 'witan-verify-'));
  const progress = progressOn(terminal);
  try {
    const file = join(folder, 'log.ndjson');
    let bytes = 0;
    const counted = async function* () {
      for await (const chunk of streamFromServer(server, 'v1/records/export?format=ndjson')) {
        bytes += chunk.length;
        progress.say(`fetched ${Math.round(bytes / 1e6)} MB`);
        yield chunk;
      }
    };
    await pipeline(Readable.from(counted()), createWriteStream(file, { mode: 0o600 }));
    progress.say('verifying');
    const verification = await verifyExportFile(file, keys.map(writeVerifierKey));
    const against = verification.ok
      ? await extensions(server, kept, openCheckpoint(verification.statement.checkpoint, keys))
      : [];
    return { export: verification, against };
  } finally {
    progress.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

function keptCheckpoint(name: string, note: string, keys: readonly VerifierKey[]): Checkpoint {
  try {
    return openCheckpoint(note, keys);
  } catch (thrown) {
    throw new WitanError('note_invalid', `\`${name}\`: ${messageOf(thrown)}`, { cause: thrown });
  }
}

async function extensions(
  server: Server,
  kept: readonly { readonly name: string; readonly checkpoint: Checkpoint }[],
  now: Checkpoint,
): Promise<readonly Extends[]> {
  const tiles = new Map<string, Buffer>();
  const results: Extends[] = [];
  for (const { name, checkpoint } of kept) {
    const { size, root } = checkpoint;
    const plan = size > 0 && size <= now.size ? consistencyPlan(size, now.size) : [];
    for (const { level, index } of plan.flat().map(tileOf)) {
      const path = tilePath(level, index, tileWidth(level, index, now.size));
      if (!tiles.has(`${level}/${index}`))
        tiles.set(`${level}/${index}`, await bytesFromServer(server, `log/${path}`));
    }
    const proof = hashesOf(plan, (subtree) => {
      const { level, index, from, to } = tileOf(subtree);
      return subtreeHash(tiles.get(`${level}/${index}`) ?? Buffer.alloc(0), from, to);
    });
    const extended =
      size === 0 ||
      verifyConsistency({ first: size, second: now.size, firstRoot: root, secondRoot: now.root, proof });
    results.push({ name, size, extended });
  }
  return results;
}

/** What does not hold of a service's log, in words. */
export function faultsOfServer({ export: verification, against }: ServerVerification): readonly string[] {
  return [
    ...(verification.ok ? [] : [verification.fault.message]),
    ...against
      .filter(({ extended }) => !extended)
      .map(
        ({ name, size }) => `the log does not extend the checkpoint \`${name}\` of ${count(size, 'record')}`,
      ),
  ];
}
