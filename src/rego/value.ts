/**
 * Rego's values as the built-ins of the host take and give them. Objects may have any value as a key, sets are a type
 * of their own, and numbers are exact: what a JavaScript number would round is a bigint or a `Decimal`.
 */
export type RegoValue =
  null | boolean | number | bigint | Decimal | string | readonly RegoValue[] | RegoObject | RegoSet;

/** A number that neither a JavaScript number nor a bigint holds exactly, as JSON text. */
export class Decimal {
  constructor(readonly text: string) {}
}

/** Members in the order of their keys (see `compareValues`). */
export class RegoObject {
  #byText: ReadonlyMap<string, RegoValue> | undefined;
  /** INVARIANT: `entries` are sorted and their keys differ; `objectOf` makes it so. */
  constructor(readonly entries: readonly (readonly [RegoValue, RegoValue])[]) {}

  /** The member with that name; `undefined` when there is none. */
  get(name: string): RegoValue | undefined {
    this.#byText ??= new Map(
      this.entries.filter((entry): entry is [string, RegoValue] => typeof entry[0] === 'string'),
    );
    return this.#byText.get(name);
  }
}

/** Items in their order (see `compareValues`). */
export class RegoSet {
  /** INVARIANT: `items` are sorted and differ; `setOf` makes it so. */
  constructor(readonly items: readonly RegoValue[]) {}
}

/** Of equal keys the last wins. */
export function objectOf(entries: Iterable<readonly [RegoValue, RegoValue]>): RegoObject {
  const sorted = [...entries]
    .map((entry, index) => ({ entry, index }))
    .sort((a, b) => compareValues(a.entry[0], b.entry[0]) || b.index - a.index)
    .map(({ entry }) => entry);
  return new RegoObject(
    sorted.filter((entry, index) => {
      const before = sorted[index - 1];
      return before === undefined || compareValues(before[0], entry[0]) !== 0;
    }),
  );
}

export function setOf(items: Iterable<RegoValue>): RegoSet {
  const sorted = [...items].sort(compareValues);
  return new RegoSet(
    sorted.filter((item, index) => {
      const before = sorted[index - 1];
      return before === undefined || compareValues(before, item) !== 0;
    }),
  );
}

export type RegoType = 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object' | 'set';

/** The name that Rego's `type_name` gives. */
export function typeOf(value: RegoValue): RegoType {
  if (value === null) return 'null';
  switch (typeof value) {
    case 'boolean':
      return 'boolean';
    case 'number':
    case 'bigint':
      return 'number';
    case 'string':
      return 'string';
    default:
      if (value instanceof Decimal) return 'number';
      if (value instanceof RegoSet) return 'set';
      return value instanceof RegoObject ? 'object' : 'array';
  }
}

const RANK: Readonly<Record<RegoType, number>> = {
  null: 0,
  boolean: 1,
  number: 2,
  string: 3,
  array: 4,
  object: 5,
  set: 6,
};

/**
 * The order of Rego's values, as OPA's `ast.Compare` has it: by type (null, boolean, number, string, array, object,
 * set), then numbers by size, strings by their bytes in UTF-8, collections item by item and the shorter first.
 */
export function compareValues(a: RegoValue, b: RegoValue): number {
  const typeA = typeOf(a);
  const rank = RANK[typeA] - RANK[typeOf(b)];
  if (rank !== 0) return Math.sign(rank);
  switch (typeA) {
    case 'null':
      return 0;
    case 'boolean':
      return Number(a) - Number(b);
    case 'number':
      return compareNumbers(a as RegoNumber, b as RegoNumber);
    case 'string':
      return compareStrings(a as string, b as string);
    case 'array':
      return compareItems(a as readonly RegoValue[], b as readonly RegoValue[]);
    case 'object':
      return compareItems((a as RegoObject).entries.flat(), (b as RegoObject).entries.flat());
    case 'set':
      return compareItems((a as RegoSet).items, (b as RegoSet).items);
  }
}

function compareItems(a: readonly RegoValue[], b: readonly RegoValue[]): number {
  const shared = Math.min(a.length, b.length);
  for (let index = 0; index < shared; index += 1) {
    const order = compareValues(a[index] as RegoValue, b[index] as RegoValue);
    if (order !== 0) return order;
  }
  return Math.sign(a.length - b.length);
}

/** By code points, which is the order of the bytes in UTF-8; JavaScript's own order puts surrogates elsewhere. */
export function compareStrings(a: string, b: string): number {
  if (a === b) return 0;
  const shared = Math.min(a.length, b.length);
  for (let index = 0; index < shared; index += 1) {
    const unitA = a.charCodeAt(index);
    const unitB = b.charCodeAt(index);
    if (unitA === unitB) continue;
    const surrogateA = unitA >= 0xd800 && unitA <= 0xdfff;
    const surrogateB = unitB >= 0xd800 && unitB <= 0xdfff;
    if (surrogateA !== surrogateB) return surrogateA ? 1 : -1;
    return unitA < unitB ? -1 : 1;
  }
  return a.length < b.length ? -1 : 1;
}

export type RegoNumber = number | bigint | Decimal;

export function isNumber(value: RegoValue): value is RegoNumber {
  return typeof value === 'number' || typeof value === 'bigint' || value instanceof Decimal;
}

function compareNumbers(a: RegoNumber, b: RegoNumber): number {
  if (typeof a === 'number' && typeof b === 'number') return a < b ? -1 : a > b ? 1 : 0;
  const exactA = fractionOf(a);
  const exactB = fractionOf(b);
  const scale = Math.max(exactA.scale, exactB.scale);
  const scaledA = exactA.digits * 10n ** BigInt(scale - exactA.scale);
  const scaledB = exactB.digits * 10n ** BigInt(scale - exactB.scale);
  return scaledA < scaledB ? -1 : scaledA > scaledB ? 1 : 0;
}

/** A number as digits / 10^scale. */
export interface Fraction {
  readonly digits: bigint;
  /** At least 0. */
  readonly scale: number;
}

const NUMBER = /^(-?)(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;
/** A larger exponent is refused, since its digits would be written out. */
const EXPONENT_MAX = 5000;

/** @throws Error for a number with an exponent beyond ±5000. */
export function fractionOf(value: RegoNumber): Fraction {
  if (typeof value === 'bigint') return { digits: value, scale: 0 };
  const text = numberText(value);
  const [, sign = '', whole = '', decimals = '', exponent = '0'] = NUMBER.exec(text) ?? [];
  const shift = Number(exponent);
  if (whole === '' || Math.abs(shift) > EXPONENT_MAX) throw new Error('a number is out of range');
  const digits = BigInt(`${sign}${whole}${decimals}`);
  const scale = decimals.length - shift;
  return scale >= 0 ? { digits, scale } : { digits: digits * 10n ** BigInt(-scale), scale: 0 };
}

/** A number as JSON text. */
export function numberText(value: RegoNumber): string {
  return value instanceof Decimal ? value.text : String(value);
}

/** A JavaScript number holds so many decimal digits, whichever they are. */
const DIGITS_SAFE = 15;

/** The number that a JSON text means, exactly and as it is written: OPA shows `1.50` as such, and `1.0` as no integer. */
export function numberOf(text: string): RegoNumber {
  if (/^-?[0-9]+$/.test(text)) {
    const value = Number(text);
    return Number.isSafeInteger(value) ? value : BigInt(text);
  }
  const value = Number(text);
  return text.length <= DIGITS_SAFE && String(value) === text ? value : new Decimal(text);
}

/** The whole number that a value is; `undefined` for what is no number or not whole. */
export function integerOf(value: RegoValue): bigint | undefined {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : undefined;
  if (typeof value === 'bigint') return value;
  if (!(value instanceof Decimal)) return undefined;
  const { digits, scale } = fractionOf(value);
  const unit = 10n ** BigInt(scale);
  return digits % unit === 0n ? digits / unit : undefined;
}

/** A bigint as the value that holds it: a JavaScript number where that is exact. */
export function integerValue(value: bigint): RegoNumber {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** The nearest JavaScript number. */
export function floatOf(value: RegoNumber): number {
  return typeof value === 'number' ? value : Number(value instanceof Decimal ? value.text : value);
}
