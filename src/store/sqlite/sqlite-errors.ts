import { WitanError, messageOf } from '../../errors.js';

/** SQLite's extended result code (`SQLITE_BUSY`, `SQLITE_IOERR_FSYNC`) or Node's (`EACCES`) of anything that was thrown. */
export function codeOf(thrown: unknown): string {
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown)) return '';
  return typeof thrown.code === 'string' ? thrown.code : '';
}

/** What is wrong with the store in `dataDir`: `store_corrupt` or `store_unavailable`, with the cause. */
export function storeError(thrown: unknown, dataDir: string): WitanError {
  if (thrown instanceof WitanError) return thrown;
  const code = codeOf(thrown);
  if (code === 'SQLITE_NOTADB') {
    return new WitanError('store_corrupt', `the store in \`${dataDir}\` is not a database`, {
      cause: thrown,
    });
  }
  if (code.startsWith('SQLITE_CORRUPT')) {
    return new WitanError('store_corrupt', `the store in \`${dataDir}\` is damaged: ${messageOf(thrown)}`, {
      cause: thrown,
    });
  }
  const shown = code === '' ? messageOf(thrown) : `${messageOf(thrown)} (${code})`;
  return new WitanError('store_unavailable', `the store in \`${dataDir}\` cannot be used: ${shown}`, {
    cause: thrown,
  });
}

/** Runs `read` and reports what fails in it as a fault of the store. */
export async function reading<T>(dataDir: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (thrown) {
    throw storeError(thrown, dataDir);
  }
}
