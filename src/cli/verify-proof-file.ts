import type { VerifierKey } from '../audit/note-key.js';
import { verifyProof } from '../audit/proof.js';
import { WitanError } from '../errors.js';
import { readText } from './read-text.js';

/** What a proof file proves, or why it proves nothing. */
export interface ProofVerification {
  readonly fault?: string;
  readonly origin?: string;
  /** The record's sequence. */
  readonly index?: number;
  /** Records of the checkpoint that it is proved against. */
  readonly size?: number;
  /** The record, exactly as it was hashed. */
  readonly record?: string;
}

/**
 * Verifies the proof of a record.
 *
 * @throws WitanError `invalid_request` without a key: a file that brings its own key along proves nothing
 */
export async function verifyProofFile(
  file: string,
  keys: readonly VerifierKey[],
): Promise<ProofVerification> {
  requireKeys(keys, 'a proof');
  try {
    const { record, index, checkpoint } = verifyProof(await readText(file, 'note_invalid'), keys);
    return { origin: checkpoint.origin, index, size: checkpoint.size, record: record.toString('utf8') };
  } catch (thrown) {
    if (!(thrown instanceof WitanError) || thrown.code !== 'note_invalid') throw thrown;
    return { fault: thrown.message };
  }
}

/** @throws WitanError `invalid_request` without one: a file that brings its own key along proves nothing */
export function requireKeys(keys: readonly VerifierKey[], what: string): void {
  if (keys.length > 0) return;
  throw new WitanError(
    'invalid_request',
    `${what} is verified with a key that you trust: give it by \`--vkey\` (the service shows it at /log/keys)`,
  );
}
