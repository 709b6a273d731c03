import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, WitanError } from '../errors.js';
import { isMissing } from './read-text.js';

/** What a folder holds for tools, not for people; `node_modules` may bring Rego of others. */
const IGNORED = /^\.|~$|^node_modules$/;

/**
 * The Rego files that paths name: themselves, or all below a folder, each once, in order. Links to folders are not
 * followed.
 *
 * @throws WitanError `not_found` for a path that does not exist, `invalid_request` for a file that is no Rego, a
 * folder that cannot be read, or when there is no Rego at all.
 */
export async function regoFilesIn(paths: readonly string[]): Promise<readonly string[]> {
  const found = new Set<string>();
  for (const path of paths) {
    if (await isFolder(path)) for (const file of await below(path)) found.add(file);
    else if (path.endsWith('.rego')) found.add(path);
    else
      throw new WitanError('invalid_request', `\`${path}\` is no Rego file: its name does not end in .rego`);
  }
  if (found.size === 0) {
    throw new WitanError('invalid_request', `there is no Rego file in ${quoted(paths)}`);
  }
  return [...found];
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (cause) {
    if (isMissing(cause)) throw new WitanError('not_found', `\`${path}\` does not exist`, { cause });
    throw new WitanError('invalid_request', `\`${path}\` cannot be read: ${messageOf(cause)}`, { cause });
  }
}

async function below(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw new WitanError('invalid_request', `\`${folder}\` cannot be read: ${messageOf(cause)}`, { cause });
  });
  const files: string[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (IGNORED.test(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) files.push(...(await below(path)));
    else if (entry.name.endsWith('.rego')) files.push(path);
  }
  return files;
}

function quoted(paths: readonly string[]): string {
  return paths.map((path) => `\`${path}\``).join(', ');
}
