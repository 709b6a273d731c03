import Database from 'better-sqlite3';
import { readFileSync, readdirSync } from 'node:fs';
import { WitanError } from '../../errors.js';
import { inTransaction, pragmaOf } from './database.js';

/** `WITN` in ASCII: says whose file it is. */
export const APPLICATION_ID = 0x5749544e;

interface Migration {
  /** From 1, contiguous. */
  readonly version: number;
  readonly sql: string;
}

/** Beside the compiled file as beside the source: the build copies the folder. */
const FOLDER = new URL('./migrations/', import.meta.url);

/**
 * Checks that the database is ours and that this program knows its schema. It changes nothing.
 *
 * @throws WitanError `store_unavailable`
 */
export function checkIdentity(db: Database.Database): void {
  const applicationId = pragmaOf(db, 'application_id');
  const version = Number(pragmaOf(db, 'user_version'));
  const tables = db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get();
  const isNew = applicationId === 0 && version === 0 && tables === 0;
  if (!isNew && applicationId !== APPLICATION_ID) {
    throw new WitanError('store_unavailable', `\`${db.name}\` is a database of another program`);
  }
  const known = migrations().length;
  if (version > known) {
    throw new WitanError(
      'store_unavailable',
      `\`${db.name}\` has schema version ${version}, but this version of witan knows ${known} at most: run a newer one`,
    );
  }
}

/**
 * Refuses a database of an earlier schema, which only the service brings up to date.
 *
 * @throws WitanError `store_unavailable`
 */
export function requireCurrentSchema(db: Database.Database): void {
  const version = Number(pragmaOf(db, 'user_version'));
  const known = migrations().length;
  if (version === known) return;
  throw new WitanError(
    'store_unavailable',
    `\`${db.name}\` has schema version ${version}, and this version of witan reads ${known}: serve it once, which brings it up to date`,
  );
}

/**
 * Refuses a database whose tables, indexes, views or triggers are not exactly those that the migrations make: a view
 * could show what is not there, and a trigger could change it.
 *
 * @throws WitanError `store_corrupt`
 */
export function requireUnchangedSchema(db: Database.Database): void {
  const made = new Database(':memory:');
  migrate(made);
  const [expected, found] = [schemaOf(made), schemaOf(db)];
  made.close();
  const differing =
    [...expected].find(([name, sql]) => found.get(name) !== sql)?.[0] ??
    [...found.keys()].find((name) => !expected.has(name));
  if (differing === undefined) return;
  throw new WitanError(
    'store_corrupt',
    `\`${db.name}\` was changed: the ${differing} is not as witan makes it`,
  );
}

/** What each table, index, view and trigger was made by. */
function schemaOf(db: Database.Database): ReadonlyMap<string, string | null> {
  const rows = db.prepare('SELECT type, name, sql FROM sqlite_schema').all() as readonly {
    readonly type: string;
    readonly name: string;
    readonly sql: string | null;
  }[];
  return new Map(rows.map(({ type, name, sql }) => [`${type} \`${name}\``, sql]));
}

/** Brings the schema up to date: each migration in a transaction of its own, recorded with it. */
export function migrate(db: Database.Database): void {
  const version = Number(pragmaOf(db, 'user_version'));
  for (const migration of migrations().slice(version)) {
    inTransaction(db, () => {
      db.exec(migration.sql);
      db.pragma(`application_id = ${APPLICATION_ID}`);
      db.pragma(`user_version = ${migration.version}`);
    });
  }
}

/** The schema of the index, which is not migrated but built again. */
export function recordIndexSchema(): string {
  return readFileSync(new URL('record-index.sql', FOLDER), 'utf8');
}

function migrations(): readonly Migration[] {
  const files = readdirSync(FOLDER)
    .filter((file) => /^\d{4}-.+\.sql$/.test(file))
    .sort();
  return files.map((file, index) => {
    const version = Number(file.slice(0, 4));
    if (version !== index + 1) {
      throw new WitanError('internal_error', `migration \`${file}\` does not follow the one before it`);
    }
    return { version, sql: readFileSync(new URL(file, FOLDER), 'utf8') };
  });
}
