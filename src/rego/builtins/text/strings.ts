import { stringOperand, wrongOperand, type Builtins } from '../../builtin.js';
import { RegoSet, type RegoValue } from '../../value.js';
import { occurrencesInText } from './occurrences.js';
import { countOperand } from '../operand.js';

/** Up to so many pairs each text is compared with each affix; beyond, sorting the texts costs less. */
const PAIRS_COMPARED_MAX = 4096;

/** Texts of Rego, counted in code points as OPA does. */
export const stringBuiltins: Builtins = {
  indexof_n(text, sought) {
    const base = stringOperand(text, 1);
    return positionsOf(base, stringOperand(sought, 2));
  },
  'strings.any_prefix_match'(texts, prefixes) {
    return anyStartsWith(textsOperand(texts, 1), textsOperand(prefixes, 2));
  },
  'strings.any_suffix_match'(texts, suffixes) {
    const ends = textsOperand(texts, 1);
    const sought = textsOperand(suffixes, 2);
    return isSmall(ends, sought)
      ? ends.some((text) => sought.some((suffix) => text.endsWith(suffix)))
      : anyStartsWith(ends.map(reversed), sought.map(reversed));
  },
  'strings.count'(text, sought) {
    const base = stringOperand(text, 1);
    const part = stringOperand(sought, 2);
    return part === '' ? codePointsOf(base) + 1 : base.split(part).length - 1;
  },
  'strings.split_n'(text, delimiter, count) {
    const base = stringOperand(text, 1);
    const between = stringOperand(delimiter, 2);
    const limit = countOperand(count, 3);
    const parts = between === '' ? Array.from(base) : base.split(between);
    if (limit >= 0) return parts.slice(0, limit);
    return parts.slice(Math.max(parts.length + limit, 0));
  },
};

/** Every place of a part, overlapping ones too. */
function positionsOf(text: string, part: string): number[] {
  if (part === '') throw new Error('operand 2 must not be empty');
  const found: number[] = [];
  let codePoints = 0;
  let counted = 0;
  for (const place of occurrencesInText(text, part)) {
    for (; counted < place; counted += 1) if (!isLowSurrogate(text.charCodeAt(counted))) codePoints += 1;
    found.push(codePoints);
  }
  return found;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

function codePointsOf(text: string): number {
  let count = 0;
  for (let index = 0; index < text.length; index += 1)
    if (!isLowSurrogate(text.charCodeAt(index))) count += 1;
  return count;
}

/** One text, or an array or a set of texts. */
function textsOperand(operand: RegoValue | undefined, position: number): readonly string[] {
  if (typeof operand === 'string') return [operand];
  const items = operand instanceof RegoSet ? operand.items : operand;
  if (!Array.isArray(items)) throw wrongOperand(operand, position, 'string', 'array', 'set');
  return (items as readonly RegoValue[]).map((item) => {
    if (typeof item === 'string') return item;
    throw new Error(`operand ${position} must hold nothing but strings`);
  });
}

function isSmall(texts: readonly string[], affixes: readonly string[]): boolean {
  return texts.length * affixes.length <= PAIRS_COMPARED_MAX;
}

function anyStartsWith(texts: readonly string[], prefixes: readonly string[]): boolean {
  if (isSmall(texts, prefixes)) {
    return texts.some((text) => prefixes.some((prefix) => text.startsWith(prefix)));
  }
  // Sorted, those that begin with a prefix follow directly after where it would stand itself.
  const sorted = [...texts].sort();
  return prefixes.some((prefix) => sorted[placeOf(prefix, sorted)]?.startsWith(prefix) === true);
}

/** The place of the first that is not less. */
function placeOf(text: string, sorted: readonly string[]): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? '') < text) low = middle + 1;
    else high = middle;
  }
  return low;
}

function reversed(text: string): string {
  return text.split('').reverse().join('');
}
