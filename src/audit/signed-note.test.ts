import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WitanError } from '../errors.js';
import { hexOf, signingKeyOf } from './note-key.js';
import { namedSigners, NOTE_BYTES_MAX, openNote, signNote } from './signed-note.js';
import { flipBits } from './testing/flip-bits.js';

const log = signingKeyOf('witan.example/log', Buffer.alloc(32, 7));
const next = signingKeyOf('witan.example/log', Buffer.alloc(32, 8));
const witness = signingKeyOf('witness.example', Buffer.alloc(32, 9));
const TEXT = 'witan.example/log\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n';
/** What Go's sumdb/note makes of the same text and key. */
const NOTE = `${TEXT}
— witan.example/log obFefubfL/5F/DYvnOcH81dM9PPwMa+sgupTWojV2jPcBXa3Nu9h4BQqVdnLsU6nio/ih9TNUevLIWDOsItrmMlryQY=
`;

function refusalOf(note: string, known = [log]): WitanError {
  try {
    openNote(note, known);
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(WitanError);
    expect((thrown as WitanError).code).toBe('note_invalid');
    return thrown as WitanError;
  }
  throw new Error('was opened');
}

describe('a signed note', () => {
  it('is the one that Go signs', () => {
    expect(signNote(TEXT, [log])).toBe(NOTE);
    expect(openNote(NOTE, [log])).toEqual({ text: TEXT, signers: [log] });
  });

  it('opens with the text that was signed, whatever it is', () => {
    const unit = fc.oneof(
      fc.constantFrom('\n', ' ', '—', '\u{1d11e}'),
      fc.integer({ min: 0x20, max: 0xd7ff }).map((code) => String.fromCodePoint(code)),
    );
    fc.assert(
      fc.property(fc.string({ unit }), (drawn) => {
        const text = `${drawn}\n`;
        const opened = openNote(signNote(text, [log, witness]), [witness, log]);
        expect(opened.text).toBe(text);
        expect(opened.signers.map(({ name }) => name)).toEqual([log.name, witness.name]);
      }),
    );
  });

  it('opens when one of its keys is known', () => {
    const note = signNote(TEXT, [log, next, witness]);
    expect(openNote(note, [next]).signers).toEqual([next]);
    expect(openNote(note, [witness, log]).signers).toEqual([log, witness]);
    expect(openNote(note, [log, log]).signers).toEqual([log]);
  });

  it('does not open with any one bit changed', () => {
    for (const { flipped, place } of flipBits(NOTE)) {
      expect(() => openNote(flipped, [log]), place).toThrow(WitanError);
    }
  });

  it('does not open with any one byte cut from its end', () => {
    for (let length = 0; length < NOTE.length; length += 1) {
      expect(() => openNote(NOTE.slice(0, length), [log])).toThrow(WitanError);
    }
  });

  it('does not open when a known key signed something else, though another known key signed this', () => {
    const other = signNote('something else\n', [witness]);
    const signature = other.slice(other.indexOf('\n\n') + 2);
    expect(openNote(NOTE + signature, [log]).signers).toEqual([log]);
    const refusal = refusalOf(NOTE + signature, [log, witness]);
    expect(refusal.message).toMatch(/line 6: the signature of `witness\.example\+[0-9a-f]{8}` is not valid/);
    expect(refusal.faults[0]?.row).toBe(6);
  });

  it('does not open when a key signed it twice, and the second time wrongly', () => {
    const other = signNote('something else\n', [log]);
    const signature = other.slice(other.indexOf('\n\n') + 2);
    expect(refusalOf(NOTE + signature).faults[0]?.row).toBe(6);
    expect(openNote(NOTE + NOTE.slice(TEXT.length + 1), [log]).signers).toEqual([log]);
  });

  it('takes the signature of another name or another id as that of an unknown key', () => {
    expect(refusalOf(NOTE, [witness]).message).toContain(
      'none of its signatures is of a known key (1 known)',
    );
    expect(refusalOf(NOTE, [next]).message).toContain('none of its signatures');
    expect(refusalOf(NOTE, []).message).toContain('(0 known)');
  });

  it('does not open for two known keys that cannot be told apart', () => {
    const twin = { ...witness, name: log.name, id: log.id };
    expect(refusalOf(NOTE, [log, twin]).message).toContain(
      'two known keys are called `witan.example/log+a1b15e7e`',
    );
  });

  const signature = NOTE.slice(TEXT.length + 1);
  const short = Buffer.from('a1b15e7e', 'hex').toString('base64');
  it.each([
    ['nothing', '', 'an empty line before the signatures', undefined],
    ['a text without signatures', TEXT, 'an empty line before the signatures', undefined],
    ['no signature after the empty line', `${TEXT}\n`, 'signature lines that end with a line break', 5],
    ['no line break at the end', NOTE.slice(0, -1), 'signature lines that end with a line break', 5],
    ['a carriage return', NOTE.replace('\n0\n', '\r\n0\n'), 'without control characters', 1],
    ['a tab', NOTE.replace('\n0\n', '\n0\t\n'), 'without control characters', 2],
    ['half a surrogate pair', NOTE.replace('\n0\n', '\n\ud800\n'), 'without control characters', 2],
    ['a hyphen for the dash', NOTE.replace('— ', '- '), 'expected `— <key name> <base64>`', 5],
    ['no base64', NOTE.replace(/ [^ ]+\n$/, '\n'), 'expected `— <key name> <base64>`', 5],
    ['no name', NOTE.replace('— witan.example/log', '— '), 'expected `— <key name> <base64>`', 5],
    ['a plus in the name', NOTE.replace('— witan', '— wit+an'), 'expected `— <key name> <base64>`', 5],
    ['a space behind', NOTE.replace(/\n$/, ' \n'), 'expected `— <key name> <base64>`', 5],
    ['stray bits in base64', NOTE.replace('yQY=', 'yQZ='), 'expected `— <key name> <base64>`', 5],
    ['an id alone', `${TEXT}\n— ${log.name} ${short}\n`, "4 bytes of the key's id and a signature", 5],
    ['a text between signatures', `${NOTE}words\n`, 'expected `— <key name> <base64>`', 6],
    ['101 signatures', `${TEXT}\n${signature.repeat(101)}`, 'at most 100 signatures', 105],
    ['more than a mebibyte', `${'x'.repeat(NOTE_BYTES_MAX)}${NOTE}`, 'over 1048576 bytes', undefined],
  ])('is refused with %s', (_, note, message, row) => {
    const refusal = refusalOf(note);
    expect(refusal.message).toContain(message);
    expect(refusal.faults[0]?.row).toBe(row);
  });

  it('has at most 100 signatures, and as many open', () => {
    const keys = Array.from({ length: 101 }, (_, n) => signingKeyOf(`w${n}.example`, Buffer.alloc(32, n)));
    expect(openNote(signNote(TEXT, keys.slice(1)), keys).signers).toHaveLength(100);
    expect(() => signNote(TEXT, keys)).toThrow(RangeError);
  });

  it.each([
    ['no key', TEXT, []],
    ['no line break at the end', 'text', [log]],
    ['a control character', 'te\u0000xt\n', [log]],
    ['half a surrogate pair', 'te\udc00xt\n', [log]],
    ['a text over a mebibyte', `${'x'.repeat(NOTE_BYTES_MAX)}\n`, [log]],
  ])('is not made with %s', (_, text, keys) => {
    expect(() => signNote(text, keys)).toThrow(RangeError);
  });

  it('names those who signed it, whether they are known or not', () => {
    const named = [log, next, witness].map(({ name, id }) => `${name}+${hexOf(id)}`);
    expect(namedSigners(signNote(TEXT, [log, next, witness]))).toEqual(named);
    expect(namedSigners(NOTE)).toEqual(named.slice(0, 1));
    expect(() => namedSigners(TEXT)).toThrow('expected an empty line before the signatures');
  });
});
