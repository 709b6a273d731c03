import { stringOperand, wrongOperand, type Builtins } from '../../builtin.js';
import { Decimal, numberText, type RegoValue } from '../../value.js';
import { Directive, formatValue, GoFloat, goTypeOf, type GoValue } from './go-format.js';
import { textOf } from './go-text.js';
import { checkTextLength } from '../operand.js';

export const formatBuiltins: Builtins = {
  sprintf(format, values) {
    const text = stringOperand(format, 1);
    if (!Array.isArray(values)) throw wrongOperand(values, 2, 'array');
    return new Formatter(text, (values as readonly RegoValue[]).map(goValueOf)).result();
  },
};

/** What OPA makes of a value for Go's `fmt`: numbers and strings as they are, all else as its text in Rego. */
function goValueOf(value: RegoValue): GoValue {
  if (typeof value === 'string' || typeof value === 'bigint') return value;
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) return value;
    return decimalOf(numberText(value));
  }
  return value instanceof Decimal ? decimalOf(value.text) : textOf(value);
}

/** By its text: with a point or an exponent it is a float; one too large for 64 bits stays a text. */
function decimalOf(text: string): GoValue {
  if (!/[.eE]/.test(text)) return BigInt(text);
  const value = Number(text);
  return Number.isFinite(value) ? new GoFloat(value) : text;
}

/** Larger widths and precisions count as none, as in Go. */
const NUMBER_MAX = 1_000_000;
/** With less left of the format Go does not look for the end of an index. */
const INDEX_LENGTH_MIN = 3;

/** A verb has all that it needs, or which of Go's complaints stands in its place. */
type Fault = '(BADINDEX)' | '(MISSING)';

/** One run of `fmt.Sprintf` with Go's rules, its complaints among them. */
class Formatter {
  #at = 0;
  /** The value that the next verb takes. */
  #next = 0;
  #output = '';
  /** Whether values were named by number: then none is found to be too many. */
  #reordered = false;
  #goodIndex = true;
  #directive = new Directive();

  constructor(
    readonly format: string,
    readonly values: readonly GoValue[],
  ) {}

  result(): string {
    while (this.#at < this.format.length) {
      const percent = this.format.indexOf('%', this.#at);
      const end = percent < 0 ? this.format.length : percent;
      this.#write(this.format.slice(this.#at, end));
      this.#at = end + 1;
      if (percent >= 0) this.#directiveAt();
    }
    if (!this.#reordered && this.#next < this.values.length) this.#writeExtra();
    return this.#output;
  }

  #write(text: string): void {
    this.#output += text;
    checkTextLength(this.#output.length);
  }

  #directiveAt(): void {
    this.#directive = new Directive();
    this.#goodIndex = true;
    this.#flags();
    const afterIndex = this.#precision(this.#width(this.#index()));
    if (!afterIndex) this.#index();
    const codePoint = this.format.codePointAt(this.#at);
    if (codePoint === undefined) {
      this.#write('%!(NOVERB)');
      return;
    }
    const verb = String.fromCodePoint(codePoint);
    this.#at += verb.length;
    this.#verb(verb);
  }

  #verb(verb: string): void {
    if (verb === '%') {
      this.#write('%');
      return;
    }
    const value = this.values[this.#next];
    const fault: Fault | undefined = !this.#goodIndex
      ? '(BADINDEX)'
      : value === undefined
        ? '(MISSING)'
        : undefined;
    if (fault !== undefined || value === undefined) {
      this.#write(`%!${verb}${fault ?? ''}`);
      return;
    }
    const directive = this.#directive;
    if (verb === 'v' || verb === 'w') {
      [directive.sharpV, directive.sharp] = [directive.sharp, false];
      [directive.plusV, directive.plus] = [directive.plus, false];
    }
    this.#next += 1;
    this.#write(formatValue(value, verb, directive));
  }

  #flags(): void {
    const directive = this.#directive;
    for (; ; this.#at += 1) {
      switch (this.format[this.#at]) {
        case '#':
          directive.sharp = true;
          break;
        case '0':
          directive.zero = true;
          break;
        case '+':
          directive.plus = true;
          break;
        case '-':
          directive.minus = true;
          break;
        case ' ':
          directive.space = true;
          break;
        default:
          return;
      }
    }
  }

  /** @returns whether an index, such as `[3]`, stands before what comes next */
  #width(afterIndex: boolean): boolean {
    const directive = this.#directive;
    if (this.format[this.#at] === '*') {
      this.#at += 1;
      const width = this.#numberFromValue();
      if (width === undefined) this.#write('%!(BADWIDTH)');
      directive.width = Math.abs(width ?? 0);
      if ((width ?? 0) < 0) {
        directive.minus = true;
        directive.zero = false;
      }
      return false;
    }
    const width = this.#number();
    if (width !== undefined && afterIndex) this.#goodIndex = false;
    directive.width = width ?? 0;
    return afterIndex;
  }

  /** @returns whether an index, such as `[3]`, stands before what comes next */
  #precision(afterIndex: boolean): boolean {
    // A point at the very end is the verb.
    if (this.format[this.#at] !== '.' || this.#at + 1 >= this.format.length) return afterIndex;
    this.#at += 1;
    if (afterIndex) this.#goodIndex = false;
    const indexed = this.#index();
    if (this.format[this.#at] !== '*') {
      this.#directive.precision = this.#number() ?? 0;
      return indexed;
    }
    this.#at += 1;
    const precision = this.#numberFromValue();
    if (precision === undefined || precision < 0) this.#write('%!(BADPREC)');
    this.#directive.precision = Math.max(precision ?? -1, -1);
    return false;
  }

  /** The number of a value, from 1, in brackets. @returns whether there is one */
  #index(): boolean {
    if (this.format[this.#at] !== '[') return false;
    this.#reordered = true;
    const close = this.format.indexOf(']', this.#at + 1);
    if (close < 0 || this.format.length - this.#at < INDEX_LENGTH_MIN) {
      this.#at += 1;
      this.#goodIndex = false;
      return false;
    }
    const start = this.#at + 1;
    this.#at = close + 1;
    const index = /^0*(\d{1,7}|1000000\d)$/.test(this.format.slice(start, close))
      ? Number(this.format.slice(start, close))
      : undefined;
    if (index !== undefined && index >= 1 && index <= this.values.length) {
      this.#next = index - 1;
      return true;
    }
    this.#goodIndex = false;
    return index !== undefined;
  }

  /** Digits, which leave nothing of the format when they mean too large a number. */
  #number(): number | undefined {
    let value: number | undefined;
    for (; ; this.#at += 1) {
      const digit = this.format.charCodeAt(this.#at) - 0x30;
      if (!(digit >= 0 && digit <= 9)) return value;
      if ((value ?? 0) > NUMBER_MAX) {
        this.#at = this.format.length;
        return undefined;
      }
      value = (value ?? 0) * 10 + digit;
    }
  }

  /** A width or a precision that a value gives. */
  #numberFromValue(): number | undefined {
    const value = this.values[this.#next];
    if (value === undefined) return undefined;
    this.#next += 1;
    if (typeof value !== 'number' || Math.abs(value) > NUMBER_MAX) return undefined;
    return value;
  }

  #writeExtra(): void {
    const directive = new Directive();
    const extra = this.values
      .slice(this.#next)
      .map((value) => `${goTypeOf(value)}=${formatValue(value, 'v', directive)}`);
    this.#write(`%!(EXTRA ${extra.join(', ')})`);
  }
}
