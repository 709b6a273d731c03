import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WitanError } from '../errors.js';
import { openCheckpoint, readCheckpoint, signCheckpoint, writeCheckpoint } from './checkpoint.js';
import { EMPTY_ROOT, leafHash } from './merkle.js';
import { signingKeyOf } from './note-key.js';
import { signNote } from './signed-note.js';

const ORIGIN = 'witan.example/log';
const log = signingKeyOf(ORIGIN, Buffer.alloc(32, 7));
const witness = signingKeyOf('witness.example', Buffer.alloc(32, 9));
const root = leafHash(Buffer.from('record'));
const BASE64 = root.toString('base64');

describe('a checkpoint', () => {
  it('is three lines', () => {
    const text = writeCheckpoint({ origin: ORIGIN, size: 20852163, root });
    expect(text).toBe(`${ORIGIN}\n20852163\n${BASE64}\n`);
    expect(readCheckpoint(text)).toEqual({ origin: ORIGIN, size: 20852163, root });
  });

  it('comes back from its text and from its note', () => {
    const size = fc.oneof(fc.integer({ min: 1 }), fc.constant(Number.MAX_SAFE_INTEGER));
    const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
    fc.assert(
      fc.property(
        size,
        hash,
        fc.array(fc.base64String({ minLength: 4 }), { maxLength: 3 }),
        (n, drawn, lines) => {
          const checkpoint = {
            origin: ORIGIN,
            size: n,
            root: Buffer.from(drawn),
            ...(lines.length > 0 && { extensions: lines }),
          };
          expect(readCheckpoint(writeCheckpoint(checkpoint))).toEqual(checkpoint);
          expect(openCheckpoint(signCheckpoint(checkpoint, [log]), [log])).toEqual(checkpoint);
        },
      ),
      { numRuns: 50 },
    );
  });

  it.each([
    ['no text', '', undefined, 'expected a line break at the end'],
    ['no line break at the end', `${ORIGIN}\n1\n${BASE64}`, undefined, 'expected a line break at the end'],
    ['an empty origin', `\n1\n${BASE64}\n`, 1, 'expected the origin'],
    ['no size', `${ORIGIN}\n`, 2, 'expected the size'],
    ['a leading zero', `${ORIGIN}\n01\n${BASE64}\n`, 2, 'expected the size'],
    ['a sign', `${ORIGIN}\n+1\n${BASE64}\n`, 2, 'expected the size'],
    ['a negative size', `${ORIGIN}\n-1\n${BASE64}\n`, 2, 'expected the size'],
    ['a fraction', `${ORIGIN}\n1.0\n${BASE64}\n`, 2, 'expected the size'],
    ['an exponent', `${ORIGIN}\n1e3\n${BASE64}\n`, 2, 'expected the size'],
    ['a space', `${ORIGIN}\n1 \n${BASE64}\n`, 2, 'expected the size'],
    ['a size of 2^53', `${ORIGIN}\n9007199254740992\n${BASE64}\n`, 2, 'expected the size'],
    ['digits of another script', `${ORIGIN}\n١\n${BASE64}\n`, 2, 'expected the size'],
    ['no root', `${ORIGIN}\n1\n`, 3, 'expected the root'],
    ['a short root', `${ORIGIN}\n1\n${root.subarray(1).toString('base64')}\n`, 3, 'expected the root'],
    ['a root without padding', `${ORIGIN}\n1\n${BASE64.replace('=', '')}\n`, 3, 'expected the root'],
    [
      'a root as base64url',
      `${ORIGIN}\n1\n${Buffer.alloc(32, 255).toString('base64url')}=\n`,
      3,
      'expected the root',
    ],
    ['a root of an empty tree that is another', `${ORIGIN}\n0\n${BASE64}\n`, 3, 'the root of the empty tree'],
    ['an empty line', `${ORIGIN}\n1\n${BASE64}\nextension\n\n`, 5, 'expected no empty line'],
  ])('is refused with %s', (_, text, row, message) => {
    try {
      readCheckpoint(text);
    } catch (thrown) {
      expect(thrown).toMatchObject({ code: 'note_invalid', faults: [row === undefined ? {} : { row }] });
      expect((thrown as WitanError).message).toContain(message);
      return;
    }
    throw new Error('was read');
  });

  it.each([
    ['a fraction of a record', { size: 1.5 }],
    ['a short root', { root: Buffer.alloc(20) }],
    ['an empty origin', { origin: '' }],
    ['an origin of two lines', { origin: 'a\nb' }],
    ['an empty extension', { extensions: [''] }],
  ])('is not written with %s', (_, odd) => {
    expect(() => writeCheckpoint({ origin: ORIGIN, size: 1, root, ...odd })).toThrow(RangeError);
  });

  it('of the empty log has the root of the empty tree', () => {
    const note = signCheckpoint({ origin: ORIGIN, size: 0, root: EMPTY_ROOT }, [log]);
    expect(openCheckpoint(note, [log])).toEqual({ origin: ORIGIN, size: 0, root: EMPTY_ROOT });
  });

  it('does not hold on the word of a witness, or of another log', () => {
    const checkpoint = { origin: ORIGIN, size: 1, root };
    expect(openCheckpoint(signCheckpoint(checkpoint, [log, witness]), [log, witness])).toEqual(checkpoint);
    const witnessed = signCheckpoint(checkpoint, [witness]);
    expect(() => openCheckpoint(witnessed, [log, witness])).toThrow(
      'line 1: expected a signature of `witan.example/log` itself',
    );
  });

  it('is refused when the note says something else than a checkpoint', () => {
    expect(() => openCheckpoint(signNote('hello\n', [log]), [log])).toThrow('line 2: expected the size');
  });
});
