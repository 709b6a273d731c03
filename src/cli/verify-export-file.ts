import { open } from 'node:fs/promises';
import type { ExportSource } from '../audit/export/export-format.js';
import { verifyExport, type ExportVerification, type VerifyExport } from '../audit/export/verify-export.js';
import { readVerifierKey } from '../audit/note-key.js';
import { messageOf, WitanError } from '../errors.js';

/**
 * Verifies the file of an export, in whichever format it is.
 *
 * @param vkeys texts of the verifier keys that are trusted to sign for the log
 * @param recount asks the log itself, where it is at hand
 * @throws WitanError `note_invalid` for a key that is none; `invalid_request` when the file cannot be read
 */
export async function verifyExportFile(
  path: string,
  vkeys: readonly string[],
  recount?: VerifyExport['recount'],
): Promise<ExportVerification> {
  const keys = vkeys.map(readVerifierKey);
  const file = await opened(path);
  try {
    const { size } = await file.stat();
    const source: ExportSource = {
      size,
      read: async (from, to) => {
        const bytes = Buffer.alloc(to - from);
        for (let read = 0; read < bytes.length;) {
          const { bytesRead } = await file.read(bytes, read, bytes.length - read, from + read);
          if (bytesRead === 0)
            throw new WitanError('invalid_request', `\`${path}\` became shorter while it was read`);
          read += bytesRead;
        }
        return bytes;
      },
    };
    return await verifyExport(source, { keys, ...(recount !== undefined && { recount }) });
  } finally {
    await file.close();
  }
}

async function opened(path: string): ReturnType<typeof open> {
  try {
    return await open(path, 'r');
  } catch (thrown) {
    throw new WitanError('invalid_request', `\`${path}\` cannot be read: ${messageOf(thrown)}`, {
      cause: thrown,
    });
  }
}
