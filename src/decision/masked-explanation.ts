import type { MaskedValue } from '../audit/log.js';
import { maskedMark, secretsOf, textRedaction, type RedactText } from '../audit/masked-texts.js';
import { isObject, replaceAt, writeJson } from '../document/json.js';
import { pointerSegment, pointerSegments } from '../document/pointer.js';
import type { Explanation } from './explanation.js';

/** Where a trace has cut a text (`toolchain/brief.go`). */
const CUT = /… \(\d+ characters\)$/;
/** The end of a cut text may be the beginning of a masked one, from so many characters on. */
const BEGINNING_CHARS_MIN = 4;

/**
 * An explanation in which masked values are shown as `<masked /pointer>`: what was read of them by name, and every
 * text and number that equals or holds one.
 */
export function maskedExplanation(explanation: Explanation, masked: readonly MaskedValue[]): Explanation {
  if (masked.length === 0) return explanation;
  const secrets = secretsOf(masked);
  const whole: RedactText = textRedaction(secrets, explanation) ?? ((text) => text);
  const redactText: RedactText = (text) => whole(withoutBeginning(text, secrets.parts));
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
      Object.entries(values).map(([name, value]) => [
        redactText(name),
        walk(withoutMasked(name, value, masked)),
      ]),
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

/** What was read under a name, without the masked values that the name tells of: all of it, or members of it. */
function withoutMasked(name: string, value: unknown, masked: readonly MaskedValue[]): unknown {
  return masked.reduce<unknown>((left, { pointer }) => {
    const segments = pointerSegments(pointer);
    const within = namesOf(segments).some((own) => isWithin(name, own));
    if (within) return maskedMark(pointer);
    const above = segments.findIndex((_, depth) => namesOf(segments.slice(0, depth)).includes(name));
    if (above < 0) return left;
    const rest = segments.slice(above).map((segment) => `/${pointerSegment(segment)}`);
    return replaceAt(left, rest.join(''), () => maskedMark(pointer));
  }, value);
}

/** How Rego may write the reference into the input that a pointer into the evaluation names. */
function namesOf(segments: readonly string[]): readonly string[] {
  const quoted = segments.map((segment) => `[${JSON.stringify(segment)}]`);
  const dotted = segments.map((segment, index) =>
    /^[A-Za-z_]\w*$/.test(segment) ? `.${segment}` : quoted[index],
  );
  return [`input${dotted.join('')}`, `input${quoted.join('')}`];
}

function isWithin(name: string, reference: string): boolean {
  return name === reference || name.startsWith(`${reference}.`) || name.startsWith(`${reference}[`);
}

/** A text that was cut inside of a masked one still shows how that begins. */
function withoutBeginning(text: string, parts: ReadonlyMap<string, string>): string {
  const cut = CUT.exec(text);
  if (cut === null) return text;
  const stem = text.slice(0, cut.index);
  for (const [secret, pointer] of parts) {
    for (let length = Math.min(stem.length, secret.length); length >= BEGINNING_CHARS_MIN; length -= 1) {
      if (stem.endsWith(secret.slice(0, length))) {
        return `${stem.slice(0, -length)}${maskedMark(pointer)}${cut[0]}`;
      }
    }
  }
  return text;
}
