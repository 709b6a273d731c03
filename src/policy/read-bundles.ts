import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { messageOf, WitanError } from '../errors.js';
import { createBundle, type Bundle, type BundleFile } from './bundle.js';
import { GLOBAL, isDomainPath } from './layer.js';

const FOLDERS: ReadonlySet<string> = new Set(['policy', 'lib', 'data', 'test']);
/** What stands in a policies folder for people and tools, not for the mesh. */
const IGNORED = /^\.|~$/;

/**
 * Reads the bundles of a policies folder: `global/` and `domains/<path>/`, wherever a `manifest.yaml` stands.
 *
 * @throws WitanError `bundle_invalid` for a folder that cannot be read or a bundle in the wrong place, and what `createBundle` throws.
 */
export async function readBundles(folder: string): Promise<readonly Bundle[]> {
  const { bundles, errors } = await readEachBundle(folder);
  const [first] = errors;
  if (first !== undefined) throw first;
  return bundles;
}

/**
 * The same for those who want to hear of every bundle that cannot be read and go on with the others.
 *
 * @throws WitanError `bundle_invalid` when the folder itself cannot be read.
 */
export async function readEachBundle(
  folder: string,
): Promise<{ readonly bundles: readonly Bundle[]; readonly errors: readonly WitanError[] }> {
  const bundles: Bundle[] = [];
  const errors: WitanError[] = [];
  const add = async (path: string, layer: string): Promise<void> => {
    try {
      bundles.push(await readBundle(folder, path, layer));
    } catch (thrown) {
      if (!(thrown instanceof WitanError)) throw thrown;
      errors.push(thrown);
    }
  };
  await list(folder);
  await add(join(folder, 'global'), GLOBAL);
  for (const path of await domainFolders(join(folder, 'domains'))) {
    await add(path, relative(join(folder, 'domains'), path).split(sep).join('/'));
  }
  return { bundles, errors };
}

/**
 * Reads the bundle whose files stand in a folder, wherever that is; its manifest says which layer it is of.
 *
 * @throws WitanError what `createBundle` throws, with files named from the folder; `bundle_invalid` when it cannot be read.
 */
export async function readBundleIn(folder: string): Promise<Bundle> {
  return createBundle(await filesBelow(folder));
}

async function readBundle(folder: string, path: string, layer: string): Promise<Bundle> {
  if (layer !== GLOBAL && !isDomainPath(layer)) {
    throw new WitanError('bundle_invalid', `${path}: \`${layer}\` cannot be a domain's path`);
  }
  const bundle = createBundle(await filesBelow(path), relative(folder, path));
  if (bundle.layer === layer) return bundle;
  const message = `${join(path, 'manifest.yaml')}: \`layer\` is \`${bundle.layer}\`, but the folder is that of \`${layer}\``;
  throw new WitanError('manifest_invalid', message, {
    faults: [{ file: join(relative(folder, path), 'manifest.yaml'), pointer: '/layer', message }],
  });
}

/** Folders with a manifest, outermost first. */
async function domainFolders(folder: string): Promise<readonly string[]> {
  const entries = await list(folder).catch(() => []);
  const inner = entries.filter(
    (entry) => entry.isDirectory() && !FOLDERS.has(entry.name) && !IGNORED.test(entry.name),
  );
  const here = entries.some((entry) => entry.name === 'manifest.yaml') ? [folder] : [];
  const nested = await Promise.all(inner.map(({ name }) => domainFolders(join(folder, name))));
  return [...here, ...nested.flat()];
}

async function filesBelow(folder: string): Promise<readonly BundleFile[]> {
  const entries = await list(folder);
  const own = entries.filter((entry) => entry.isFile() && !IGNORED.test(entry.name)).map(({ name }) => name);
  const nested = await Promise.all(
    entries
      .filter((entry) => entry.isDirectory() && FOLDERS.has(entry.name))
      .map(async ({ name }) =>
        (await list(join(folder, name)))
          .filter((entry) => !IGNORED.test(entry.name))
          .map((entry) => `${name}/${entry.name}`),
      ),
  );
  return Promise.all(
    [...own, ...nested.flat()].map(async (path) => ({ path, text: await readText(join(folder, path)) })),
  );
}

async function list(folder: string) {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (cause) {
    throw new WitanError('bundle_invalid', `\`${folder}\` cannot be read: ${messageOf(cause)}`, { cause });
  }
}

async function readText(path: string): Promise<string> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path));
  } catch (cause) {
    throw new WitanError('bundle_invalid', `\`${path}\` cannot be read as UTF-8: ${messageOf(cause)}`, {
      cause,
    });
  }
}
