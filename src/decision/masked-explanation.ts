import type { MaskedValue } from '../audit/log.js';
import { maskedMark, secretsOf, textRedaction, textsIn, type RedactText } from '../audit/masked-texts.js';
import { isObject, writeJson } from '../document/json.js';
import { pointerSegments } from '../document/pointer.js';
import type { Explanation } from './explanation.js';

/** What a text ends with that a trace has cut. */
const CUT = '…';
/** The end of a cut text may be the beginning of a masked one, from so many characters on. */
const BEGINNING_CHARS_MIN = 4;

/**
 * An explanation in which masked values are shown as `<masked /pointer>`: what was read of them by name, and every
 * text and number that equals or holds one.
 */
export function maskedExplanation(explanation: Explanation, masked: readonly MaskedValue[]): Explanation {
  if (masked.length === 0) return explanation;
  const secrets = secretsOf(masked);
  const whole: RedactText = textRedaction(secrets, textsIn(explanation)) ?? ((text) => text);
  const redactText: RedactText = (text) => whole(withoutBeginning(text, secrets.parts));
  const paths = masked.map(({ pointer }) => [namesOf(pointer), pointer] as const);
  const walk = (value: unknown): unknown => {
    if (typeof value === 'string') return redactText(value);
    if (typeof value === 'number' || typeof value === 'bigint') {
      const pointer = secrets.words.get(writeJson(value));
      return pointer === undefined ? value : maskedMark(pointer);
    }
    if (Array.isArray(value)) return value.map(walk);
    if (!isObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => {
        // Rows and counts are the trace's own.
        if (OWN_NUMBERS.has(name)) return [name, item];
        if (name === 'values' && isObject(item)) return [name, readings(item)];
        return [redactText(name), walk(item)];
      }),
    );
  };
  /** By what the file calls it, such as `input.subject.properties.phone`. */
  const readings = (values: Readonly<Record<string, unknown>>): object =>
    Object.fromEntries(
      Object.entries(values).map(([name, value]) => {
        const pointer = paths.find(([names]) => names.some((each) => isWithin(name, each)))?.[1];
        return [redactText(name), pointer === undefined ? walk(value) : maskedMark(pointer)];
      }),
    );
  // INVARIANT: only texts, and numbers that policies read or gave, are replaced; the shape stays.
  return walk(explanation) as Explanation;
}

const OWN_NUMBERS: ReadonlySet<string> = new Set([
  'row',
  'end_row',
  'column',
  'depth',
  'line',
  'times_entered',
  'times_held',
  'times_true',
  'times_false',
]);

/** How Rego may write the reference that a pointer into the evaluation names. */
function namesOf(pointer: string): readonly string[] {
  const segments = pointerSegments(pointer);
  const quoted = segments.map((segment) => `[${JSON.stringify(segment)}]`).join('');
  const dotted = segments
    .map((segment) => (/^[A-Za-z_]\w*$/.test(segment) ? `.${segment}` : `[${JSON.stringify(segment)}]`))
    .join('');
  return [`input${dotted}`, `input${quoted}`];
}

function isWithin(name: string, reference: string): boolean {
  return name === reference || name.startsWith(`${reference}.`) || name.startsWith(`${reference}[`);
}

/** A text that was cut inside of a masked one still shows how that begins. */
function withoutBeginning(text: string, parts: ReadonlyMap<string, string>): string {
  if (!text.endsWith(CUT)) return text;
  const stem = text.slice(0, -CUT.length);
  for (const [secret, pointer] of parts) {
    for (let length = Math.min(stem.length, secret.length); length >= BEGINNING_CHARS_MIN; length -= 1) {
      if (stem.endsWith(secret.slice(0, length)))
        return `${stem.slice(0, -length)}${maskedMark(pointer)}${CUT}`;
    }
  }
  return text;
}
