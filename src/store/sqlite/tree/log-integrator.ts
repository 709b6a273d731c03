import type Database from 'better-sqlite3';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  openCheckpoint,
  signCheckpoint,
  unverifiedCheckpoint,
  type Checkpoint,
} from '../../../audit/checkpoint.js';
import { leafHash } from '../../../audit/merkle.js';
import { readVerifierKey, type VerifierKey } from '../../../audit/note-key.js';
import { TreeBuilder } from '../../../audit/tree-builder.js';
import { messageOf, WitanError } from '../../../errors.js';
import { openLogKeys, promoteNextKey, replaceDurably, type LogKeys } from '../../log-keys.js';
import type { Seal, TreeSettings } from './tree-protocol.js';

/** The last checkpoint, beside the database: a database that was put back to an earlier state is noticed by it. */
export const CHECKPOINT_FILE = 'checkpoint';
/** Records of one seal: what it holds in memory, and writes in one transaction, is bounded by it. */
const SEAL_RECORDS_MAX = 65_536;

/** Records that are read together: fewer cost more each, more are held in memory at once. */
const READ_RECORDS = 16;

type RecordRow = readonly [sequence: number, body: Buffer];

/** Follows the log and signs its checkpoints; it knows nothing of threads, and writes nothing into the database. */
export class LogIntegrator {
  readonly #db: Database.Database;
  readonly #dataDir: string;
  readonly #read: Database.Statement<[from: number, to: number], RecordRow>;
  /** Records that the log had at start, the one of a key that takes over among them. */
  readonly #found: number;
  #keys: LogKeys;
  /** Absent when what was signed last did not become durable: then it is read again. */
  #builder: TreeBuilder | undefined;
  /** Records of the last checkpoint that is durable. */
  #size: number;
  #signed: Seal | undefined;

  private constructor(db: Database.Database, dataDir: string, keys: LogKeys, builder: TreeBuilder) {
    this.#db = db;
    this.#dataDir = dataDir;
    this.#keys = keys;
    this.#builder = builder;
    this.#size = builder.size;
    this.#found = db.prepare('SELECT coalesce(max(sequence) + 1, 0) FROM records').pluck().get() as number;
    this.#read = db
      .prepare<[number, number], RecordRow>(
        'SELECT sequence, body FROM records WHERE sequence >= ? AND sequence < ? ORDER BY sequence',
      )
      .raw();
  }

  /**
   * Opens the tree of a log, and makes the signing key of a new one.
   *
   * @throws WitanError `store_corrupt` when the log does not extend its last checkpoint, `store_unavailable` when its
   * key is gone or open to others, `config_invalid` when it has another origin than the one that was asked for
   */
  static open(
    db: Database.Database,
    { dataDir, origin, replaceLostKey = false }: TreeSettings,
  ): LogIntegrator {
    const recorded = db.prepare('SELECT vkey FROM log_keys ORDER BY position').pluck().all() as string[];
    const stored = db.prepare('SELECT note FROM checkpoints ORDER BY size DESC LIMIT 1').pluck().get() as
      string | undefined;
    const published = publishedNote(dataDir);
    const isNew = stored === undefined && published === undefined && recorded.length === 0;
    const note = stored ?? published;
    const keys = openLogKeys(dataDir, {
      recorded,
      isNew,
      ...(origin !== undefined && { origin }),
      ...(replaceLostKey && note !== undefined && { replaceLost: unverifiedCheckpoint(note).origin }),
    });
    const known = verifierKeys([...new Set([...recorded, keys.vkey])], dataDir);
    const last = stored === undefined ? undefined : opened(stored, 'its last checkpoint', known, dataDir);
    const builder = resumeAt(db, last?.size ?? 0, dataDir);
    const integrator = new LogIntegrator(db, dataDir, keys, builder);
    if (last !== undefined) integrator.#checkRoot(last, builder);
    if (published !== undefined) {
      integrator.#checkExtends(opened(published, `\`${CHECKPOINT_FILE}\``, known, dataDir));
    }
    return integrator;
  }

  /** How many records the last checkpoint covers. */
  get size(): number {
    return this.#size;
  }

  /** Verifier key of the key that signs. */
  get vkey(): string {
    return this.#keys.vkey;
  }

  /** Whether a key is taking over: the next checkpoint is due, also without a new record. */
  get due(): boolean {
    return this.#keys.signing.length > 1 && this.size > 0;
  }

  /**
   * Integrates records before `upTo`, as many as one seal holds, and signs a checkpoint over them.
   *
   * @throws SqliteError; WitanError `store_corrupt` when records are missing
   */
  sign(upTo: number): Seal {
    const builder = (this.#builder ??= resumeAt(this.#db, this.#size, this.#dataDir));
    // The first checkpoint that both keys sign covers the record of the one that takes over.
    const end = this.due ? Math.max(upTo, this.#found) : upTo;
    this.#integrate(builder, Math.min(end, this.#size + SEAL_RECORDS_MAX));
    const { origin, signing } = this.#keys;
    const { size } = builder;
    const note = signCheckpoint({ origin, size, root: builder.root() }, signing);
    const tiles = builder.takeChanged().map(({ level, index, hashes }) => ({ level, tile: index, hashes }));
    this.#signed = { size, note, tiles };
    return this.#signed;
  }

  /** What was signed last is durable: it is published. Otherwise it never was, and the tree is read again. */
  settle(durable: boolean): void {
    const signed = this.#signed;
    this.#signed = undefined;
    if (!durable) this.#builder = undefined;
    if (!durable || signed === undefined) return;
    this.#size = signed.size;
    replaceDurably(join(this.#dataDir, CHECKPOINT_FILE), signed.note, 0o644);
    if (signed.size >= this.#found) this.#keys = promoteNextKey(this.#dataDir, this.#keys);
  }

  /** Appends records up to a size to a tree. */
  #integrate(builder: TreeBuilder, size: number): void {
    while (builder.size < size) {
      const { size: before } = builder;
      for (const [sequence, body] of this.#read.all(before, Math.min(size, before + READ_RECORDS))) {
        if (sequence !== builder.size) break;
        builder.append(leafHash(body));
      }
      if (builder.size === before) {
        throw new WitanError(
          'store_corrupt',
          `the log lacks record ${before}: \`witan audit verify\` says more`,
        );
      }
    }
  }

  #checkRoot({ size, root }: Checkpoint, builder: TreeBuilder): void {
    if (builder.size === size && builder.root().equals(root)) return;
    throw new WitanError(
      'store_corrupt',
      `the log in \`${this.#dataDir}\` is not the one that the checkpoint of its first ${size} records was signed for: \`witan audit verify\` says more`,
    );
  }

  /** The published checkpoint may be the last one, one before, or one that a crash kept from the database. */
  #checkExtends(checkpoint: Checkpoint): void {
    if (this.#found < checkpoint.size) {
      throw new WitanError(
        'store_corrupt',
        `a checkpoint of ${checkpoint.size} records was published, but the log in \`${this.#dataDir}\` ends after ${this.#found}: records are lost, or an earlier state was put back`,
      );
    }
    const builder = resumeAt(this.#db, Math.min(checkpoint.size, this.#size), this.#dataDir);
    this.#integrate(builder, checkpoint.size);
    this.#checkRoot(checkpoint, builder);
  }
}

function publishedNote(dataDir: string): string | undefined {
  const file = join(dataDir, CHECKPOINT_FILE);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

/** @throws WitanError `store_corrupt` */
function verifierKeys(recorded: readonly string[], dataDir: string): readonly VerifierKey[] {
  try {
    return recorded.map(readVerifierKey);
  } catch (thrown) {
    throw corrupt(`a key on record in \`${dataDir}\` is none`, thrown);
  }
}

/** @throws WitanError `store_corrupt` when it is no checkpoint of this log */
function opened(note: string, which: string, known: readonly VerifierKey[], dataDir: string): Checkpoint {
  try {
    return openCheckpoint(note, known);
  } catch (thrown) {
    throw corrupt(`${which} in \`${dataDir}\` is none of this log`, thrown);
  }
}

function corrupt(message: string, thrown: unknown): WitanError {
  return new WitanError('store_corrupt', `${message}: ${messageOf(thrown)}`, { cause: thrown });
}

/** The tree at a size that had a checkpoint. @throws WitanError `store_corrupt` when its tiles do not reach so far */
function resumeAt(db: Database.Database, size: number, dataDir: string): TreeBuilder {
  const read = db.prepare('SELECT hashes FROM tiles WHERE level = ? AND tile = ?').pluck();
  try {
    return TreeBuilder.resume(size, (level, index) => {
      const hashes = read.get(level, index) as Buffer | undefined;
      return hashes ?? Buffer.alloc(0);
    });
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown;
    throw new WitanError('store_corrupt', `the tree of the log in \`${dataDir}\` is damaged`, {
      cause: thrown,
    });
  }
}
