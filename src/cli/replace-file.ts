import { randomUUID } from 'node:crypto';
import { open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { messageOf, WitanError } from '../errors.js';

/**
 * Puts a new text in the place of an old one, whole or not at all: whoever reads the file meanwhile sees one of the
 * two, and so does the next start after a crash. A link stays one, and the file keeps its mode.
 *
 * @throws WitanError `invalid_request` when the file cannot be written, or when somebody has changed it since it was
 * read; it is then as it was.
 */
export async function replaceFile(path: string, before: string, after: string): Promise<void> {
  let temporary: string | undefined;
  try {
    const target = await realpath(path);
    const { mode } = await stat(target);
    temporary = join(dirname(target), `.${basename(target)}.${randomUUID()}.tmp`);
    const file = await open(temporary, 'wx', mode & 0o777);
    try {
      await file.writeFile(after);
      // What the process's mask took away is given back.
      await file.chmod(mode & 0o777);
      await file.sync();
    } finally {
      await file.close();
    }
    if ((await readFile(target, 'utf8')) !== before) throw new Error('somebody has changed it meanwhile');
    await rename(temporary, target);
    temporary = undefined;
  } catch (cause) {
    const message = `\`${path}\` is left as it was: ${messageOf(cause)}`;
    throw new WitanError('invalid_request', message, { faults: [{ file: path, message }], cause });
  } finally {
    if (temporary !== undefined) await rm(temporary, { force: true });
  }
}
