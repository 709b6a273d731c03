import { Kysely, SqliteDialect } from 'kysely';
import {
  chmodSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  closeSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { AuditEntry, AuditLog } from '../../audit/log.js';
import type { LogTree, SignedCheckpoint } from '../../audit/tree.js';
import { WitanError } from '../../errors.js';
import type { Change, Store } from '../store.js';
import { SqliteBundleReader } from './bundle-reader.js';
import { SqliteCouncilReader } from './council-reader.js';
import { openForReading } from './database.js';
import { checkIdentity, requireCurrentSchema } from './migrate.js';
import { copyIndex } from './record-index/copy-index.js';
import { RecordIndex } from './record-index/record-index.js';
import { RecordQuestions } from './record-index/record-questions.js';
import { SqliteRecordReader } from './record-index/record-reader.js';
import { SqliteEvidenceReader } from './log/evidence-reader.js';
import { SqliteLogTree } from './tree/sqlite-log-tree.js';
import { ReadOnlyLogTree, StoredTree } from './tree/stored-tree.js';
import { SqliteRegistryReader } from './registry-reader.js';
import { SqliteSavedQueryReader } from './saved-query-reader.js';
import { SqliteAuditLog } from './log/sqlite-audit-log.js';
import { storeError } from './sqlite-errors.js';
import { SqliteTokenReader } from './token-reader.js';
import { StoreLock } from './store-lock.js';
import type { StoreTables } from './tables.js';

export interface StoreOptions {
  readonly dataDir: string;
  /** Records that may wait to be written; past it appends are refused with `overloaded`. */
  readonly queueEntriesMax: number;
  /** Of a new log: the name that its checkpoints begin with; one that no other log has unless given. */
  readonly logOrigin?: string;
  /** Told what an operator should know of, in words. */
  readonly warn?: (message: string) => void;
  /** Whether a signing key that is gone is replaced by another, which the caller puts on record. */
  readonly replaceLostKey?: boolean;
  readonly unsealed?: UnsealedTail;
  /** Reads a folder that another process may serve, or a copy of one; nothing in it is written. */
  readonly readOnly?: boolean;
}

/** What is to be said of records that no checkpoint covers when the store is opened. */
export interface UnsealedTail {
  /** Whether a record is one of which something is to be said; asked with its bytes. */
  readonly concerns: (bytes: Buffer) => boolean;
  /** What is appended then, before anything is sealed: of the records `from` ≤ sequence < `before`. */
  readonly entry: (tail: { readonly from: number; readonly before: number }) => AuditEntry<Change>;
}

/** What was opened, to be closed in reverse order. */
type Opened = (() => Promise<void> | void)[];

/**
 * Opens the store in a folder and makes both when there is none. Either all of it is open, or nothing is.
 *
 * @throws WitanError `store_unavailable` (a folder that cannot be written or that another process serves, a newer
 * schema, another program's database), `store_corrupt`
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const dataDir = resolve(options.dataDir);
  const opened: Opened = [];
  try {
    return await (options.readOnly === true
      ? openReadOnly(dataDir, opened)
      : openServing(dataDir, options, opened));
  } catch (thrown) {
    await closeAll(opened);
    throw storeError(thrown, dataDir);
  }
}

async function openServing(
  dataDir: string,
  { queueEntriesMax, logOrigin, replaceLostKey = false, unsealed, warn = () => undefined }: StoreOptions,
  opened: Opened,
): Promise<Store> {
  makeFolder(dataDir);
  const lock = StoreLock.acquire(dataDir);
  opened.push(() => {
    lock.release();
  });
  const file = join(dataDir, 'witan.db');
  if (lock.initialised && !(existsSync(file) && statSync(file).size > 0)) {
    throw new WitanError(
      'store_corrupt',
      `the log of the store in \`${dataDir}\` is gone: restore \`${file}\``,
    );
  }
  const audit = await SqliteAuditLog.open({ dataDir, file, queueEntriesMax });
  opened.push(() => audit.close());
  lock.markInitialised();
  const indexFile = join(dataDir, 'record-index.db');
  const recordIndex = await RecordIndex.open({ dataDir, logFile: file, indexFile, checkpoints: true });
  opened.push(() => recordIndex.close());
  const store = reader<StoreTables>(file, opened);
  const stored = new StoredTree(dataDir, store);
  const checkpointAtStart = await readableCheckpoint(stored);
  // The record that a log begins with is believed without a checkpoint: it is all that there is.
  if (unsealed !== undefined) await sayUnsealed(store, audit, unsealed, checkpointAtStart?.size ?? 1);
  const tree = await SqliteLogTree.open({
    settings: {
      dataDir,
      logFile: file,
      replaceLostKey,
      ...(logOrigin !== undefined && { origin: logOrigin }),
    },
    stored,
    putSeal: (seal) => audit.putSeal(seal),
    warn,
  });
  opened.push(() => tree.close());
  audit.onCommitted((size) => {
    recordIndex.advance(size);
    tree.advance(size);
  });
  const registry = new SqliteRegistryReader(dataDir, store, (digest) => {
    audit.noteStored(digest);
  });
  const parts = { dataDir, file, indexFile, store, recordIndex, audit, tree, checkpointAtStart, registry };
  return storeOf(parts, opened);
}

async function openReadOnly(dataDir: string, opened: Opened): Promise<Store> {
  const file = join(dataDir, 'witan.db');
  if (!existsSync(file)) throw new WitanError('store_unavailable', `there is no store in \`${dataDir}\``);
  const db = openForReading(file);
  try {
    checkIdentity(db);
    requireCurrentSchema(db);
  } finally {
    db.close();
  }
  // The folder's own index may lag behind or be missing in a copy, so this reader has its own, which goes on from it.
  const folder = mkdtempSync(join(tmpdir(), 'witan-index-'));
  opened.push(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const indexFile = join(folder, 'record-index.db');
  await copyIndex(join(dataDir, 'record-index.db'), indexFile);
  const recordIndex = await RecordIndex.open({ dataDir, logFile: file, indexFile, checkpoints: false });
  opened.push(() => recordIndex.close());
  const store = reader<StoreTables>(file, opened);
  const tree = new ReadOnlyLogTree(dataDir, store);
  const audit = readOnlyLog(dataDir);
  const registry = new SqliteRegistryReader(dataDir, store);
  const parts = { dataDir, file, indexFile, store, recordIndex, audit, tree, registry };
  return storeOf({ ...parts, checkpointAtStart: undefined }, opened);
}

interface Parts {
  readonly dataDir: string;
  readonly file: string;
  readonly indexFile: string;
  readonly store: Kysely<StoreTables>;
  readonly recordIndex: RecordIndex;
  readonly audit: Store['audit'];
  readonly tree: LogTree;
  readonly registry: SqliteRegistryReader;
  readonly checkpointAtStart: SignedCheckpoint | undefined;
}

function storeOf(
  { dataDir, file, indexFile, store, recordIndex, audit, tree, registry, checkpointAtStart }: Parts,
  opened: Opened,
): Store {
  const questions = new RecordQuestions({ dataDir, logFile: file, indexFile });
  opened.push(() => questions.close());
  return Object.freeze({
    audit,
    tree,
    checkpointAtStart,
    evidence: new SqliteEvidenceReader(dataDir, store),
    records: new SqliteRecordReader({ dataDir, store, recordIndex, questions }),
    savedQueries: new SqliteSavedQueryReader(dataDir, store),
    bundles: new SqliteBundleReader(dataDir, store),
    council: new SqliteCouncilReader(dataDir, store),
    tokens: new SqliteTokenReader(dataDir, store),
    registry,
    close: () => closeAll(opened),
  });
}

/** The last checkpoint. One that cannot be read stands in the way of the tree, which says so. */
async function readableCheckpoint(stored: StoredTree): Promise<SignedCheckpoint | undefined> {
  try {
    return await stored.checkpoint();
  } catch (thrown) {
    if (thrown instanceof WitanError && thrown.code === 'note_invalid') return undefined;
    throw thrown;
  }
}

/** Records that are looked at together. */
const TAIL_RECORDS = 1000;

/** Says what is to be said of the records from a sequence on. */
async function sayUnsealed(
  store: Kysely<StoreTables>,
  audit: AuditLog<Change>,
  { concerns, entry }: UnsealedTail,
  from: number,
): Promise<void> {
  let [next, found] = [from, false];
  for (;;) {
    const rows = await store
      .selectFrom('records')
      .select(['sequence', 'body'])
      .where('sequence', '>=', next)
      .orderBy('sequence')
      .limit(TAIL_RECORDS)
      .execute();
    found ||= rows.some(({ body }) => concerns(body));
    next = (rows.at(-1)?.sequence ?? next - 1) + 1;
    if (rows.length < TAIL_RECORDS) break;
  }
  if (found) await audit.append(entry({ from, before: next }));
}

function reader<Tables>(file: string, opened: Opened): Kysely<Tables> {
  const database = openForReading(file);
  // Kysely closes only what it has used.
  opened.push(() => {
    database.close();
  });
  return new Kysely<Tables>({ dialect: new SqliteDialect({ database }) });
}

function readOnlyLog(dataDir: string): Store['audit'] {
  const refuse = (): Promise<never> =>
    Promise.reject(
      new WitanError('audit_unavailable', `the store in \`${dataDir}\` is open for reading only`),
    );
  return {
    append: refuse,
    appendAll: refuse,
    appendEncoded: refuse,
    healthy: () => false,
    probe: () => Promise.resolve(false),
    close: () => Promise.resolve(),
  };
}

/** Closes everything, also when one of them fails to; the first failure is thrown in the end. */
async function closeAll(opened: Opened): Promise<void> {
  const failures: unknown[] = [];
  for (const close of opened.splice(0).reverse()) {
    try {
      await close();
    } catch (thrown) {
      failures.push(thrown);
    }
  }
  if (failures.length > 0) throw failures[0];
}

/** Makes the folder, for its owner alone, and makes its name durable with it. */
function makeFolder(dataDir: string): void {
  if (existsSync(dataDir)) {
    if (statSync(dataDir).isDirectory()) return;
    throw new WitanError('store_unavailable', `\`${dataDir}\` is a file, not a folder`);
  }
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  // The process's mask can only have taken rights away.
  chmodSync(dataDir, 0o700);
  const parent = openSync(dirname(dataDir), 'r');
  try {
    fsyncSync(parent);
  } finally {
    closeSync(parent);
  }
}
