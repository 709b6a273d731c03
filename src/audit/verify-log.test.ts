import Database from 'better-sqlite3';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openLogSource } from '../store/sqlite/log/open-log-source.js';
import { openStore } from '../store/sqlite/open-store.js';
import { forgeTree } from '../store/testing/forge-log.js';
import { growLog, isMasked, namesMetadata, sampleBundle } from '../store/testing/sample-log.js';
import { sampleRecord } from '../store/testing/sample-records.js';
import { signCheckpoint } from './checkpoint.js';
import { readSigningKey, readVerifierKey, signingKeyOf, writeVerifierKey } from './note-key.js';
import type { SigningKey, VerifierKey } from './note-key.js';
import type { SignedCheckpoint } from './tree.js';
import { verifyLog, type LogVerification, type VerifyLogOptions } from './verify-log.js';

interface Log {
  readonly file: string;
  readonly size: number;
  /** Everything that was signed while it grew. */
  readonly notes: readonly SignedCheckpoint[];
  readonly key: SigningKey;
}

const parent = mkdtempSync(join(tmpdir(), 'witan-verify-'));
afterAll(() => {
  rmSync(parent, { recursive: true, force: true });
});

async function makeLog(sizes: readonly number[]): Promise<Log> {
  const dataDir = mkdtempSync(join(parent, 'log-'));
  const store = await openStore({ dataDir, queueEntriesMax: 100_000 });
  const notes: SignedCheckpoint[] = [];
  let size = 0;
  for (const next of sizes) {
    await growLog(store, size, next);
    notes.push(await store.tree.seal(next));
    size = next;
  }
  await store.close();
  const key = readSigningKey(readFileSync(join(dataDir, 'log-key'), 'utf8').trim());
  return { file: join(dataDir, 'witan.db'), size, notes, key };
}

const otherKey = signingKeyOf('witan/other', Buffer.alloc(32, 3));

function verifyFile(file: string, options: Partial<VerifyLogOptions> = {}): LogVerification {
  const source = openLogSource(file);
  try {
    return verifyLog(source, { trusted: [], older: [], ...options });
  } finally {
    source.close();
  }
}

let copies = 0;
/** What verifying a copy says that was tampered with, in one transaction. */
function verifyTampered(
  log: Pick<Log, 'file'>,
  tamper: (db: Database.Database) => void,
  options: Partial<VerifyLogOptions> = {},
): LogVerification {
  const file = join(parent, `copy-${(copies += 1)}.db`);
  copyFileSync(log.file, file);
  const db = new Database(file);
  db.pragma('journal_mode = MEMORY');
  db.pragma('synchronous = OFF');
  try {
    db.transaction(() => {
      tamper(db);
    })();
    db.close();
    return verifyFile(file, options);
  } finally {
    db.close();
    rmSync(file, { force: true });
  }
}

const olderOf = ({ notes }: Log): VerifyLogOptions['older'] =>
  notes.map(({ size, note }) => ({ name: `${size}.checkpoint`, note }));

/** Moves a stretch of records, with all that stands beside them, by as much. */
function move(db: Database.Database, from: number, by: number): void {
  for (const table of ['records', 'masked_values']) {
    db.prepare(`UPDATE ${table} SET sequence = -1 - sequence WHERE sequence >= ?`).run(from);
    db.prepare(`UPDATE ${table} SET sequence = -1 - sequence + ? WHERE sequence < 0`).run(by);
  }
}

const insert = (db: Database.Database, sequence: number, record = sampleRecord(900_000)): void => {
  db.prepare('INSERT INTO records (sequence, id, body) VALUES (?, ?, ?)').run(
    sequence,
    record.id,
    Buffer.from(JSON.stringify(record)),
  );
};

let logs: ReadonlyMap<number, Log>;
let log: Log;
beforeAll(async () => {
  const made = await Promise.all([[0], [1], [1, 5], [7, 256, 300], [100, 256, 511, 512, 700]].map(makeLog));
  logs = new Map(made.map((each) => [each.size, each]));
  log = made[4]!;
});

describe('a log that nobody touched', () => {
  test.each([0, 1, 5, 300, 700])('of %d records is verified, with every checkpoint of it', (size) => {
    const untouched = logs.get(size)!;
    const options = { older: olderOf(untouched) };
    // The log without records has no key on record either.
    const own = verifyFile(untouched.file, size === 0 ? { trusted: [untouched.key] } : options);
    expect(own.faults).toEqual([]);
    expect(own).toMatchObject({ records: size, sealed: size, minimum_index: 0, checkpoints: 1 });
    expect(own.root).toBe(untouched.notes.at(-1)!.root.toString('base64'));
    const known = verifyFile(untouched.file, { ...options, trusted: [untouched.key] });
    expect(known.faults).toEqual([]);
    expect(known.keys).toEqual([writeVerifierKey(untouched.key)]);
  });

  test('verifies at any moment while it grows', async () => {
    const dataDir = mkdtempSync(join(parent, 'live-'));
    const store = await openStore({ dataDir, queueEntriesMax: 10_000 });
    const notes: { readonly name: string; readonly note: string }[] = [];
    for (let size = 0, round = 0; round < 12; round += 1) {
      const growing = growLog(store, size, size + 90);
      const { faults, records } = verifyFile(join(dataDir, 'witan.db'), { older: notes });
      // Before the first checkpoint nothing vouches for it.
      if (notes.length > 0) expect(faults).toEqual([]);
      expect(records).toBeGreaterThanOrEqual(size);
      await growing;
      size += 90;
      if (round % 2 === 0) notes.push({ name: String(round), note: (await store.tree.seal(size)).note });
    }
    await store.close();
    expect(verifyFile(join(dataDir, 'witan.db'), { older: notes })).toMatchObject({
      faults: [],
      sealed: 1080,
    });
  });

  test('whose last records have no checkpoint yet says so', () => {
    const found = verifyTampered(log, (db) => {
      insert(db, 700);
    });
    expect(found).toMatchObject({ faults: [], records: 701, sealed: 700 });
  });
});

const sequence = fc.nat({ max: 699 });

describe('a record that was changed is named', () => {
  test('whichever bit of whichever record', () => {
    fc.assert(
      fc.property(sequence, fc.nat(), fc.nat({ max: 7 }), (at, where, bit) => {
        const { faults } = verifyTampered(log, (db) => {
          const body = db.prepare('SELECT body FROM records WHERE sequence = ?').pluck().get(at) as Buffer;
          body[where % body.length]! ^= 1 << bit;
          db.prepare('UPDATE records SET body = ? WHERE sequence = ?').run(body, at);
        });
        expect(faults[0]).toMatchObject({
          sequence: at,
          message: 'it is not the record that the tree has the hash of',
        });
      }),
      { numRuns: 40 },
    );
  });

  test('when only the id beside it was', () => {
    fc.assert(
      fc.property(sequence, (at) => {
        const { faults } = verifyTampered(log, (db) => {
          db.prepare("UPDATE records SET id = 'another' WHERE sequence = ?").run(at);
        });
        expect(faults).toMatchObject([
          { sequence: at, id: 'another', message: expect.stringContaining('is stored under') },
        ]);
      }),
      { numRuns: 10 },
    );
  });

  test('when it was removed', () => {
    fc.assert(
      fc.property(sequence, (at) => {
        const { faults } = verifyTampered(log, (db) => {
          db.prepare('DELETE FROM records WHERE sequence = ?').run(at);
          db.prepare('DELETE FROM masked_values WHERE sequence = ?').run(at);
        });
        expect(faults[0]).toMatchObject({ sequence: at, message: expect.stringContaining('it is missing') });
      }),
      { numRuns: 15, examples: [[0], [255], [256], [699]] },
    );
  });

  test('when those after it were moved up into its place', () => {
    fc.assert(
      fc.property(sequence, (at) => {
        const { faults } = verifyTampered(log, (db) => {
          db.prepare('DELETE FROM records WHERE sequence = ?').run(at);
          db.prepare('DELETE FROM masked_values WHERE sequence = ?').run(at);
          move(db, at + 1, -1);
        });
        expect(Math.min(...faults.flatMap(({ sequence: bad }) => bad ?? []))).toBe(at);
      }),
      { numRuns: 15, examples: [[0], [699]] },
    );
  });

  test('when one was added before it', () => {
    fc.assert(
      fc.property(sequence, (at) => {
        const { faults } = verifyTampered(log, (db) => {
          move(db, at, 1);
          insert(db, at);
        });
        expect(faults[0]).toMatchObject({ sequence: at });
      }),
      { numRuns: 15, examples: [[0], [699]] },
    );
  });

  test('when it changed places with another', () => {
    fc.assert(
      fc.property(sequence, fc.integer({ min: 1, max: 699 }), (one, distance) => {
        const other = (one + distance) % 700;
        const { faults } = verifyTampered(log, (db) => {
          const set = db.prepare('UPDATE records SET sequence = ? WHERE sequence = ?');
          set.run(10_000, one);
          set.run(one, other);
          set.run(other, 10_000);
        });
        const bad = faults.flatMap(({ sequence: at }) => at ?? []);
        expect(Math.min(...bad)).toBe(Math.min(one, other));
        expect(bad).toContain(Math.max(one, other));
      }),
      { numRuns: 15 },
    );
  });

  test('when all from it on are gone, and the tree and all checkpoints after it with them', () => {
    const { faults } = verifyTampered(
      log,
      (db) => {
        db.exec('DELETE FROM records WHERE sequence >= 600; DELETE FROM masked_values WHERE sequence >= 600');
        forgeTree(db, [log.key]);
      },
      { older: olderOf(log) },
    );
    expect(faults).toEqual([
      {
        sequence: 600,
        message:
          'it is missing: the log ends after 600 records, but the checkpoint `700.checkpoint` was signed for 700',
      },
    ]);
  });
});

describe('a tail that was written anew', () => {
  const rewrite =
    (from: number, keys: readonly SigningKey[]) =>
    (db: Database.Database): void => {
      db.prepare(
        `UPDATE records SET body = CAST(replace(body, '"decision":true', '"decision":false') AS BLOB) WHERE sequence >= ?`,
      ).run(from);
      forgeTree(db, keys);
    };

  test('and signed with the very key does not extend an older checkpoint, which names the stretch', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.integer({ min: 2, max: 690 }), fc.constantFrom(98, 99, 254, 255, 509, 510)),
        (from) => {
          const { faults, records } = verifyTampered(log, rewrite(from, [log.key]), { older: olderOf(log) });
          expect(records).toBe(700);
          // Every third decision is a denial already, and is not changed.
          const changed = from % 3 === 0 ? from + 1 : from;
          const first = log.notes.findIndex(({ size }) => size > changed);
          const agreed = first > 0 ? log.notes[first - 1]!.size : 0;
          const { size } = log.notes[first]!;
          const told = faults.find(({ message }) => message.includes(`${size}.checkpoint`));
          expect(told?.message).toContain(
            size - agreed === 1
              ? `record ${agreed} changed`
              : `something among records ${agreed} to ${size - 1}`,
          );
        },
      ),
      { numRuns: 12 },
    );
  });

  test('and signed with the very key is not found without an older checkpoint: that is what they are for', () => {
    expect(verifyTampered(log, rewrite(300, [log.key])).faults).toEqual([]);
  });

  const putOn = (db: Database.Database, key: VerifierKey): void => {
    db.prepare('INSERT INTO log_keys (vkey) VALUES (?)').run(writeVerifierKey(key));
  };

  test('and signed with a key that was put into the log is found by whoever knows the true one', () => {
    const forge = (db: Database.Database): void => {
      rewrite(300, [otherKey])(db);
      putOn(db, otherKey);
    };
    const { faults, sealed } = verifyTampered(log, forge, { trusted: [log.key] });
    expect(faults).toEqual([{ message: 'no checkpoint of the log is signed by a key that is trusted' }]);
    expect(sealed).toBe(0);
  });

  test('with a record that says that the key took over, which the true key never sealed', () => {
    const forge = (db: Database.Database): void => {
      const { id, time } = sampleRecord(900_000);
      const vkey = writeVerifierKey(otherKey);
      const record = { id, time, kind: 'key', vkey, previous: writeVerifierKey(log.key) };
      insert(db, 700, record as unknown as ReturnType<typeof sampleRecord>);
      putOn(db, otherKey);
      const kept = db.prepare('SELECT size, note FROM checkpoints').get() as { size: number; note: string };
      forgeTree(db, [otherKey]);
      // The last true checkpoint stays, and vouches for the records before.
      db.prepare('INSERT INTO checkpoints (size, note) VALUES (?, ?)').run(kept.size, kept.note);
    };
    const found = verifyTampered(log, forge, { trusted: [log.key] });
    expect(found).toMatchObject({ sealed: 700, keys: [writeVerifierKey(log.key)] });
    expect(found.faults).toEqual([
      { message: 'the checkpoint of 701 records is not signed by a key that is trusted' },
    ]);
  });

  test('a key that the true one sealed with is trusted from there on', () => {
    const handOver = (db: Database.Database): void => {
      const { id, time } = sampleRecord(900_000);
      const vkey = writeVerifierKey(otherKey);
      const record = { id, time, kind: 'key', vkey, previous: writeVerifierKey(log.key) };
      insert(db, 700, record as unknown as ReturnType<typeof sampleRecord>);
      putOn(db, otherKey);
      const renamed = signingKeyOf(log.key.name, Buffer.alloc(32, 3));
      expect(renamed.name).not.toBe(otherKey.name);
      forgeTree(db, [log.key, otherKey]);
      const both = db.prepare('SELECT note FROM checkpoints').pluck().get() as string;
      insert(db, 701, sampleRecord(900_001));
      forgeTree(db, [otherKey]);
      db.prepare('INSERT INTO checkpoints (size, note) VALUES (701, ?)').run(both);
    };
    const found = verifyTampered(log, handOver, { trusted: [log.key] });
    expect(found).toMatchObject({ faults: [], sealed: 702 });
    expect(found.keys).toEqual([log.key, otherKey].map(writeVerifierKey));
  });
});

describe('the tree and its checkpoints', () => {
  test('a bit of any tile that was changed is found', () => {
    fc.assert(
      fc.property(fc.nat({ max: 3 }), fc.nat(), (which, where) => {
        const { faults } = verifyTampered(log, (db) => {
          const [level, tile] = which === 3 ? [1, 0] : [0, which];
          const hashes = db
            .prepare('SELECT hashes FROM tiles WHERE level = ? AND tile = ?')
            .pluck()
            .get(level, tile) as Buffer;
          hashes[where % hashes.length]! ^= 1;
          db.prepare('UPDATE tiles SET hashes = ? WHERE level = ? AND tile = ?').run(hashes, level, tile);
          if (level === 0) {
            const at = tile * 256 + Math.floor((where % hashes.length) / 32);
            expect(at).toBeLessThan(700);
          }
        });
        if (which === 3) expect(faults[0]?.message).toMatch(/^tile 0 of level 1 has hashes that/);
        else
          expect(faults).toMatchObject([{ message: 'it is not the record that the tree has the hash of' }]);
      }),
      { numRuns: 20 },
    );
  });

  test.each([
    [
      'a tile of leaves is gone',
      'DELETE FROM tiles WHERE level = 0 AND tile = 1',
      /^tile 1 of level 0 has 0 hashes, .* 256/,
    ],
    [
      'a tile above them is gone',
      'DELETE FROM tiles WHERE level = 1',
      /^tile 0 of level 1 has 0 hashes, .* 2 in/,
    ],
    ['all tiles are gone', 'DELETE FROM tiles', /^tile 0 of level 0 has 0 hashes/],
    [
      'a tile lacks a hash',
      'UPDATE tiles SET hashes = substr(hashes, 1, 187 * 32) WHERE level = 0 AND tile = 2',
      /^tile 2 of level 0 has 187 hashes, .* 188/,
    ],
    [
      'a tile has a hash more',
      'UPDATE tiles SET hashes = CAST(hashes || substr(hashes, 1, 32) AS BLOB) WHERE level = 1',
      /^tile 0 of level 1 has 3 hashes/,
    ],
    ['the last checkpoint is gone', 'DELETE FROM checkpoints', /^tile 0 of level 0 has 256 hashes, .* 0 in/],
    [
      'the note was changed',
      "UPDATE checkpoints SET note = replace(note, char(10) || '700' || char(10), char(10) || '699' || char(10))",
      /^the checkpoint that is stored for 700 records does not hold: the signed note: line 5: the signature of .* is not valid/,
    ],
    [
      'the note stands for another size',
      'UPDATE checkpoints SET size = 600',
      /^the checkpoint that is stored for 600 records does not hold: it is of 700 records/,
    ],
    [
      'the note is none',
      "UPDATE checkpoints SET note = ''",
      /does not hold: the signed note: expected an empty line/,
    ],
    [
      'the note is enormous',
      "UPDATE checkpoints SET note = replace(hex(zeroblob(2000000)), '0', 'a')",
      /does not hold: the signed note: it is over 1048576 bytes/,
    ],
    ['no key is on record', 'DELETE FROM log_keys', /none of its signatures is of a known key/],
    [
      'a key on record is none',
      "INSERT INTO log_keys (vkey) VALUES ('key')",
      /^the key `key` on record is none/,
    ],
    [
      'everything is gone but the key',
      'DELETE FROM records; DELETE FROM tiles; DELETE FROM checkpoints; DELETE FROM masked_values',
      /^the log has keys, and no record/,
    ],
    [
      'the beginning was pruned, which no record says',
      'DELETE FROM records WHERE sequence < 300; DELETE FROM masked_values WHERE sequence < 300; UPDATE log_bounds SET minimum_index = 300',
      /^the log begins at record 300, but its records say that it was pruned up to 0$/,
    ],
    [
      'all was pruned, which no record says',
      'UPDATE log_bounds SET minimum_index = 700',
      /^the log begins at record 700, but/,
    ],
  ])('it is found when %s', (_, sql, message) => {
    const { faults } = verifyTampered(log, (db) => db.exec(sql));
    expect(faults.map(({ message: each }) => each).find((each) => message.test(each))).toBeDefined();
  });

  test('an older checkpoint that is signed by no known key, or is none, is refused', () => {
    const { notes } = log;
    const foreign = signCheckpoint({ origin: otherKey.name, size: 7, root: notes[0]!.root }, [otherKey]);
    for (const note of [foreign, '', notes[0]!.note.slice(0, -1)]) {
      expect(() => verifyFile(log.file, { older: [{ name: 'kept', note }] })).toThrow(
        expect.objectContaining({ code: 'note_invalid', message: expect.stringMatching(/^`kept`: /) }),
      );
    }
  });

  test('an older checkpoint that another key of the log signed is not believed by who knows one alone', () => {
    const forge = (db: Database.Database): void => {
      db.prepare('INSERT INTO log_keys (vkey) VALUES (?)').run(writeVerifierKey(otherKey));
    };
    const { root } = log.notes[0]!;
    const note = signCheckpoint({ origin: otherKey.name, size: 100, root }, [otherKey]);
    const { faults } = verifyTampered(log, forge, { trusted: [log.key], older: [{ name: 'kept', note }] });
    expect(faults).toEqual([{ message: 'the checkpoint `kept` is not signed by a key that is trusted' }]);
  });

  test('two checkpoints of one size that differ do not both hold', () => {
    const root = Buffer.alloc(32, 1);
    const note = signCheckpoint({ origin: log.key.name, size: 700, root }, [log.key]);
    const older = [...olderOf(log), { name: 'other', note }];
    const { faults } = verifyFile(log.file, { older });
    expect(faults).toEqual([
      { message: 'the checkpoint `other` was signed for another log: the records changed since' },
    ]);
  });

  test('of a published checkpoint that does not hold it is said', () => {
    expect(verifyFile(log.file, { published: log.notes[2]!.note }).faults).toEqual([]);
    expect(verifyFile(log.file, { published: 'nothing' }).faults).toMatchObject([
      { message: expect.stringMatching(/^the checkpoint that was published does not hold: /) },
    ]);
  });
});

describe('what stands beside the records', () => {
  test('a masked value, its salt or its place that was changed, removed or added is found', () => {
    const masked = fc.nat({ max: 68 }).map((n) => n * 10 + 5);
    fc.assert(
      fc.property(
        masked,
        fc.constantFrom(
          ['UPDATE masked_values SET value = \'"Bern"\'', /is not the one that it commits to$/],
          ["UPDATE masked_values SET salt = x'00'", /is not the one that it commits to$/],
          ['DELETE FROM masked_values', /is gone, and no record says that it was erased$/],
          ["UPDATE masked_values SET pointer = '/context'", /^a value is kept for `\/context`|is gone/],
          ['UPDATE masked_values SET sequence = 2', /^a value is kept for|is gone/],
        ),
        (at, [sql, message]) => {
          expect(isMasked(at)).toBe(true);
          const { faults } = verifyTampered(log, (db) => {
            db.prepare(`${sql} WHERE sequence = ? AND pointer = '/subject/id'`).run(at);
          });
          expect(faults.length).toBeGreaterThan(0);
          for (const fault of faults) {
            expect([at, 2]).toContain(fault.sequence);
            expect(fault.message).toMatch(message);
          }
        },
      ),
      { numRuns: 25 },
    );
  });

  test.each([
    [
      'a document was changed',
      "UPDATE documents SET body = replace(body, 'Product', 'Produce')",
      /^the metadata `sha256:.*` that it names has another content: sha256:/,
    ],
    [
      'a document is none',
      "UPDATE documents SET body = 'null'",
      /has another content: one that cannot be read$/,
    ],
    ['a document is gone', 'DELETE FROM documents', /^the metadata .* is not in the store$/],
    [
      'a bundle was changed',
      "UPDATE bundles SET files = replace(files, '30', '31')",
      /^the bundle `sha256:.*` that it names has another content/,
    ],
    ['a bundle is gone', 'DELETE FROM bundles', /^the bundle .* is not in the store$/],
  ])('it is found when %s', (_, sql, message) => {
    const { faults } = verifyTampered(log, (db) => db.exec(sql));
    const first = sql.includes('bundles')
      ? 1
      : Array.from({ length: 20 }, (_each, n) => n).find(namesMetadata);
    expect(faults[0]).toMatchObject({ sequence: first, message: expect.stringMatching(message) });
    expect(sampleBundle.digest).toMatch(/^sha256:/);
  });

  test('what a record says was erased may be gone, and only that, and must be gone', async () => {
    const dataDir = mkdtempSync(join(parent, 'erased-'));
    const store = await openStore({ dataDir, queueEntriesMax: 1000 });
    await growLog(store, 0, 20);
    const { id, time } = sampleRecord(20);
    const pointers = ['/subject/id'];
    await store.audit.append({
      record: {
        id,
        time,
        caller: { id: 'operator', roles: [] },
        revision: 0,
        kind: 'erasure',
        reason: 'asked for',
        records: [{ id: sampleRecord(5).id, sequence: 5, pointers }],
      },
      changes: [{ kind: 'erase_values', sequence: 5, pointers }],
    });
    await store.close();
    const file = join(dataDir, 'witan.db');
    expect(verifyFile(file).faults).toEqual([]);
    const gone = verifyTampered({ file }, (db) => db.exec('DELETE FROM masked_values WHERE sequence = 5'));
    expect(gone.faults).toMatchObject([
      { sequence: 5, message: expect.stringContaining('/properties/town') },
    ]);
    for (const change of ['erased = 0', `value = '"Bern"'`, "salt = x'01'"]) {
      const kept = verifyTampered({ file }, (db) =>
        db.exec(`UPDATE masked_values SET ${change} WHERE sequence = 5 AND pointer = '/subject/id'`),
      );
      expect(kept.faults).toContainEqual({
        sequence: 20,
        id,
        message: 'it erased the value of record 5 at `/subject/id`, which is kept',
      });
    }
  });

  test('legal holds are those that the records placed and did not release', async () => {
    const dataDir = mkdtempSync(join(parent, 'held-'));
    const store = await openStore({ dataDir, queueEntriesMax: 1000 });
    await growLog(store, 0, 5);
    const hold = (n: number, event: 'placed' | 'released', name: string): Promise<unknown> =>
      store.audit.append({
        record: {
          id: sampleRecord(n).id,
          time: sampleRecord(n).time,
          caller: { id: 'auditor', roles: [] },
          revision: 0,
          kind: 'hold',
          event,
          hold: name,
          query: 'domain=finance',
          reason: 'a case',
        },
        changes: [
          event === 'placed'
            ? { kind: 'put_hold', id: name, query: 'domain=finance', reason: 'a case', placedAt: 'now' }
            : { kind: 'release_hold', id: name },
        ],
      });
    await hold(5, 'placed', 'first');
    await hold(6, 'placed', 'second');
    await hold(7, 'released', 'first');
    await store.close();
    const file = join(dataDir, 'witan.db');
    expect(verifyFile(file).faults).toEqual([]);
    const gone = verifyTampered({ file }, (db) => db.exec('DELETE FROM holds'));
    expect(gone.faults).toEqual([
      {
        sequence: 6,
        id: sampleRecord(6).id,
        message: 'the legal hold `second` that it names is gone, and no record released it',
      },
    ]);
    const put = verifyTampered({ file }, (db) => db.exec("UPDATE holds SET id = 'third'"));
    expect(put.faults).toContainEqual({ message: 'the legal hold `third` stands, and no record placed it' });
  });

  test('what was pruned is verified by its hashes, and the rest by its records', async () => {
    const dataDir = mkdtempSync(join(parent, 'pruned-'));
    const store = await openStore({ dataDir, queueEntriesMax: 1000 });
    await growLog(store, 0, 400);
    const prune = (n: number, minimumIndex: number) =>
      store.audit.append({
        record: {
          id: sampleRecord(n).id,
          time: sampleRecord(n).time,
          caller: { id: 'operator', roles: [] },
          revision: 0,
          kind: 'pruning',
          minimum_index: minimumIndex,
          previous_minimum_index: 0,
          holds: [],
          layers: [],
          toolchain: { opa: '1', digest: 'sha256:00' },
          reason: 'time has ended',
        },
        changes: [{ kind: 'prune', minimumIndex }],
      });
    // What no checkpoint covers would be lost to the tree.
    await store.tree.seal(300);
    await expect(prune(400, 402)).rejects.toMatchObject({ code: 'audit_unavailable' });
    const { note } = await store.tree.seal(400);
    await prune(401, 300);
    await store.close();
    const file = join(dataDir, 'witan.db');
    const older = [{ name: 'kept', note }];
    const { faults, ...found } = verifyFile(file, { older });
    expect(faults).toEqual([]);
    expect(found).toMatchObject({ records: 101, minimum_index: 300, sealed: 401 });
    const leaf = verifyTampered({ file }, (db) =>
      db.exec(
        'UPDATE tiles SET hashes = CAST(zeroblob(32) || substr(hashes, 33) AS BLOB) WHERE level = 0 AND tile = 0',
      ),
    );
    expect(leaf.faults.length).toBeGreaterThan(0);
    const gone = verifyTampered({ file }, (db) => db.exec('DELETE FROM tiles WHERE level = 0 AND tile = 1'));
    expect(gone.faults).toContainEqual({
      sequence: 256,
      message: 'it was pruned, and the tree lacks its hash',
    });
  });
});

describe('a file that is made to mislead', () => {
  test.each([
    ['a record beyond 2^53', 'UPDATE records SET sequence = 9223372036854775807 WHERE sequence = 699'],
    ['a record far away', 'UPDATE records SET sequence = 4503599627370496 WHERE sequence = 699'],
    ['a record before the first', 'UPDATE records SET sequence = -1 WHERE sequence = 699'],
    ['the smallest sequence', 'UPDATE records SET sequence = -9223372036854775808 WHERE sequence = 0'],
    ['a minimum far away', 'UPDATE log_bounds SET minimum_index = 4503599627370496'],
    ['a minimum beyond 2^53', 'UPDATE log_bounds SET minimum_index = 9223372036854775807'],
    ['a minimum below 0', 'UPDATE log_bounds SET minimum_index = -1'],
    ['an empty record', "UPDATE records SET body = x'' WHERE sequence = 7"],
    ['a record that is no UTF-8', "UPDATE records SET body = x'fffe00' WHERE sequence = 7"],
    ['a record that is no object', "UPDATE records SET body = CAST('[]' AS BLOB) WHERE sequence = 7"],
    ['an id that is no UTF-8', "UPDATE records SET id = CAST(x'ff00fe' AS TEXT) WHERE sequence = 7"],
    ['a checkpoint of a size below 0', 'UPDATE checkpoints SET size = -5'],
    ['a checkpoint of a size beyond 2^53', 'UPDATE checkpoints SET size = 9223372036854775807'],
  ])('%s is a fault, and soon', (_, sql) => {
    const started = performance.now();
    const { faults } = verifyTampered(log, (db) => db.exec(sql));
    expect(faults.length).toBeGreaterThan(0);
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  test('a record that nests without end, and one that names endless numbers', () => {
    for (const text of [
      '['.repeat(2_000_000),
      `{"id":${'9'.repeat(500_000)}}`,
      `${'{"a":'.repeat(100_000)}1234567890123456789${'}'.repeat(100_000)}`,
    ]) {
      const { faults } = verifyTampered(log, (db) => {
        db.prepare('UPDATE records SET body = ? WHERE sequence = 7').run(Buffer.from(text));
      });
      expect(faults[0]).toMatchObject({ sequence: 7 });
      for (const { message } of faults) expect(message.length).toBeLessThan(1100);
    }
  });

  test('a signed checkpoint of 2^53 - 1 records, by the very key', () => {
    const size = Number.MAX_SAFE_INTEGER;
    const { faults } = verifyTampered(log, (db) => {
      const note = signCheckpoint({ origin: log.key.name, size, root: Buffer.alloc(32) }, [log.key]);
      db.prepare('INSERT INTO checkpoints (size, note) VALUES (?, ?)').run(size, note);
      db.prepare('UPDATE records SET sequence = ? WHERE sequence = 699').run(size - 1);
    });
    expect(faults.length).toBeGreaterThan(0);
    expect(faults).toContainEqual(expect.objectContaining({ sequence: 699 }));
  });

  test('more checkpoints than a log can have', () => {
    const { faults, faults_total } = verifyTampered(log, (db) => {
      db.exec(
        `WITH RECURSIVE n (i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n WHERE i < 151000)
         INSERT INTO checkpoints (size, note) SELECT i, 'note' FROM n`,
      );
    });
    expect(faults).toHaveLength(100);
    expect(faults_total).toBeGreaterThan(100_000);
    expect(faults[0]?.message).toBe(
      'the log has more than 100000 checkpoints: earlier ones are not looked at',
    );
  });

  test.each([
    [
      'a view instead of a table',
      'ALTER TABLE holds RENAME TO held; CREATE VIEW holds AS SELECT * FROM held',
    ],
    ['a trigger', 'CREATE TRIGGER t AFTER INSERT ON records BEGIN DELETE FROM masked_values; END'],
    ['an index', 'CREATE INDEX more ON records (sequence, body)'],
    ['a table that lacks a column', 'ALTER TABLE holds DROP COLUMN reason'],
  ])('%s is refused', (_, sql) => {
    expect(() => verifyTampered(log, (db) => db.exec(sql))).toThrow(
      expect.objectContaining({ code: 'store_corrupt', message: expect.stringMatching(/was changed: the /) }),
    );
  });

  test('random bytes over any page are never verified, and never a crash', () => {
    const pageBytes = readFileSync(log.file).readUInt16BE(16);
    const pages = statSync(log.file).size / pageBytes;
    fc.assert(
      fc.property(
        fc.nat({ max: pages - 1 }),
        fc.uint8Array({ minLength: pageBytes, maxLength: pageBytes }),
        (page, bytes) => {
          const file = join(parent, 'damaged.db');
          const content = readFileSync(log.file);
          content.set(bytes, page * pageBytes);
          writeFileSync(file, content);
          let faults: LogVerification['faults'];
          try {
            ({ faults } = verifyFile(file));
          } catch (thrown) {
            expect(thrown).toMatchObject({ code: expect.stringMatching(/^store_(corrupt|unavailable)$/) });
            return;
          }
          expect(faults.length).toBeGreaterThan(0);
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('keys as an auditor has them', () => {
  test('a trusted key of another log verifies nothing', () => {
    const { faults } = verifyFile(log.file, { trusted: [otherKey] });
    expect(faults).toEqual([{ message: 'no checkpoint of the log is signed by a key that is trusted' }]);
    const empty = readVerifierKey(writeVerifierKey(otherKey));
    expect(verifyFile(logs.get(0)!.file, { trusted: [empty] }).sealed).toBe(0);
  });
});
