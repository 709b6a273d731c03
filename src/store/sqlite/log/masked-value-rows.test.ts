import Database from 'better-sqlite3';
import fc from 'fast-check';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { numbersFrom } from '../../testing/generated-records.js';
import { configureForWriting } from '../database.js';
import { MaskedValueRows } from './masked-value-rows.js';
import { migrate } from '../migrate.js';

const POINTERS = ['/subject/name', '/context/ticket'];
const STEPS = 6000;

interface Kept {
  readonly sequence: number;
  readonly pointer: string;
  readonly mark: string;
}

/** Puts, erases and prunes values of all lengths in any order, and answers the marks of those that are gone and that are kept. */
function run(
  file: string,
  seed: number,
): { readonly gone: readonly string[]; readonly kept: readonly Kept[] } {
  const below = numbersFrom(seed);
  const db = new Database(file);
  db.pragma('secure_delete = ON');
  // As a new store has them, or as one of an earlier version: once something is written, they stay as they are.
  if (seed % 2 === 0) {
    db.pragma('page_size = 4096');
    db.pragma('user_version = 0');
  }
  configureForWriting(db, 'FULL');
  expect(db.pragma('page_size', { simple: true })).toBe(seed % 2 === 0 ? 4096 : 8192);
  db.pragma('synchronous = OFF');
  migrate(db);
  const rows = new MaskedValueRows(db);
  const gone: string[] = [];
  let kept: Kept[] = [];
  let [size, minimum] = [0, 0];
  for (let step = 0; step < STEPS; step += 1) {
    const what = below(1000);
    if (what < 650 || kept.length === 0) {
      for (const pointer of POINTERS.slice(below(2))) {
        const mark = `<${size}${pointer}>`;
        const length = below(40) === 0 ? below(6000) : below(300);
        rows.put(size, { pointer, salt: Buffer.alloc(16, size), value: `"${mark}${'é'.repeat(length)}"` });
        kept.push({ sequence: size, pointer, mark });
      }
      size += 1;
    } else if (what === 999) {
      const to = Math.min(size - 1, minimum + 256 * (1 + below(4)));
      for (; minimum < to; minimum += 1) rows.eraseAll(minimum);
      rows.drop(minimum - 1);
      gone.push(...kept.filter(({ sequence }) => sequence < minimum).map(({ mark }) => mark));
      kept = kept.filter(({ sequence }) => sequence >= minimum);
    } else {
      const at = below(4) === 0 ? kept.length - 1 : below(kept.length);
      const [value] = kept.splice(at, 1) as [Kept];
      expect(rows.erase(value.sequence, value.pointer)).toBe(true);
      expect(rows.erase(value.sequence, value.pointer)).toBe(false);
      gone.push(value.mark);
    }
  }
  db.pragma('wal_checkpoint(TRUNCATE)');
  db.close();
  return { gone, kept };
}

it('no byte of a value that was erased or pruned is left in the file, and every other is there', () => {
  const folder = mkdtempSync(join(tmpdir(), 'witan-masked-'));
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const file = join(folder, `${seed}.db`);
      rmSync(file, { force: true });
      const { gone, kept } = run(file, seed);
      const found = new Set(readFileSync(file, 'latin1').match(/<\d+\/\w+\/\w+>/gu));
      rmSync(file);
      expect(gone.length).toBeGreaterThan(1000);
      expect(gone.filter((mark) => found.has(mark))).toEqual([]);
      expect(kept.filter(({ mark }) => !found.has(mark))).toEqual([]);
    }),
    { numRuns: 6 },
  );
  rmSync(folder, { recursive: true });
});

it('what an earlier schema kept is moved, and leaves no copy that would outlast an erasure', () => {
  const folder = mkdtempSync(join(tmpdir(), 'witan-masked-'));
  const file = join(folder, 'before.db');
  const db = new Database(file);
  db.pragma('secure_delete = ON');
  configureForWriting(db, 'FULL');
  for (const name of ['0001-store.sql', '0002-evidence.sql', '0003-saved-queries.sql']) {
    db.exec(readFileSync(new URL(`../migrations/${name}`, import.meta.url), 'utf8'));
  }
  db.pragma('user_version = 3');
  const put = db.prepare('INSERT INTO masked_values (sequence, pointer, salt, value) VALUES (?, ?, ?, ?)');
  const marks = Array.from({ length: 500 }, (_, n) => `<${n}>${'x'.repeat(n % 300)}`);
  for (const [n, mark] of marks.entries()) put.run(n, '/context/ticket', Buffer.alloc(16, n), mark);
  migrate(db);
  const kept = db.prepare('SELECT value FROM masked_values WHERE erased = 0 ORDER BY sequence').pluck();
  expect(kept.all()).toEqual(marks);
  const rows = new MaskedValueRows(db);
  for (const n of marks.keys()) rows.eraseAll(n);
  expect(kept.all()).toEqual([]);
  db.pragma('wal_checkpoint(TRUNCATE)');
  db.close();
  expect(readFileSync(file, 'latin1').match(/<\d+>/gu)).toBeNull();
  rmSync(folder, { recursive: true });
});
