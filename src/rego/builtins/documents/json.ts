import { stringOperand, wrongOperand, type Builtins } from '../../builtin.js';
import { compareStrings, isNumber, numberText, RegoObject, RegoSet, type RegoValue } from '../../value.js';
import { JSON_DEPTH_MAX, JsonReader } from './json-reader.js';
import { checkTextLength } from '../operand.js';

/** Deepest JSON that becomes a value, as deep as values of a module may be; OPA goes on to 10,000. */
const VALUE_DEPTH_MAX = 512;

export const jsonBuiltins: Builtins = {
  'json.marshal': writeJson,
  'json.marshal_with_options'(value, options) {
    if (!(options instanceof RegoObject)) throw wrongOperand(options, 2, 'object');
    const { pretty, prefix, indent } = layoutOf(options);
    if (!pretty) return writeJson(value);
    return prefix + new PrettyWriter(prefix, indent).write(value, `\n${prefix}`);
  },
  'json.unmarshal'(text) {
    const reader = new JsonReader(stringOperand(text, 1), VALUE_DEPTH_MAX);
    const value = reader.value();
    // As in OPA, a `null` hides all that follows.
    if (!reader.atEnd() && !reader.passesNull())
      throw new Error('it is no JSON: more follows after the value');
    return value;
  },
  'json.is_valid'(text) {
    if (typeof text !== 'string') return false;
    try {
      const reader = new JsonReader(text, JSON_DEPTH_MAX, 'any number');
      reader.value();
      return reader.atEnd();
    } catch {
      return false;
    }
  },
};

/** What a string holds in JSON as it is, as Go writes it. */
const PLAIN = /^[ !#-%'-;=?-[\]-\x7f]*$/;

/** A string in JSON as Go writes it: safe within HTML, too. */
export function quoteJson(text: string): string {
  // What is quoted within what is quoted doubles with every key that holds a key.
  checkTextLength(text.length);
  if (PLAIN.test(text)) return `"${text}"`;
  return JSON.stringify(text.replaceAll(/\p{Surrogate}/gu, '\ufffd')).replaceAll(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Members as Go has them: keys that are no strings become their JSON, and of equal keys the last counts. */
export function membersOf(object: RegoObject): readonly (readonly [string, RegoValue])[] {
  const { entries } = object;
  if (hasStringsAsKeys(entries)) return entries;
  const members = new Map(
    entries.map(([key, value]) => [typeof key === 'string' ? key : writeJson(key), value]),
  );
  return [...members].sort(([a], [b]) => compareStrings(a, b));
}

function hasStringsAsKeys(
  entries: RegoObject['entries'],
): entries is readonly (readonly [string, RegoValue])[] {
  return entries.every(([key]) => typeof key === 'string');
}

/** JSON without spaces; sets become arrays. */
export function writeJson(value: RegoValue): string {
  if (typeof value === 'string') return quoteJson(value);
  if (value === null || typeof value === 'boolean') return String(value);
  if (isNumber(value)) return numberText(value);
  if (value instanceof RegoObject) {
    return `{${membersOf(value)
      .map(([key, item]) => `${quoteJson(key)}:${writeJson(item)}`)
      .join(',')}}`;
  }
  return `[${(value instanceof RegoSet ? value.items : value).map(writeJson).join(',')}]`;
}

interface Layout {
  readonly pretty: boolean;
  readonly prefix: string;
  readonly indent: string;
}

function layoutOf(options: RegoObject): Layout {
  const layout: { pretty?: boolean; prefix?: string; indent?: string } = {};
  for (const [key, value] of options.entries) {
    if (key === 'pretty' && typeof value === 'boolean') layout.pretty = value;
    else if ((key === 'prefix' || key === 'indent') && typeof value === 'string') layout[key] = value;
    else throw new Error('operand 2 may have `pretty`, a boolean, and `indent` and `prefix`, strings');
  }
  const { prefix, indent } = layout;
  const pretty = layout.pretty ?? (prefix !== undefined || indent !== undefined);
  return { pretty, prefix: prefix ?? '', indent: indent ?? '\t' };
}

class PrettyWriter {
  #length = 0;

  constructor(
    readonly prefix: string,
    readonly indent: string,
  ) {}

  /** @param line what begins a line at the depth of the value */
  write(value: RegoValue, line: string): string {
    if (value instanceof RegoObject) {
      const members = membersOf(value);
      return this.#block(
        '{',
        '}',
        line,
        members,
        ([key, item], inner) => `${quoteJson(key)}: ${this.write(item, inner)}`,
      );
    }
    const items = value instanceof RegoSet ? value.items : value;
    if (!Array.isArray(items)) return writeJson(value);
    return this.#block('[', ']', line, items as RegoValue[], (item, inner) => this.write(item, inner));
  }

  #block<Item>(
    start: string,
    end: string,
    line: string,
    items: readonly Item[],
    write: (item: Item, line: string) => string,
  ): string {
    if (items.length === 0) return start + end;
    const inner = line + this.indent;
    // The texts are made from within, so that the lengths are checked before they grow.
    this.#length += inner.length * items.length;
    checkTextLength(this.#length);
    return `${start}${items.map((item) => inner + write(item, inner)).join(',')}${line}${end}`;
  }
}
