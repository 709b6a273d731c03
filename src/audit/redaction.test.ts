import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../document/json.js';
import { redactTexts, secretsOf, textRedaction } from './masked-texts.js';
import { commitmentOf, redact, verifyCommitment } from './redaction.js';

const salt = (): Uint8Array => Uint8Array.from({ length: 16 }, (_, index) => index);
const evaluation = (context: object = {}, properties: object = {}) => ({
  subject: { type: 'user', id: 'ada', properties },
  action: { name: 'read', properties: {} },
  resource: { type: 'topic', id: 'orders', properties: {} },
  context,
});

describe('redacting an evaluation', () => {
  it('puts the SHA-256 of the salt and the JSON text in place of a value', () => {
    const {
      evaluation: redacted,
      pointers,
      masked,
    } = redact(evaluation({ token: { b: 1, a: 'ü' } }), ['/context/token', '/context/none'], salt);
    expect(redacted.context).toEqual({
      token: {
        // printf '\x00\x01…\x0f{"a":"ü","b":1}' | sha256sum
        masked: 'sha256:069a861c0b12958258639f0afd973b14013dda35ac32b20164efe0dc7c5860d2',
      },
    });
    expect(pointers).toEqual(['/context/token']);
    expect(masked).toEqual([{ pointer: '/context/token', salt: salt(), value: '{"a":"ü","b":1}' }]);
  });

  it.each([
    [['/context', '/context/token'], ['/context']],
    [['/context/token', '/context'], ['/context']],
    [['/context/masked', '/context'], ['/context']],
    [['/context/token', '/context/token'], ['/context/token']],
    [['/context/tok', '/context/token'], ['/context/token']],
    [['/context/list/0'], ['/context/list/0']],
    [[''], ['/subject', '/action', '/resource', '/context']],
  ])('of %j applies %j', (pointers, applied) => {
    expect(redact(evaluation({ token: 't', list: ['x'] }), pointers, salt).pointers).toEqual(applied);
  });

  it('refuses a salt that is too short', () => {
    expect(() => redact(evaluation({ token: 't' }), ['/context/token'], () => new Uint8Array(8))).toThrow(
      RangeError,
    );
  });

  it('a commitment verifies with its own salt and value, and with no others', () => {
    const json = fc.jsonValue();
    fc.assert(
      fc.property(json, json, fc.uint8Array({ minLength: 16, maxLength: 16 }), (value, other, bytes) => {
        const made = redact(evaluation({ token: value }), ['/context/token'], () => bytes);
        const [masked] = made.masked;
        expect(verifyCommitment(made.evaluation, masked!)).toBe(true);
        const text = canonicalJson(other);
        expect(verifyCommitment(made.evaluation, { ...masked!, value: text })).toBe(text === masked!.value);
        const another = bytes.map((byte) => byte ^ 1);
        expect(verifyCommitment(made.evaluation, { ...masked!, salt: another })).toBe(false);
        expect(commitmentOf(bytes, masked!.value)).toMatch(/^sha256:[0-9a-f]{64}$/);
      }),
    );
  });
});

describe('texts that tell of masked values', () => {
  const redacted = (masked: unknown, told: unknown): unknown => {
    const secrets = secretsOf([{ pointer: '/p', value: canonicalJson(masked) }]);
    const redactText = textRedaction(secrets, told);
    return redactText === undefined ? told : redactTexts(told, redactText);
  };

  it.each<[string, unknown, unknown, unknown]>([
    ['a part of a text', 'secret', 'the secret is out: secret', 'the <masked /p> is out: <masked /p>'],
    ['not a part of three characters', 'tea', 'steam', 'steam'],
    ['a short text where it is all', 'tea', ['tea', 'teas'], ['<masked /p>', 'teas']],
    ['the longer of two first', ['abcd', 'abcdef'], 'abcdef abcd', '<masked /p> <masked /p>'],
    ['what a mark is made of', ['masked', 'secret'], 'a secret', 'a <masked /p>'],
    ['what is inside of objects', { a: { b: ['hidden'] } }, 'hidden', '<masked /p>'],
    ['names of members', 'hidden', { hidden: 1 }, { '<masked /p>': 1 }],
    [
      'a number as a word',
      42,
      ['42', 'at 42.', '421', 'x42'],
      ['<masked /p>', 'at <masked /p>.', '421', 'x42'],
    ],
    ['numbers beyond 2^53', 9007199254740993n, '9007199254740993', '<masked /p>'],
    ['texts as JSON shows them', 'a"b\\c', 'it says {"x":"a\\"b\\\\c"}', 'it says {"x":"<masked /p>"}'],
    ['what looks like a pattern', '.*(a|b)', 'not .*(a|b) but aaaaaaa', 'not <masked /p> but aaaaaaa'],
    ['neither truth nor nothing', { a: true, b: null, c: '' }, ['true', 'null', ''], ['true', 'null', '']],
  ])('%s', (_, masked, told, expected) => {
    expect(redacted(masked, told)).toEqual(expected);
  });

  it('no masked text of four characters or more is told, whatever stands around it', () => {
    const secret = fc.stringMatching(/^[0-9A-F]{4,12}$/);
    fc.assert(
      fc.property(
        fc.array(secret, { minLength: 1, maxLength: 5 }),
        fc.array(fc.string()),
        (secrets, around) => {
          const told = around.map((text, index) => `${text}${secrets[index % secrets.length] ?? ''}${text}`);
          const bytes = JSON.stringify(redacted(secrets, told));
          for (const each of secrets) expect(bytes).not.toContain(each);
        },
      ),
    );
  });
});
