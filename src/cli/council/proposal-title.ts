import type { Bundle, BundleFile } from '../../policy/bundle.js';
import { headOf } from './sections.js';

/** Longest title that is made of what changed, in characters. */
const CHARS_MAX = 120;

/**
 * A title for a proposal that was given none: what became of which policies and files.
 *
 * @param before the files of the bundle in force; `undefined` where the layer has none
 */
export function titleOf(before: readonly BundleFile[] | undefined, after: Bundle): string {
  if (before === undefined) return `Give ${after.layer} its first bundle`;
  const old = new Map(before.map(({ path, text }) => [path, text]));
  const young = new Map(after.files.map(({ path, text }) => [path, text]));
  const paths = [...new Set([...old.keys(), ...young.keys()])].sort();
  const named = (verb: string, which: (path: string) => boolean): readonly string[] => {
    const names = paths.filter(which).map(nameOf);
    return names.length === 0 ? [] : [`${verb} ${names.join(', ')}`];
  };
  const parts = [
    ...named('add', (path) => !old.has(path) && !isTest(path)),
    ...named(
      'change',
      (path) => old.has(path) && young.has(path) && old.get(path) !== young.get(path) && !isTest(path),
    ),
    ...named('remove', (path) => !young.has(path) && !isTest(path)),
  ];
  const words = parts.length === 0 ? 'change tests' : parts.join('; ');
  return headOf(`${words.charAt(0).toUpperCase()}${words.slice(1)} (${after.layer})`, CHARS_MAX);
}

function isTest(path: string): boolean {
  return path.startsWith('test/');
}

/** `policy/own_region.rego` is known as `own_region`. */
function nameOf(path: string): string {
  if (path === 'manifest.yaml') return 'the manifest';
  return path
    .replace(/^policy\//, '')
    .replace(/^lib\/(.*)\.rego$/, 'the library $1')
    .replace(/^data\/(.*)\.json$/, 'the data $1')
    .replace(/\.rego$/, '');
}
