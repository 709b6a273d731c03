import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { messageOf, WitanError, type ErrorCode } from '../errors.js';

/**
 * Reads a file that was named on the command line.
 *
 * @throws WitanError `not_found` when there is none; `code` when it cannot be read as UTF-8.
 */
export async function readText(path: string, code: ErrorCode): Promise<string> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path));
  } catch (cause) {
    if (isMissing(cause)) throw new WitanError('not_found', `\`${path}\` does not exist`, { cause });
    const message = `\`${path}\` cannot be read as UTF-8: ${messageOf(cause)}`;
    throw new WitanError(code, message, { faults: [{ file: path, message }], cause });
  }
}

/** @throws WitanError `not_found` when there is no such folder. */
export function requireFolder(path: string): void {
  if (!existsSync(path)) throw new WitanError('not_found', `the folder \`${path}\` does not exist`);
}

export function isMissing(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT';
}
