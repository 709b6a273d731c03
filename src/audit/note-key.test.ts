import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WitanError } from '../errors.js';
import {
  readSigningKey,
  readVerifierKey,
  signingKeyOf,
  writeSigningKey,
  writeVerifierKey,
} from './note-key.js';

const SEED = Buffer.alloc(32, 7);
/** What Go's sumdb/note makes of the same seed and name. */
const VKEY = 'witan.example/log+a1b15e7e+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs';
const SKEY = 'PRIVATE+KEY+witan.example/log+a1b15e7e+AQcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH';

function refusalOf(read: () => unknown): WitanError {
  try {
    read();
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(WitanError);
    expect((thrown as WitanError).code).toBe('note_invalid');
    return thrown as WitanError;
  }
  throw new Error('was read');
}

describe('the keys of notes', () => {
  it('have the texts that Go gives them', () => {
    const key = signingKeyOf('witan.example/log', SEED);
    expect(writeVerifierKey(key)).toBe(VKEY);
    expect(writeSigningKey(key)).toBe(SKEY);
    expect(readVerifierKey(VKEY)).toMatchObject({ name: 'witan.example/log', id: 0xa1b15e7e });
    expect(writeSigningKey(readSigningKey(SKEY))).toBe(SKEY);
  });

  it('come back from their texts, whatever the name and the seed', () => {
    const unit = fc.integer({ min: 1, max: 0x1ffff }).map((code) => String.fromCodePoint(code));
    const name = fc.string({ unit, minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(name, fc.uint8Array({ minLength: 32, maxLength: 32 }), (drawn, seed) => {
        const clean = drawn.replaceAll(/[\p{White_Space}\p{Cc}\p{Cs}+]/gu, '_');
        const key = signingKeyOf(clean, seed);
        expect(writeVerifierKey(readVerifierKey(writeVerifierKey(key)))).toBe(writeVerifierKey(key));
        expect(writeSigningKey(readSigningKey(writeSigningKey(key)))).toBe(writeSigningKey(key));
      }),
    );
  });

  it('show no secret when they are printed or made JSON of', () => {
    const key = signingKeyOf('witan.example/log', Buffer.from('0123456789abcdef0123456789abcdef'));
    const secret = Buffer.from('0123456789abcdef').toString('base64').slice(0, 12);
    expect(JSON.stringify(key)).not.toContain(secret);
    expect(String(Object.values(key))).not.toContain('0123456789abcdef');
  });

  it.each([
    ['an empty text', '', 'expected `<name>+<id>+<base64>`'],
    ['a name alone', 'witan.example/log', 'expected `<name>+<id>+<base64>`'],
    ['no key', 'witan.example/log+a1b15e7e', 'expected `<name>+<id>+<base64>`'],
    ['no name', VKEY.slice(VKEY.indexOf('+')), 'expected a name'],
    ['a space in the name', VKEY.replace('/', ' '), 'expected a name'],
    ['a no-break space in the name', VKEY.replace('/', '\u00a0'), 'expected a name'],
    ['a control character in the name', VKEY.replace('/', '\u0001'), 'expected a name'],
    ['a name that is too long', `${'n'.repeat(256)}+a1b15e7e+AA==`, 'up to 255 characters'],
    ['an id in capitals', VKEY.replace('a1b15e7e', 'A1B15E7E'), '8 hexadecimal digits'],
    ['a short id', VKEY.replace('a1b15e7e', 'a1b15e7'), '8 hexadecimal digits'],
    ['the id of another key', VKEY.replace('a1b15e7e', 'a1b15e7f'), 'the id `a1b15e7f` is not that of'],
    ['another name', VKEY.replace('log', 'lug'), 'the id `a1b15e7e` is not that of'],
    ['another key', VKEY.replace('AepK', 'AepL'), 'the id `a1b15e7e` is not that of'],
    ['another type of key', VKEY.replace('AepK', 'BOpK'), 'type 1 (Ed25519)'],
    ['an empty key', 'witan.example/log+a1b15e7e+', 'type 1 (Ed25519)'],
    ['a key that is too short', VKEY.slice(0, -4), 'a key of 32 bytes, found 29'],
    ['what is no base64', `${VKEY.slice(0, -1)}!`, 'expected base64'],
    ['base64 with stray bits', 'witan.example/log+a1b15e7e+AX==', 'expected base64'],
    ['a line break at the end', `${VKEY}\n`, 'expected base64'],
    ['a signing key', SKEY, '8 hexadecimal digits'],
  ])('are refused as verifier keys with %s', (_, text, message) => {
    expect(refusalOf(() => readVerifierKey(text)).message).toContain(message);
  });

  it.each([
    ['a verifier key', VKEY, 'expected `PRIVATE+KEY+<name>+<id>+<base64>`'],
    ['the id of another key', SKEY.replace('a1b15e7e', 'a1b15e7f'), 'is not that of the name and the key'],
    ['a changed seed', SKEY.replace('AQcH', 'AQcI'), 'is not that of the name and the key'],
    ['a short seed', SKEY.slice(0, -4), 'a key of 32 bytes, found 29'],
  ])('are refused as signing keys with %s, and no seed is shown', (_, text, message) => {
    const refusal = refusalOf(() => readSigningKey(text));
    expect(refusal.message).toContain(message);
    expect(refusal.message).not.toContain('BwcH');
  });

  it('are not made of a seed of another length', () => {
    expect(() => signingKeyOf('witan.example/log', Buffer.alloc(31))).toThrow(RangeError);
    expect(refusalOf(() => signingKeyOf('two words', SEED)).message).toContain('expected a name');
  });
});
