/**
 * Go's `time.ParseDuration` with OPA's days, weeks and years of 365 days (`1h15m30.5s`, `30d`), in nanoseconds.
 *
 * @throws Error when the text is no duration, or one beyond 64 bits
 */
export function parseDuration(text: string): bigint {
  return parseGoDuration(/[dwy]/.test(text) ? inHours(text) : text);
}

const HOURS: ReadonlyMap<string, number> = new Map([
  ['d', 24],
  ['w', 7 * 24],
  ['y', 365 * 24],
]);
const EXTENDED_PART = /([\d.]+)(ms|us|\u00b5s|ns|[a-z])/y;

/** The same with hours for days, weeks and years, which OPA computes as floats. */
function inHours(text: string): string {
  const sign = /^[+-]/.exec(text)?.[0] ?? '';
  let rewritten = sign;
  for (let at = sign.length; at < text.length; at = EXTENDED_PART.lastIndex) {
    EXTENDED_PART.lastIndex = at;
    const [, number = '', unit = ''] = EXTENDED_PART.exec(text) ?? [];
    if (unit === '') throw notADuration();
    const hours = HOURS.get(unit);
    rewritten += hours === undefined ? number + unit : `${decimalText(floatOf(number) * hours)}h`;
  }
  return rewritten;
}

function floatOf(text: string): number {
  const hasOnePoint = text.indexOf('.') === text.lastIndexOf('.');
  const value = hasOnePoint && text !== '.' ? Number(text) : Infinity;
  if (value === Infinity) throw notADuration();
  return value;
}

/** The shortest text for a float at least 0, without exponent. */
function decimalText(value: number): string {
  const [digits = '', exponent] = String(value).split('e');
  if (exponent === undefined) return digits;
  // A duration that needs so many digits before the point is none.
  if (Number(exponent) > 0) throw notADuration();
  return `0.${'0'.repeat(-Number(exponent) - 1)}${digits.replace('.', '')}`;
}

const UNIT_NS: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1_000n],
  ['\u00b5s', 1_000n],
  ['\u03bcs', 1_000n],
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['m', 60_000_000_000n],
  ['h', 3_600_000_000_000n],
]);
const PART = /(?=\.?\d)(\d*)(?:\.(\d*))?([^\d.]+)/y;
const LIMIT = 2n ** 63n;

function parseGoDuration(text: string): bigint {
  const isNegative = text.startsWith('-');
  const body = /^[+-]/.test(text) ? text.slice(1) : text;
  if (body === '0') return 0n;
  let sum = 0n;
  for (let at = 0; at < body.length; at = PART.lastIndex) {
    PART.lastIndex = at;
    const [, whole = '', fraction = '', unit = ''] = PART.exec(body) ?? [];
    const unitNs = UNIT_NS.get(unit);
    if (unitNs === undefined) throw notADuration();
    const part = wholePart(whole) * unitNs;
    const ns = part + fractionPart(fraction, unitNs);
    // Go counts in 64 bits without a sign, where twice the limit is nothing.
    sum = BigInt.asUintN(64, sum + ns);
    if (part > LIMIT || ns > LIMIT || sum > LIMIT) throw notADuration();
  }
  if (body === '' || (sum === LIMIT && !isNegative)) throw notADuration();
  return isNegative ? -sum : sum;
}

/** More digits than this without leading zeros exceed the limit. */
const DIGITS_MAX = 19;

function wholePart(digits: string): bigint {
  const significant = digits.replace(/^0+/, '');
  if (significant.length > DIGITS_MAX) throw notADuration();
  return BigInt(significant);
}

/** Of a fraction Go takes as many digits as fit 63 bits, and counts in floats. */
function fractionPart(digits: string, unitNs: bigint): bigint {
  let value = 0n;
  let scale = 1;
  for (const digit of digits) {
    if (value > (LIMIT - 1n) / 10n) break;
    const next = value * 10n + BigInt(digit);
    if (next > LIMIT) break;
    value = next;
    scale *= 10;
  }
  return value === 0n ? 0n : BigInt(Math.trunc(Number(value) * (Number(unitNs) / scale)));
}

function notADuration(): Error {
  return new Error('operand 1 must be a duration such as `36h` or `1h30m`');
}
