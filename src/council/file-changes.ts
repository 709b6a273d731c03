import { cellsOf, unifiedDiff } from '../document/unified-diff.js';
import { jsonChanges } from '../document/json-changes.js';
import { JsonFault, parseJson } from '../document/parse-json.js';
import type { Bundle } from '../policy/bundle.js';
import { listed, named, valueText, without } from './words.js';

export interface FileChange {
  readonly path: string;
  /** Lines that are added, and that are removed. */
  readonly added: number;
  readonly removed: number;
  /** Unified, without the names of the files. */
  readonly diff: string;
}

/** Cells that comparing all files of two bundles takes at most, each for a pair of lines; a second's work or so. */
const CELLS_MAX = 50_000_000;

/** Every file that differs, in the order of their paths. */
export function fileChanges(before: Bundle | undefined, after: Bundle | undefined): readonly FileChange[] {
  let cells = CELLS_MAX;
  return differing(before, after).map(({ path, old, young }) => {
    const change = { path, ...unifiedDiff(old, young, cells) };
    cells = Math.max(0, cells - cellsOf(old, young));
    return change;
  });
}

/** What changes in files that are neither policies nor the manifest, a sentence each. */
export function fileWords(before: Bundle | undefined, after: Bundle | undefined): readonly string[] {
  return differing(before, after).flatMap(({ path, old, young }) => {
    const [, folder, name = ''] = /^(lib|data|test)\/([a-z0-9_]+)\./.exec(path) ?? [];
    switch (folder) {
      case 'lib':
        return [
          `the library \`${name}\` ${became(old, young)}${usedBy(name, young === undefined ? before : after)}`,
        ];
      case 'data':
        return [`the data \`${name}\` ${became(old, young)}${dataText(old, young)}`];
      case 'test':
        return [
          `the tests \`${name}\` ${young === undefined ? 'are removed' : old === undefined ? 'are new' : 'change'}`,
        ];
      default:
        return path === 'README.md' ? [`the README ${became(old, young)}`] : [];
    }
  });
}

interface Differing {
  readonly path: string;
  readonly old: string | undefined;
  readonly young: string | undefined;
}

function differing(before: Bundle | undefined, after: Bundle | undefined): readonly Differing[] {
  const texts = (bundle: Bundle | undefined): ReadonlyMap<string, string> =>
    new Map(bundle?.files.map(({ path, text }) => [path, text]));
  const [old, young] = [texts(before), texts(after)];
  return [...new Set([...old.keys(), ...young.keys()])]
    .sort()
    .map((path) => ({ path, old: old.get(path), young: young.get(path) }))
    .filter((file) => file.old !== file.young);
}

function became(old: string | undefined, young: string | undefined): string {
  if (old === undefined) return 'is new';
  return young === undefined ? 'is removed' : 'changes';
}

/** The policies of the layer that import a library. */
function usedBy(library: string, bundle: Bundle | undefined): string {
  const reference = new RegExp(`\\.lib\\.${library}\\b`);
  const users = (bundle?.files ?? []).flatMap(({ path, text }) => {
    const [, name] = /^policy\/(.*)\.rego$/.exec(path) ?? [];
    return name !== undefined && reference.test(text) ? [name] : [];
  });
  return users.length === 0 ? '' : `, which ${named(users)} ${users.length === 1 ? 'uses' : 'use'}`;
}

const PLACES_MAX = 5;

/** Where the data differ, when they are few places. */
function dataText(old: string | undefined, young: string | undefined): string {
  if (old === undefined || young === undefined) return '';
  const changes = jsonChanges(documentOf(old), documentOf(young), PLACES_MAX + 1);
  const shown = changes.slice(0, PLACES_MAX).map(({ pointer, before, after }) => {
    const place = pointer === '' ? 'all of it' : `\`${pointer}\``;
    if (Array.isArray(before) && Array.isArray(after)) return `${place} ${listText(before, after)}`;
    if (before === undefined) return `${place} is ${valueText(after)}`;
    if (after === undefined) return `${place} is gone (it was ${valueText(before)})`;
    return `${place} goes from ${valueText(before)} to ${valueText(after)}`;
  });
  if (shown.length === 0) return ' in its layout alone';
  return `: ${shown.join('; ')}${changes.length > PLACES_MAX ? '; and more' : ''}`;
}

/** What a list of plain values gains and loses. */
function listText(before: readonly unknown[], after: readonly unknown[]): string {
  const [old, young] = [before.map(valueText), after.map(valueText)];
  const [gained, lost] = [without(young, old), without(old, young)];
  const words = [
    ...(gained.length > 0 ? [`gains ${listed(gained)}`] : []),
    ...(lost.length > 0 ? [`loses ${listed(lost)}`] : []),
  ];
  return words.length > 0 ? words.join(' and ') : `goes from ${valueText(before)} to ${valueText(after)}`;
}

/** The checks refuse data that are not JSON; until then they differ as texts. */
function documentOf(text: string): unknown {
  try {
    return parseJson(text, 64).document;
  } catch (thrown) {
    if (thrown instanceof JsonFault) return text;
    throw thrown;
  }
}
