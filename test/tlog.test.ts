import fc from 'fast-check';
import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { signingKeyOf } from '../src/audit/note-key.js';
import { bytesOf, sampleRecord } from '../src/store/testing/sample-records.js';
import { temporaryFolder } from './service.js';
import { goIsMissing, verifyLogFolder } from './tlog/verify-log-folder.js';
import { writeLogFolder, type LogContents } from './tlog/write-log-folder.js';

const key = signingKeyOf('witan.example/log', Buffer.alloc(32, 7));
const nextKey = signingKeyOf('witan.example/log', Buffer.alloc(32, 8));
const otherKey = signingKeyOf('other.example/log', Buffer.alloc(32, 9));

function recordsOf(count: number): readonly Buffer[] {
  return Array.from({ length: count }, (_, n) => bytesOf(sampleRecord(n)));
}

/** A folder of a log; what a case changes, it changes in a folder of its own. */
function folderOf(count: number, changed: Partial<LogContents> = {}): string {
  const folder = temporaryFolder();
  writeLogFolder(folder, { keys: [key], records: recordsOf(count), ...changed });
  return folder;
}

function filesOf(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

function copyOf(folder: string): string {
  const copy = temporaryFolder();
  cpSync(folder, copy, { recursive: true });
  return copy;
}

function change(folder: string, file: string, at: number, mask: number): void {
  const bytes = readFileSync(join(folder, file));
  bytes[at < 0 ? bytes.length + at : at]! ^= mask;
  writeFileSync(join(folder, file), bytes);
}

describe.skipIf(goIsMissing)("what Go's own code says of a log (skipped without Go)", () => {
  it.each([
    [0, undefined, []],
    [1, 1, [0]],
    [2, 1, [0, 1]],
    [255, 128, [0, 127, 128, 254]],
    [256, 255, [0, 254, 255]],
    [257, 256, [0, 255, 256]],
    [70_000, 65_537, [0, 65_535, 65_536, 69_999]],
  ])('a log of %d records verifies, and the one of %s before it', (count, olderSize, proved) => {
    const folder = folderOf(count, { proved, ...(olderSize !== undefined && { olderSize }) });
    const { code, stdout, stderr } = verifyLogFolder(folder);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const inProofs = proved.map((index) => {
      const size = olderSize !== undefined && index < olderSize ? olderSize : count;
      return `${index}.tlog-proof: record ${index} is in the log of ${size}`;
    });
    const older =
      olderSize === undefined
        ? []
        : [`older-checkpoint: its ${olderSize} records are the first of the ${count}`];
    rmSync(folder, { recursive: true });
    expect(stdout.trim().split('\n')).toEqual([
      `checkpoint: witan.example/log, ${count} records, signed`,
      'tiles: they have the root of the checkpoint',
      `entries: ${count} records have the hashes of the tiles`,
      ...older,
      ...inProofs.sort(),
    ]);
  });

  it('a log whose key changed verifies with the old key, the new one, or both', () => {
    const folder = folderOf(5, { keys: [nextKey, key], olderSize: 3, proved: [4] });
    const [nextLine, line] = readFileSync(join(folder, 'vkey'), 'utf8').split('\n');
    for (const known of [`${line}\n`, `${nextLine}\n`, `${line}\n${nextLine}\n`]) {
      writeFileSync(join(folder, 'vkey'), known);
      expect(verifyLogFolder(folder)).toMatchObject({ code: 0, stderr: '' });
    }
  });

  const whole = folderOf(300, { olderSize: 257, proved: [0, 299] });

  it.each([
    ['the name in the key', 'vkey', 0, 'vkey'],
    ['the key itself', 'vkey', -2, 'vkey'],
    ['the origin', 'checkpoint', 0, 'invalid signature'],
    ['the size', 'checkpoint', 18, 'invalid signature'],
    ['the root', 'checkpoint', 30, 'invalid signature'],
    ['the name that signs', 'checkpoint', 75, 'no verifiable signatures'],
    ['the signature', 'checkpoint', -20, 'invalid signature'],
    ['the older checkpoint', 'older-checkpoint', 18, 'older-checkpoint: invalid signature'],
    ['the first leaf', 'tile/0/000', 0, 'inconsistent tile'],
    ['the last leaf of a full tile', 'tile/0/000', -1, 'inconsistent tile'],
    ['a leaf of the partial tile', 'tile/0/001.p/44', 0, 'inconsistent tile'],
    ['the hash of a tile', 'tile/1/000.p/1', 0, 'inconsistent tile'],
    ['the length of a record', 'tile/entries/000', 0, 'tile/entries/000: '],
    ['a record', 'tile/entries/000', 2, 'tile/entries/000: record 0 has another hash'],
    ['the last record', 'tile/entries/001.p/44', -1, 'record 299 has another hash'],
    ['the version of a proof', '0.tlog-proof', 21, '0.tlog-proof: no proof of version 1'],
    ['the record of a proof', '0.tlog-proof', 40, '0.tlog-proof: invalid transparency proof'],
    ['the checkpoint of a proof', '299.tlog-proof', -20, '299.tlog-proof: invalid signature'],
  ])('one bit changed in %s is found', (_, file, at, reason) => {
    const folder = copyOf(whole);
    change(folder, file, at, 1);
    const { code, stderr } = verifyLogFolder(folder);
    expect(code).toBe(1);
    expect(stderr).toContain(reason);
  });

  it('one byte changed anywhere is found', () => {
    const files = filesOf(whole);
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.integer({ min: 1, max: 255 }), (which, where, mask) => {
        const file = files[which % files.length]!;
        const folder = copyOf(whole);
        change(folder, file, where % readFileSync(join(folder, file)).length, mask);
        expect(verifyLogFolder(folder).code).toBe(1);
        rmSync(folder, { recursive: true });
      }),
      { numRuns: 100 },
    );
  });

  it.each([
    [
      'base64 has a stray bit at its end',
      (folder: string) => {
        const path = join(folder, 'checkpoint');
        const text = readFileSync(path, 'utf8');
        const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
        writeFileSync(
          path,
          text.replace(/.(?==\n$)/, (digit) => digits.charAt(digits.indexOf(digit) + 1)),
        );
      },
      'checkpoint: signature of witan.example/log: illegal base64',
    ],
    [
      'a tile is missing',
      (folder: string) => {
        rmSync(join(folder, 'tile/0/000'));
      },
      'no such file',
    ],
    [
      'a bundle is missing',
      (folder: string) => {
        rmSync(join(folder, 'tile/entries/000'));
      },
      'no such file',
    ],
    [
      'a tile is cut short',
      (folder: string) => {
        writeFileSync(join(folder, 'tile/0/001.p/44'), '');
      },
      '0 bytes instead of 1408',
    ],
    [
      'a bundle has a record more',
      (folder: string) => {
        const path = join(folder, 'tile/entries/001.p/44');
        writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.from([0, 1, 1])]));
      },
      '45 records instead of 44',
    ],
    [
      'a file is there that nothing vouches for',
      (folder: string) => {
        mkdirSync(join(folder, 'tile/2/000.p'), { recursive: true });
        writeFileSync(join(folder, 'tile/2/000.p/1'), Buffer.alloc(32));
      },
      'tile/2/000.p/1: it is no part of the log',
    ],
    [
      'the older checkpoint is the newer',
      (folder: string) => {
        renameSync(join(folder, 'older-checkpoint'), join(folder, 'aside'));
        renameSync(join(folder, 'checkpoint'), join(folder, 'older-checkpoint'));
        renameSync(join(folder, 'aside'), join(folder, 'checkpoint'));
      },
      'no such file',
    ],
    [
      'the key is of another log',
      (folder: string) => {
        writeLogFolder(join(folder, 'other'), { keys: [otherKey], records: [] });
        renameSync(join(folder, 'other/vkey'), join(folder, 'vkey'));
      },
      'no verifiable signatures',
    ],
    [
      'the older log had another record',
      (folder: string) => {
        const records = [...recordsOf(300)];
        records[7] = bytesOf(sampleRecord(7, { decision: false }));
        writeLogFolder(join(folder, 'other'), { keys: [key], records, olderSize: 257 });
        renameSync(join(folder, 'other/older-checkpoint'), join(folder, 'older-checkpoint'));
      },
      'older-checkpoint: ',
    ],
    [
      'a proof is of a log that went another way',
      (folder: string) => {
        const records = [...recordsOf(300)];
        records[299] = bytesOf(sampleRecord(7));
        writeLogFolder(join(folder, 'other'), { keys: [key], records, proved: [299] });
        renameSync(join(folder, 'other/299.tlog-proof'), join(folder, '299.tlog-proof'));
      },
      '299.tlog-proof: ',
    ],
  ])('it is found when %s', (_, falsify, reason) => {
    const folder = copyOf(whole);
    falsify(folder);
    const { code, stderr } = verifyLogFolder(folder);
    expect(code).toBe(1);
    expect(stderr).toContain(reason);
  });
});
