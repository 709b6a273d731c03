import { canonicalJson, isObject } from '../document/json.js';
import type { Layer } from '../policy/layer.js';
import type { Manifest } from '../policy/manifest.js';
import { councilOf } from './council.js';
import { councilWords } from './council-words.js';
import { valueText } from './words.js';

/** One member of a manifest that changes; `policies` are told as changes of policies. */
export interface ManifestChange {
  /** JSON pointer into the manifest. */
  readonly pointer: string;
  /** Absent where nothing is there. */
  readonly before?: unknown;
  readonly after?: unknown;
  /** What that means, a sentence each. */
  readonly words: readonly string[];
}

/**
 * What becomes of a layer's manifest, but for its policies.
 *
 * @param manifests of the other layers in force: who decides a layer may be said above it
 */
export function manifestChanges(
  before: Manifest | undefined,
  after: Manifest | undefined,
  layer: Layer,
  manifests: ReadonlyMap<Layer, Manifest>,
): readonly ManifestChange[] {
  const council = (manifest: Manifest | undefined) => {
    const all = new Map(manifests);
    if (manifest === undefined) all.delete(layer);
    else all.set(layer, manifest);
    return councilOf(layer, all);
  };
  return [
    ...plainChanges(before, after),
    ...changed(
      '/council',
      before?.council,
      after?.council,
      councilWords(layer, council(before), council(after)),
    ),
    ...delegationChanges(before, after),
    ...parameterChanges(before, after),
  ];
}

/** What is set and not set in the same way is no change. */
function changed(
  pointer: string,
  before: unknown,
  after: unknown,
  words: readonly string[],
): readonly ManifestChange[] {
  if (words.length === 0 && same(before, after)) return [];
  return [
    {
      pointer,
      ...(before !== undefined && { before }),
      ...(after !== undefined && { after }),
      words:
        words.length > 0 ? words : [`\`${pointer.slice(1)}\` is written otherwise, which changes nothing`],
    },
  ];
}

function same(before: unknown, after: unknown): boolean {
  if (before === undefined || after === undefined) return before === after;
  return canonicalJson(before) === canonicalJson(after);
}

function plainChanges(before: Manifest | undefined, after: Manifest | undefined): readonly ManifestChange[] {
  const plain = [
    ['/version', before?.version, after?.version, 'the version'],
    ['/title', before?.title, after?.title, 'the title'],
    ['/description', before?.description, after?.description, 'the description'],
    [
      '/audit/retention',
      before?.audit?.retention,
      after?.audit?.retention,
      'how long records are kept at least',
    ],
    [
      '/layers_without_bundle',
      before?.layers_without_bundle,
      after?.layers_without_bundle,
      'what a layer without a bundle says',
    ],
  ] as const;
  return [
    ...plain.flatMap(([pointer, old, young, what]) =>
      old === young ? [] : changed(pointer, old, young, [fromTo(what, old, young)]),
    ),
    ...maskChanges(before?.audit?.mask ?? [], after?.audit?.mask ?? []),
  ];
}

function fromTo(what: string, before: string | undefined, after: string | undefined): string {
  if (before === undefined) return `${what} is now \`${after ?? ''}\``;
  if (after === undefined) return `${what} is no longer said (it was \`${before}\`)`;
  return `${what} goes from \`${before}\` to \`${after}\``;
}

function maskChanges(before: readonly string[], after: readonly string[]): readonly ManifestChange[] {
  const words = [
    ...after
      .filter((pointer) => !before.includes(pointer))
      .map((pointer) => `the value at \`${pointer}\` never reaches a record from then on`),
    ...before
      .filter((pointer) => !after.includes(pointer))
      .map((pointer) => `the value at \`${pointer}\` is recorded from then on`),
  ];
  return words.length === 0 ? [] : changed('/audit/mask', before, after, words);
}

function delegationChanges(
  before: Manifest | undefined,
  after: Manifest | undefined,
): readonly ManifestChange[] {
  const old = before?.delegations ?? {};
  const young = after?.delegations ?? {};
  return namesOf(old, young).flatMap((name) =>
    changed(`/delegations/${name}`, old[name], young[name], delegationWords(name, old[name], young[name])),
  );
}

type Delegation = NonNullable<Manifest['delegations']>[string];

function delegationWords(
  name: string,
  before: Delegation | undefined,
  after: Delegation | undefined,
): readonly string[] {
  if (after === undefined) return before === undefined ? [] : [`\`${name}\` is no longer delegated`];
  const bounds = boundsText(after.schema);
  if (before === undefined) {
    const preset = after.default === undefined ? '' : `, and is ${valueText(after.default)} unless they do`;
    return [`the layers below may set \`${name}\` (${bounds})${preset}`];
  }
  const words: string[] = [];
  if (!same(before.schema, after.schema))
    words.push(`the bounds of \`${name}\` go from (${boundsText(before.schema)}) to (${bounds})`);
  if (!same(before.default, after.default))
    words.push(
      `the default of \`${name}\` goes from ${defaultText(before.default)} to ${defaultText(after.default)}`,
    );
  if (before.description !== after.description) words.push(`the description of \`${name}\` changes`);
  return words;
}

function defaultText(value: unknown): string {
  return value === undefined ? 'none' : valueText(value);
}

/** The bounds of a delegation in words, where they are those of a number; otherwise the schema itself. */
export function boundsText(schema: object): string {
  const { type, minimum, maximum, ...rest } = schema as Record<string, unknown>;
  const numeric = (type === 'integer' || type === 'number') && Object.keys(rest).length === 0;
  if (!numeric) return valueText(schema);
  const what = type === 'integer' ? 'a whole number' : 'a number';
  if (minimum === undefined && maximum === undefined) return what;
  if (minimum === undefined) return `${what} up to ${valueText(maximum)}`;
  if (maximum === undefined) return `${what} from ${valueText(minimum)}`;
  return `${what} from ${valueText(minimum)} to ${valueText(maximum)}`;
}

function parameterChanges(
  before: Manifest | undefined,
  after: Manifest | undefined,
): readonly ManifestChange[] {
  const old = before?.parameters ?? {};
  const young = after?.parameters ?? {};
  return namesOf(old, young).flatMap((name) => {
    if (same(old[name], young[name])) return [];
    const words =
      young[name] === undefined
        ? `\`${name}\` is no longer set here (it was ${valueText(old[name])})`
        : `\`${name}\` is set to ${valueText(young[name])}${old[name] === undefined ? '' : `, instead of ${valueText(old[name])}`}`;
    return changed(`/parameters/${name}`, old[name], young[name], [words]);
  });
}

function namesOf(before: unknown, after: unknown): readonly string[] {
  const names = (members: unknown): readonly string[] => (isObject(members) ? Object.keys(members) : []);
  return [...new Set([...names(before), ...names(after)])].sort();
}
