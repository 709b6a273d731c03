import { isObject } from '../document/json.js';
import { parseDocument } from '../document/parse.js';
import { WitanError } from '../errors.js';
import { filesIn, type Bundle } from './bundle.js';

/** What the text of a policy says of it, without compiling it. */
export interface PolicyText {
  readonly title: string;
  readonly description: string;
  readonly appliesTo: readonly string[];
  readonly controls: readonly string[];
  readonly remedy?: string;
  readonly owner?: string;
  /** What is left without comments and empty lines: what can change what the policy does. */
  readonly code: string;
}

const texts = new WeakMap<Bundle, ReadonlyMap<string, PolicyText>>();

/** What the texts of a bundle's policies say, by name. */
export function policyTexts(bundle: Bundle): ReadonlyMap<string, PolicyText> {
  // INVARIANT: a bundle never changes, so it is read once: whoever asks shares the thread with decisions.
  const known = texts.get(bundle);
  if (known !== undefined) return known;
  const read = new Map(
    filesIn(bundle, 'policy').map(({ path, text }) => [
      path.replace(/^policy\/|\.rego$/g, ''),
      readPolicyText(text),
    ]),
  );
  texts.set(bundle, read);
  return read;
}

/**
 * Reads the metadata of a policy out of its Rego: the `# METADATA` block above its package. The toolchain is what
 * refuses metadata that are wrong; here they are read for people, and what is missing is empty.
 */
export function readPolicyText(rego: string): PolicyText {
  const lines = rego.split('\n');
  const metadata = metadataOf(lines);
  const custom = isObject(metadata['custom']) ? metadata['custom'] : {};
  const remedy = textOf(custom['remedy']);
  const owner = textOf(custom['owner']);
  return {
    title: textOf(metadata['title']),
    description: textOf(metadata['description']),
    appliesTo: textsOf(custom['applies_to']),
    controls: textsOf(custom['controls']),
    ...(remedy !== '' && { remedy }),
    ...(owner !== '' && { owner }),
    code: lines.filter((line) => !/^\s*(#.*)?$/.test(line)).join('\n'),
  };
}

function metadataOf(lines: readonly string[]): Readonly<Record<string, unknown>> {
  const start = lines.findIndex((line) => /^#\s*METADATA\s*$/.test(line));
  const packaged = lines.findIndex((line) => /^\s*package\s/.test(line));
  if (start === -1 || packaged < start) return {};
  const block: string[] = [];
  for (const line of lines.slice(start + 1)) {
    if (!line.startsWith('#')) break;
    block.push(line.slice(1));
  }
  try {
    const { document } = parseDocument(block.join('\n'), { file: 'metadata.yaml' });
    return isObject(document) ? document : {};
  } catch (thrown) {
    // What cannot be read says nothing; the checks tell its author why.
    if (thrown instanceof WitanError) return {};
    throw thrown;
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}
