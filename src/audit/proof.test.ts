import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WitanError } from '../errors.js';
import { signCheckpoint } from './checkpoint.js';
import { inclusionProof, leafHash } from './merkle.js';
import { signingKeyOf } from './note-key.js';
import { readProof, verifyProof, writeProof } from './proof.js';
import { flipBits } from './testing/flip-bits.js';
import { readerOf, treeHash } from './testing/naive-tree.js';

const ORIGIN = 'witan.example/log';
const log = signingKeyOf(ORIGIN, Buffer.alloc(32, 7));
const other = signingKeyOf(ORIGIN, Buffer.alloc(32, 8));

function recordsOf(count: number): readonly Buffer[] {
  return Array.from({ length: count }, (_, n) => Buffer.from(`{"id":"record ${n}","sign":"✓"}`));
}

function proofOf(index: number, size: number): string {
  const records = recordsOf(size);
  const leaves = records.map(leafHash);
  return writeProof({
    record: records[index]!,
    index,
    hashes: inclusionProof(index, size, readerOf(leaves)),
    checkpoint: signCheckpoint({ origin: ORIGIN, size, root: treeHash(leaves) }, [log]),
  });
}

function refusalOf(text: string, known = [log]): WitanError {
  try {
    verifyProof(text, known);
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(WitanError);
    expect((thrown as WitanError).code).toBe('note_invalid');
    return thrown as WitanError;
  }
  throw new Error('was verified');
}

const PROOF = proofOf(4, 11);

describe('a proof file', () => {
  it('has the lines of C2SP tlog-proof', () => {
    const [format, extra, index, ...rest] = PROOF.split('\n');
    expect([format, index]).toEqual(['c2sp.org/tlog-proof@v1', 'index 4']);
    expect(extra).toBe(`extra ${recordsOf(5)[4]!.toString('base64')}`);
    expect(rest.slice(0, 4).every((line) => /^[A-Za-z0-9+/]{43}=$/.test(line))).toBe(true);
    expect(rest.slice(4, 7)).toEqual(['', ORIGIN, '11']);
  });

  it('proves every record of every tree', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 80 }), fc.nat(), (size, which) => {
        const index = which % size;
        const { record, index: proved, checkpoint } = verifyProof(proofOf(index, size), [log]);
        expect(record).toEqual(recordsOf(size)[index]);
        expect(proved).toBe(index);
        expect(checkpoint).toMatchObject({ origin: ORIGIN, size });
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    ['of a log of eleven records', PROOF],
    ['of a log of one record', proofOf(0, 1)],
    ['of the last record', proofOf(10, 11)],
  ])('does not hold with any one bit changed: %s', (_, text) => {
    expect(verifyProof(text, [log]).checkpoint.origin).toBe(ORIGIN);
    for (const { flipped, place } of flipBits(text)) {
      expect(() => verifyProof(flipped, [log]), place).toThrow(WitanError);
    }
  });

  it('does not hold with any one line left out or written twice', () => {
    const lines = PROOF.split('\n');
    for (const at of lines.keys()) {
      if (lines[at] === '' && at === lines.length - 1) continue;
      expect(() => verifyProof(lines.toSpliced(at, 1).join('\n'), [log]), `line ${at + 1}`).toThrow(
        WitanError,
      );
      // A signature that stands there twice is verified twice.
      if (lines[at]?.startsWith('— ') === true) continue;
      expect(
        () => verifyProof(lines.toSpliced(at, 0, lines[at]!).join('\n'), [log]),
        `line ${at + 1}`,
      ).toThrow(WitanError);
    }
  });

  it('is read without being verified', () => {
    const proof = readProof(PROOF.replace('index 4', 'index 5'));
    expect(proof).toMatchObject({ index: 5, record: recordsOf(5)[4] });
    expect(proof.hashes).toHaveLength(4);
    expect(PROOF.endsWith(proof.checkpoint)).toBe(true);
  });

  it('of another application may have no record in it, and then proves none', () => {
    const bare = PROOF.replace(/extra .*\n/, '');
    expect(readProof(bare)).not.toHaveProperty('record');
    expect(refusalOf(bare).message).toBe('the proof: line 2: expected `extra` with the record');
  });

  it.each([
    ['the version', PROOF.replace('@v1', '@v2'), 1, 'expected `c2sp.org/tlog-proof@v1`'],
    ['the record', PROOF.replace('extra e', 'extra f'), 2, 'do not lead to the root'],
    ['base64 of the record', PROOF.replace('extra ', 'extra  '), 2, 'expected base64'],
    ['no record', PROOF.replace(/extra .*\n/, 'extra \n'), 2, 'expected base64'],
    ['the index', PROOF.replace('index 4', 'index 5'), 2, 'do not lead to the root'],
    [
      'an index beyond the log',
      PROOF.replace('index 4', 'index 11'),
      3,
      'the log of 11 records has no index 11',
    ],
    ['an index with a zero before it', PROOF.replace('index 4', 'index 04'), 3, 'expected `index`'],
    ['an index of 2^53', PROOF.replace('index 4', 'index 9007199254740992'), 3, 'expected `index`'],
    ['no index', PROOF.replace('index 4\n', ''), 3, 'expected `index`'],
    ['a hash', PROOF.replace(/(index 4\n.*\n)./, '$1!'), 5, 'expected a hash of 32 bytes'],
    [
      '54 hashes',
      PROOF.replace('index 4\n', `index 4\n${`${'A'.repeat(43)}=\n`.repeat(54)}`),
      57,
      'at most 53',
    ],
    ['the size of the log', PROOF.replace('\n11\n', '\n12\n'), 13, 'is not valid'],
    ['no empty line', PROOF.replaceAll('\n\n', '\n'), undefined, 'an empty line before the checkpoint'],
    ['no checkpoint', PROOF.slice(0, PROOF.indexOf('\n\n') + 2), 9, 'the checkpoint does not hold'],
    ['more than 32 MiB', PROOF + 'x'.repeat(2 ** 25), undefined, 'it is over'],
  ])('says at which line it does not hold: %s', (_, text, row, message) => {
    const refusal = refusalOf(text);
    expect(refusal.message).toContain(message);
    expect(refusal.faults).toEqual([{ ...(row !== undefined && { row }), message: expect.any(String) }]);
  });

  it('does not hold for the key of another log', () => {
    const refusal = refusalOf(PROOF, [other]);
    expect(refusal.message).toContain(
      'the checkpoint does not hold: none of its signatures is of a known key',
    );
    expect(refusal.faults[0]?.row).toBe(13);
  });

  it.each([
    ['an empty record', { record: Buffer.alloc(0) }],
    ['a negative index', { index: -1 }],
    ['a short hash', { hashes: [Buffer.alloc(31)] }],
    ['too many hashes', { hashes: Array.from({ length: 54 }, () => Buffer.alloc(32)) }],
  ])('is not written with %s', (_, odd) => {
    const whole = { record: Buffer.of(1), index: 0, hashes: [], checkpoint: '' };
    expect(() => writeProof({ ...whole, ...odd })).toThrow(RangeError);
  });
});
