import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type Document,
  type Node,
  type YAMLError,
} from 'yaml';
import type { Locate, Position } from './position.js';
import { pointerSegments } from './pointer.js';

/** Aliases that one document may use. More is an attempt to make a small file grow large. */
const ALIASES_MAX = 100;

interface YamlFault {
  readonly message: string;
  readonly position: Position | undefined;
}

type YamlResult =
  | { readonly ok: true; readonly document: unknown; readonly locate: Locate }
  | { readonly ok: false; readonly faults: readonly YamlFault[] };

/** Reads YAML 1.2 (core schema: dates stay texts): one document, no duplicate keys, few aliases. */
export function parseYaml(text: string): YamlResult {
  const lines = new LineCounter();
  const placeAt = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { row: line, column: col };
  };
  const yaml = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    version: '1.2',
    schema: 'core',
    uniqueKeys: true,
    stringKeys: true,
    merge: false,
    resolveKnownTags: false,
    logLevel: 'error',
  });
  const overflow = yaml.errors.find(({ message }) => message.includes('call stack'));
  if (overflow !== undefined) throw new RangeError(overflow.message);
  const faults = [
    ...yaml.errors.map((error) => ({ message: wordsOf(error), position: placeAt(error.pos[0]) })),
    ...yaml.warnings
      .filter(({ code }) => code === 'TAG_RESOLVE_FAILED')
      .map((tag) => ({ message: 'tags are not read: write a plain value', position: placeAt(tag.pos[0]) })),
    ...(yaml.errors.length > 0 ? [] : unsupported(yaml, placeAt)),
  ];
  if (faults.length > 0) return { ok: false, faults };
  keepWholeNumbers(yaml);
  return {
    ok: true,
    document: yaml.toJS({ maxAliasCount: ALIASES_MAX }) as unknown,
    locate: (pointer) => {
      const offset = offsetOf(yaml, pointer);
      return offset === undefined ? undefined : placeAt(offset);
    },
  };
}

/** What YAML allows but JSON, and so the information model, cannot hold. */
function unsupported(yaml: Document, placeAt: (offset: number) => Position): YamlFault[] {
  const faults: YamlFault[] = [];
  const report = (node: Node, message: string): void => {
    faults.push({ message, position: node.range ? placeAt(node.range[0]) : undefined });
  };
  let aliases = 0;
  visit(yaml, {
    Alias: (_, node) => {
      aliases += 1;
      if (node.resolve(yaml) === undefined)
        report(node, `no anchor \`&${node.source}\` stands before this alias`);
      if (aliases === ALIASES_MAX + 1) report(node, `more than ${ALIASES_MAX} aliases`);
      return aliases > ALIASES_MAX ? visit.BREAK : undefined;
    },
    Scalar: (key, node) => {
      if (key === 'key' && node.value === '<<' && node.type === 'PLAIN')
        report(node, 'YAML 1.2 has no merge keys (`<<`): write the members out');
      if (typeof node.value === 'number' && !Number.isFinite(node.value))
        report(node, `\`${String(node.source)}\` is not a number that JSON can hold`);
    },
  });
  return faults;
}

/** A whole number beyond 2^53 becomes a bigint, as in JSON. */
function keepWholeNumbers(yaml: Document): void {
  visit(yaml, {
    Scalar: (_, node) => {
      const { value, source = '' } = node;
      if (typeof value !== 'number' || Number.isSafeInteger(value) || !/^[-+]?[0-9]+$/.test(source)) return;
      node.value = BigInt(source.replace(/^\+/, ''));
    },
  });
}

function offsetOf(yaml: Document, pointer: string): number | undefined {
  let node: unknown = yaml.contents;
  let offset: number | undefined = isNode(node) ? node.range?.[0] : undefined;
  for (const segment of pointerSegments(pointer)) {
    if (isAlias(node)) node = node.resolve(yaml);
    if (isMap(node)) {
      const pair = node.items.find(
        ({ key }) => (isScalar(key) ? String(key.value) : String(key)) === segment,
      );
      if (pair === undefined) return undefined;
      offset = isNode(pair.key) ? pair.key.range?.[0] : undefined;
      node = pair.value;
    } else if (isSeq(node) && /^\d+$/.test(segment)) {
      const item: unknown = node.items[Number(segment)];
      if (item === undefined) return undefined;
      offset = isNode(item) ? item.range?.[0] : undefined;
      node = item;
    } else {
      return undefined;
    }
  }
  return offset;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'range' in value;
}

/** The parser's own words, where ours say it better to someone who writes a descriptor. */
function wordsOf(error: YAMLError): string {
  switch (error.code) {
    case 'DUPLICATE_KEY':
      return 'this member stands here twice';
    case 'MULTIPLE_DOCS':
      return 'a second document starts here (`---`): a file holds one document, so put it into a file of its own';
    case 'TAB_AS_INDENT':
      return 'a tab stands here as indentation: YAML allows only spaces';
    case 'BLOCK_AS_IMPLICIT_KEY':
      return 'a value with `: ` inside stands here: put the text into quotes, or its indentation is wrong';
    case 'BAD_INDENT':
      return `the indentation is wrong: ${lowerFirst(error.message)}`;
    case 'MISSING_CHAR':
      return `a character is missing: ${lowerFirst(error.message)}`;
    case 'NON_STRING_KEY':
      return 'a member name must be a text';
    default:
      return lowerFirst(error.message);
  }
}

function lowerFirst(words: string): string {
  return words.charAt(0).toLowerCase() + words.slice(1);
}
