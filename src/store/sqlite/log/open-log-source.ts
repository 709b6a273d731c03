import type Database from 'better-sqlite3';
import { existsSync, statSync } from 'node:fs';
import { CHECKPOINTS_MAX } from '../../../audit/expected-checkpoints.js';
import type { FoundRecord, LogSource, StoredCheckpoint } from '../../../audit/log-source.js';
import { readJson } from '../../../document/json.js';
import { WitanError } from '../../../errors.js';
import { createBundle, type BundleFile } from '../../../policy/bundle.js';
import { metadataDigest } from '../../../product/digest.js';
import type { NormalForm } from '../../../product/metadata.js';
import { openForReading } from '../database.js';
import { checkIdentity, requireCurrentSchema, requireUnchangedSchema } from '../migrate.js';
import { storeError } from '../sqlite-errors.js';

const DAMAGES_MAX = 10;

/** A log that was opened to be verified. */
export interface OpenedLogSource extends LogSource {
  close(): void;
}

/**
 * Opens the database of a log, served by a process or a copy, as it is at this moment. Nothing is written.
 *
 * @throws WitanError `store_unavailable`, `store_corrupt`
 */
export function openLogSource(file: string): OpenedLogSource {
  if (!existsSync(file)) throw new WitanError('store_unavailable', `there is no database \`${file}\``);
  if (!statSync(file).isFile()) throw new WitanError('store_unavailable', `\`${file}\` is no file`);
  const attempt = <T>(read: () => T): T => {
    try {
      return read();
    } catch (thrown) {
      throw storeError(thrown, file);
    }
  };
  return attempt(() => {
    const db = openForReading(file);
    try {
      return sourceOf(db, attempt);
    } catch (thrown) {
      db.close();
      throw thrown;
    }
  });
}

function sourceOf(db: Database.Database, attempt: <T>(read: () => T) => T): OpenedLogSource {
  checkIdentity(db);
  requireCurrentSchema(db);
  // Whatever stands in the file is read as a table with just these columns, and nothing in it is run.
  requireUnchangedSchema(db);
  // One snapshot for all reads.
  db.exec('BEGIN');
  const minimumIndex = db.prepare('SELECT minimum_index FROM log_bounds').pluck().get() as number;
  const records = db.prepare<[number], FoundRecord>(
    'SELECT sequence, id, body AS bytes FROM records WHERE sequence < 0 OR sequence >= ? ORDER BY sequence',
  );
  const tile = db
    .prepare<[number, number], Buffer>('SELECT hashes FROM tiles WHERE level = ? AND tile = ?')
    .pluck();
  const masked = db.prepare<[number], { pointer: string; salt: Buffer; value: string }>(
    // What is called erased and is still there is kept all the same.
    `SELECT pointer, salt, value FROM masked_values WHERE sequence = ?
     AND (erased = 0 OR CAST(salt AS BLOB) <> zeroblob(length(salt))
       OR CAST(value AS BLOB) <> zeroblob(octet_length(value)))`,
  );
  const document = db.prepare<[string], string>('SELECT body FROM documents WHERE digest = ?').pluck();
  const bundle = db.prepare<[string], string>('SELECT files FROM bundles WHERE digest = ?').pluck();
  const checkpoints = db
    .prepare('SELECT size, note FROM checkpoints ORDER BY size DESC LIMIT ?')
    .all(CHECKPOINTS_MAX + 1) as StoredCheckpoint[];
  return {
    damage: () => attempt(() => damageOf(db)),
    keys: db.prepare('SELECT vkey FROM log_keys ORDER BY position').pluck().all() as string[],
    holds: db.prepare('SELECT id FROM holds').pluck().all() as string[],
    minimumIndex,
    size: db.prepare('SELECT coalesce(max(sequence) + 1, 0) FROM records').pluck().get() as number,
    checkpoints: checkpoints.reverse(),
    *records() {
      try {
        yield* records.iterate(minimumIndex);
      } catch (thrown) {
        attempt(() => {
          throw thrown;
        });
      }
    },
    tile: (level, index) => attempt(() => tile.get(level, index)),
    maskedValues: (sequence) => attempt(() => masked.all(sequence)),
    documentFault: (digest) => attempt(() => documentFault(digest, document.get(digest))),
    bundleFault: (digest) => attempt(() => bundleFault(digest, bundle.get(digest))),
    close() {
      db.close();
    },
  };
}

/** What SQLite finds wrong with its pages, and with indexes that do not agree with their tables. */
function damageOf(db: Database.Database): readonly string[] {
  const found = db.pragma(`integrity_check(${DAMAGES_MAX})`) as readonly {
    readonly integrity_check: string;
  }[];
  return found.map(({ integrity_check: message }) => message).filter((message) => message !== 'ok');
}

const MISSING = 'is not in the store';

function documentFault(digest: string, text: unknown): string | undefined {
  if (typeof text !== 'string') return MISSING;
  const found = digestOf(() => metadataDigest(readJson(text) as NormalForm));
  return found === digest ? undefined : `has another content: ${found}`;
}

function bundleFault(digest: string, files: unknown): string | undefined {
  if (typeof files !== 'string') return MISSING;
  const found = digestOf(() => createBundle(JSON.parse(files) as readonly BundleFile[]).digest);
  return found === digest ? undefined : `has another content: ${found}`;
}

/** The digest, or in words why there is none. */
function digestOf(compute: () => string): string {
  try {
    return compute();
  } catch {
    // Whatever it is, it is not what was stored: that is what the caller tells.
    return 'one that cannot be read';
  }
}
