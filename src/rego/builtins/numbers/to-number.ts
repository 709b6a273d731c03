import { wrongOperand, type Builtins } from '../../builtin.js';
import { isNumber, numberOf, type RegoNumber } from '../../value.js';
import { checkedNumber } from '../documents/json-reader.js';

export const toNumberBuiltins: Builtins = {
  to_number(value) {
    switch (typeof value) {
      case 'number':
        return value;
      case 'string':
        return read(value);
      case 'boolean':
        return value ? 1 : 0;
      default:
        if (value === null) return 0;
        if (isNumber(value)) return value;
        throw wrongOperand(value, 1, 'null', 'boolean', 'number', 'string');
    }
  },
};

const PLAIN = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/;
const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;
const HEXADECIMAL = /^([+-]?)0[xX]([\da-fA-F]*)(?:\.([\da-fA-F]*))?[pP]([+-]?\d+)$/;
/** A larger exponent of two is refused; OPA takes small numbers to any depth. */
const EXPONENT_MAX = 1100;

/** A number as Go writes it: what JSON allows, a plus, a point at either end, underscores, and hexadecimal with `p`. */
function read(text: string): RegoNumber {
  if (!PLAIN.test(text)) return readOther(withoutUnderscores(text));
  if (!Number.isFinite(Number(text))) throw outOfRange();
  return numberOf(text);
}

function readOther(text: string): RegoNumber {
  const [, sign, whole = '', decimals, exponent] = DECIMAL.exec(text) ?? [];
  if (sign === undefined) return readHexadecimal(text);
  if (whole === '' && (decimals ?? '') === '') throw notANumber();
  const point = decimals === undefined ? '' : `.${decimals === '' ? '0' : decimals}`;
  const power = exponent === undefined ? '' : `e${exponent}`;
  const number = `${sign === '-' ? '-' : ''}${whole.replace(/^0+(?=\d)/, '') || '0'}${point}${power}`;
  if (!Number.isFinite(Number(number))) throw outOfRange();
  return checkedNumber(number);
}

/** Its value in decimal. */
function readHexadecimal(text: string): RegoNumber {
  const [, sign, whole = '', decimals = '', exponent = ''] = HEXADECIMAL.exec(text) ?? [];
  const digits = whole + decimals;
  if (sign === undefined || digits === '') throw notANumber();
  const mantissa = BigInt(`0x${digits}`) * (sign === '-' ? -1n : 1n);
  const power = Number(exponent) - 4 * decimals.length;
  if (mantissa === 0n) return 0;
  if (Math.abs(power) > EXPONENT_MAX) throw outOfRange();
  const number =
    power >= 0 ? String(mantissa << BigInt(power)) : `${mantissa * 5n ** BigInt(-power)}e${power}`;
  if (!Number.isFinite(Number(number))) throw outOfRange();
  return numberOf(number);
}

/** Between digits, of which the `x` counts as one. */
function withoutUnderscores(text: string): string {
  if (!text.includes('_')) return text;
  const digit = /^[+-]?0[xX]/.test(text) ? /[\da-fA-FxX]_[\da-fA-F]/ : /\d_\d/;
  for (let at = text.indexOf('_'); at >= 0; at = text.indexOf('_', at + 1)) {
    if (!digit.test(text.slice(Math.max(at - 1, 0), at + 2))) throw notANumber();
  }
  return text.replaceAll('_', '');
}

function notANumber(): Error {
  return new Error('operand 1 must be the text of a number');
}

function outOfRange(): Error {
  return new Error('operand 1 is the text of a number that is too large or too small');
}
