import type { Builtins } from '../../builtin.js';
import { isNumber, numberText, RegoObject, RegoSet, type RegoValue } from '../../value.js';
import { formatFloat, SHORTEST } from '../text/go-float.js';
import { membersOf, quoteJson } from './json.js';
import { emitYaml, type YamlNode } from './yaml-emitter.js';
import { compareKeys } from './yaml-scalars.js';

/**
 * `yaml.marshal` alone: what OPA reads as YAML is what go-yaml's own scanner takes, which no parser in JavaScript
 * follows in every case.
 */
export const yamlBuiltins: Builtins = {
  'yaml.marshal': (value) => emitYaml(nodeOf(value)),
};

/** Keys longer than this, as JSON with its quotes, are none where OPA reads its own JSON as YAML. */
const KEY_LENGTH_MAX = 1024;
const INT64_MIN = -(2n ** 63n);
const UINT64_MAX = 2n ** 64n - 1n;

/** What YAML makes of the JSON of a value: OPA goes that way. */
function nodeOf(value: RegoValue): YamlNode {
  if (typeof value === 'string') return { text: readText(value) };
  if (value === null || typeof value === 'boolean') return { plain: String(value) };
  if (isNumber(value)) return { plain: plainNumber(numberText(value)) };
  if (value instanceof RegoObject) {
    const members = membersOf(value).map(([key, item]): [string, YamlNode] => [readKey(key), nodeOf(item)]);
    return { members: members.sort(([a], [b]) => compareKeys(a, b)) };
  }
  return { items: (value instanceof RegoSet ? value.items : value).map(nodeOf) };
}

function plainNumber(text: string): string {
  if (/^-?\d+$/.test(text)) {
    const whole = BigInt(text);
    if (whole >= INT64_MIN && whole <= UINT64_MAX) return String(whole);
  }
  const value = Number(text);
  // Beyond what a float holds it is a string, which is written as it stands.
  return Number.isFinite(value) ? formatFloat(value, 'g', SHORTEST) : text;
}

/** Characters that YAML does not take; the next line of C1 is one that it does. */
const FORBIDDEN = /[\x7f-\x84\x86-\x9f\ufffe\uffff]/;
const NEXT_LINES = /[ \t]*\x85[ \t\x85]*/g;

/** A string as YAML reads it from JSON: a next line ends a line there, and one alone is a space. */
function readText(text: string): string {
  if (FORBIDDEN.test(text)) throw new Error('a string has a character that YAML does not allow');
  if (!text.includes('\x85')) return text;
  if (/\x85(?:---|\.\.\.)[\x85 ]/.test(text)) {
    throw new Error('a string has what would end the document');
  }
  return text.replaceAll(NEXT_LINES, (found) => {
    const lines = found.split('\x85').length - 1;
    return lines === 1 ? ' ' : '\n'.repeat(lines - 1);
  });
}

function readKey(key: string): string {
  if (key.includes('\x85') || Array.from(quoteJson(key)).length > KEY_LENGTH_MAX) {
    throw new Error('a key is too long for YAML, or has more than one line');
  }
  return readText(key);
}
