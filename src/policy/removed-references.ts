import { isObject } from '../document/json.js';
import type { Fault } from '../errors.js';
import { filesIn, type Bundle, type BundleFile } from './bundle.js';

/** What a layer no longer offers to those below it: a whole library or data file, or one name in it. */
export interface RemovedReference {
  /** Of the file, as Rego names it: `data.mesh.global.lib.words`. */
  readonly reference: string;
  readonly path: string;
  /** Absent where the whole file is gone. */
  readonly name?: string;
}

/** What the one bundle offers to the layers below and the other, which takes its place, does not. */
export function removedReferences(
  before: Bundle | undefined,
  after: Bundle | undefined,
): readonly RemovedReference[] {
  if (before === undefined) return [];
  const kept = new Map(after?.files.map((file) => [file.path, file]));
  return [...filesIn(before, 'lib'), ...filesIn(before, 'data')].flatMap((file): RemovedReference[] => {
    const { path } = file;
    const segments = [...before.layer.split('/'), ...path.replace(/\.(rego|json)$/, '').split('/')];
    const reference = `data.mesh.${segments.join('.')}`;
    const now = kept.get(path);
    if (now === undefined) return [{ reference, path }];
    if (now.text === file.text) return [];
    const names = namesIn(now);
    return [...namesIn(file)].filter((name) => !names.has(name)).map((name) => ({ reference, path, name }));
  });
}

/** The rules of a library, and the members of data. */
function namesIn({ path, text }: BundleFile): ReadonlySet<string> {
  if (path.endsWith('.rego')) {
    // A rule begins at the start of a line; what stands there otherwise does no harm among the names.
    return new Set([...text.matchAll(/^(?:default\s+)?([a-zA-Z_]\w*)/gm)].flatMap(([, name]) => name ?? []));
  }
  try {
    const document: unknown = JSON.parse(text);
    return new Set(isObject(document) ? Object.keys(document) : []);
  } catch (thrown) {
    // What is not JSON is refused as such.
    if (thrown instanceof SyntaxError) return new Set();
    throw thrown;
  }
}

/**
 * Where a layer reads what is gone. To Rego that is undefined, not wrong: its policies would fall silent without a word.
 *
 * @returns a fault for each line, its file named `<layer>/<path>`
 */
export function missingReferences(
  { layer, files }: Bundle,
  removed: readonly RemovedReference[],
): readonly Fault[] {
  if (removed.length === 0) return [];
  return files
    .filter(({ path }) => path.endsWith('.rego'))
    .flatMap(({ path, text }) => {
      const lines = text.split('\n').map((line) => line.replace(/#.*$/, ''));
      const sought = removed.map((each) => ({ ...each, pattern: patternOf(each, lines) }));
      return lines.flatMap((line, index) => {
        const found = sought.find(({ pattern }) => pattern.test(line));
        if (found === undefined) return [];
        const { reference, name, path: offered } = found;
        const used = name === undefined ? reference : `${reference}.${name}`;
        const gone = name === undefined ? `\`${offered}\` is gone` : `\`${offered}\` no longer has it`;
        return [
          {
            file: `${layer}/${path}`,
            row: index + 1,
            code: 'library_missing',
            message: `\`${layer}\` no longer works with this bundle: it uses \`${used}\`, and ${gone}`,
          },
        ];
      });
    });
}

/** What names the removed thing in a file: in full or, for one name, by what the file imports its library as. */
function patternOf({ reference, name }: RemovedReference, lines: readonly string[]): RegExp {
  const full = reference.replaceAll('.', '\\.');
  if (name === undefined) return new RegExp(`\\b${full}(?!\\w)`);
  const imported = new RegExp(`^\\s*import\\s+${full}(?:\\s+as\\s+(\\w+))?\\s*$`);
  const aliases = lines.flatMap((line) => {
    const match = imported.exec(line);
    return match === null ? [] : [match[1] ?? reference.slice(reference.lastIndexOf('.') + 1)];
  });
  const member = `(?:\\.${literal(name)}(?!\\w)|\\["${literal(name)}"\\])`;
  return new RegExp(`(?<![\\w.])(?:${[full, ...aliases].join('|')})${member}`);
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
