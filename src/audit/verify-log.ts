import { messageOf, WitanError } from '../errors.js';
import { openCheckpoint, type Checkpoint } from './checkpoint.js';
import type { FoundRecord, LogSource, StoredCheckpoint } from './log-source.js';
import { HASH_BYTES, leafHash } from './merkle.js';
import { readVerifierKey, writeVerifierKey, type VerifierKey } from './note-key.js';
import { openNote } from './signed-note.js';
import { TILE_WIDTH } from './tile.js';
import { TreeBuilder } from './tree-builder.js';
import { ContentVerifier } from './verify-content.js';

/** Something that does not hold, and where. */
export interface LogFault {
  /** The record that it is about; absent when it is about none alone. */
  readonly sequence?: number;
  readonly id?: string;
  readonly message: string;
}

/** What came of verifying a log. */
export interface LogVerification {
  /** What does not hold, in the order in which it was found; empty when the log is verified. At most 100. */
  readonly faults: readonly LogFault[];
  readonly faults_total: number;
  /** Records that were verified, one by one. */
  readonly records: number;
  readonly minimum_index: number;
  /** Records before this sequence are covered by a checkpoint of a trusted key; later ones by none yet. */
  readonly sealed: number;
  readonly checkpoints: number;
  /** Root of the tree over all records, in base64. */
  readonly root: string;
  /** The keys that were trusted, as verifier keys. */
  readonly keys: readonly string[];
}

export interface VerifyLogOptions {
  /** Keys that the auditor trusts; without any, those that the log itself names are. */
  readonly trusted: readonly VerifierKey[];
  /** Checkpoints that were kept elsewhere: the log must extend each of them. */
  readonly older: readonly { readonly name: string; readonly note: string }[];
  readonly progress?: (done: number, of: number) => void;
}

const FAULTS_MAX = 100;
const PROGRESS_RECORDS = 4096;

/** A checkpoint that the tree is compared with when it has grown to its size. */
interface Expected extends Checkpoint {
  readonly name: string;
  readonly signers: readonly VerifierKey[];
  /** Of the log's own; the others come from the auditor. */
  readonly own: boolean;
}

/**
 * Derives the log again from its records and compares: each record with its hash in the tree, the tree with every
 * checkpoint, each masked value with its commitment, each document and bundle with the digest that names it. Whoever
 * changed, removed, added or moved a record that a checkpoint covers is found out, and where.
 *
 * @throws WitanError `note_invalid` when a checkpoint of the auditor is none, or is not signed by a key that is trusted
 */
export function verifyLog(source: LogSource, options: VerifyLogOptions): LogVerification {
  return new LogVerifier(source, options).verify();
}

class LogVerifier {
  readonly #source: LogSource;
  readonly #progress: VerifyLogOptions['progress'];
  readonly #trusted: VerifierKey[];
  readonly #known: readonly VerifierKey[];
  readonly #expected: readonly Expected[];
  readonly #content: ContentVerifier;
  readonly #faults: LogFault[] = [];
  #builder = TreeBuilder.resume(0, () => Buffer.alloc(0));
  #leaves: Buffer = Buffer.alloc(0);
  #faultsTotal = 0;
  #compared = 0;
  /** The size up to which a checkpoint agreed. */
  #agreed = 0;
  #differed = false;
  #sealed = 0;

  constructor(source: LogSource, { trusted, older, progress }: VerifyLogOptions) {
    this.#source = source;
    this.#progress = progress;
    const onRecord = source.keys.map(readVerifierKey);
    this.#trusted = trusted.length === 0 ? [...onRecord] : [...trusted];
    this.#known = [...this.#trusted, ...onRecord];
    this.#content = new ContentVerifier(source, (message, { sequence, id }) => {
      this.#fault({ sequence, id, message });
    });
    const own = source.checkpoints.flatMap((stored) => this.#ownCheckpoint(stored));
    const others = older.map(({ name, note }) => this.#olderCheckpoint(name, note));
    this.#expected = [...own, ...others].sort((a, b) => a.size - b.size);
  }

  verify(): LogVerification {
    const { size, minimumIndex, checkpoints } = this.#source;
    this.#skipPruned();
    let records = 0;
    for (const record of this.#source.records()) {
      this.#record(record);
      records += 1;
      if (records % PROGRESS_RECORDS === 0) this.#progress?.(records, size - minimumIndex);
    }
    this.#end();
    return {
      faults: this.#faults,
      faults_total: this.#faultsTotal,
      records,
      minimum_index: minimumIndex,
      sealed: this.#sealed,
      checkpoints: checkpoints.length,
      root: this.#builder.root().toString('base64'),
      keys: this.#trusted.map(writeVerifierKey),
    };
  }

  #ownCheckpoint({ size, note }: StoredCheckpoint): readonly Expected[] {
    try {
      const checkpoint = openCheckpoint(note, this.#known);
      const { signers } = openNote(note, this.#known);
      if (checkpoint.size !== size)
        throw new WitanError('note_invalid', `it is of ${checkpoint.size} records`);
      return [{ ...checkpoint, signers, own: true, name: `the checkpoint of ${size} records` }];
    } catch (thrown) {
      if (!(thrown instanceof WitanError)) throw thrown;
      this.#fault({
        message: `the checkpoint that is stored for ${size} records does not hold: ${thrown.message}`,
      });
      return [];
    }
  }

  #olderCheckpoint(name: string, note: string): Expected {
    try {
      const checkpoint = openCheckpoint(note, this.#trusted);
      return { ...checkpoint, signers: this.#trusted, own: false, name: `the checkpoint \`${name}\`` };
    } catch (thrown) {
      throw new WitanError('note_invalid', `\`${name}\`: ${messageOf(thrown)}`, { cause: thrown });
    }
  }

  /** Of what was pruned only the hashes are left. */
  #skipPruned(): void {
    this.#compare();
    for (let sequence = 0; sequence < this.#source.minimumIndex; sequence += 1) {
      const hash = this.#storedLeaf(sequence);
      if (hash === undefined) {
        this.#fault({ sequence, message: 'it was pruned, and the tree lacks its hash' });
      }
      this.#grow(hash ?? Buffer.alloc(HASH_BYTES));
    }
  }

  #record(record: FoundRecord): void {
    while (this.#builder.size < record.sequence) {
      const sequence = this.#builder.size;
      this.#fault({ sequence, message: 'it is missing' });
      this.#grow(this.#storedLeaf(sequence) ?? Buffer.alloc(HASH_BYTES));
    }
    const hash = leafHash(record.bytes);
    const stored = this.#storedLeaf(record.sequence);
    if (stored !== undefined && !stored.equals(hash)) {
      const { sequence, id } = record;
      this.#fault({ sequence, id, message: 'it is not the record that the tree has the hash of' });
    }
    const said = this.#content.verify(record);
    if (said?.['kind'] === 'key') this.#keyTookOver(said);
    this.#grow(hash);
  }

  /** A key that a trusted one handed over to is trusted for the checkpoints that cover the hand-over. */
  #keyTookOver({ vkey, previous }: Readonly<Record<string, unknown>>): void {
    const names = this.#trusted.map(writeVerifierKey);
    if (typeof vkey !== 'string' || typeof previous !== 'string' || !names.includes(previous)) return;
    if (!names.includes(vkey)) this.#trusted.push(readVerifierKey(vkey));
  }

  #grow(leaf: Buffer): void {
    this.#builder.append(leaf);
    if (this.#builder.size % TILE_WIDTH === 0) this.#compareTiles();
    this.#compare();
  }

  /** The tree with the checkpoints of its size. */
  #compare(): void {
    for (; ; this.#compared += 1) {
      const next = this.#expected[this.#compared];
      if (next === undefined || next.size > this.#builder.size) return;
      if (this.#builder.root().equals(next.root)) this.#agrees(next);
      else this.#differs(next);
    }
  }

  #agrees({ size, signers }: Expected): void {
    this.#agreed = size;
    if (signers.some((key) => this.#isTrusted(key))) this.#sealed = size;
  }

  /** Only the first of the log's own is told: all that follow differ too. */
  #differs({ name, size, own }: Expected): void {
    if (own && this.#differed) return;
    this.#differed ||= own;
    const [from, to] = [this.#agreed, size - 1];
    const which = from >= to ? `record ${to}` : `records ${from} to ${to}`;
    this.#fault({
      ...(from === to && { sequence: to }),
      message: `${name} was signed for another log: ${which} or the order of them changed since`,
    });
  }

  #isTrusted(key: VerifierKey): boolean {
    return this.#trusted.some(({ name, publicKey }) => name === key.name && publicKey.equals(key.publicKey));
  }

  /** The stored tiles above the leaves with those that the records make. */
  #compareTiles(): void {
    for (const { level, index, hashes } of this.#builder.takeChanged()) {
      if (level === 0) continue;
      const stored = this.#source.tile(level, index) ?? Buffer.alloc(0);
      const length = Math.min(stored.length, hashes.length);
      if (Buffer.compare(stored.subarray(0, length), hashes.subarray(0, length)) === 0) continue;
      if (this.#faultsTotal > 0) continue;
      this.#fault({ message: `tile ${index} of level ${level} has hashes that the records do not make` });
    }
  }

  #storedLeaf(sequence: number): Buffer | undefined {
    const at = sequence % TILE_WIDTH;
    if (at === 0 || this.#leaves.length === 0) {
      this.#leaves = this.#source.tile(0, Math.floor(sequence / TILE_WIDTH)) ?? Buffer.alloc(0);
    }
    const leaf = this.#leaves.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES);
    return leaf.length === HASH_BYTES ? leaf : undefined;
  }

  #end(): void {
    this.#content.end();
    this.#compareTiles();
    const { size, minimumIndex } = this.#source;
    for (const { name, size: signed } of this.#expected.slice(this.#compared)) {
      this.#fault({
        sequence: this.#builder.size,
        message: `it is missing: the log ends after ${this.#builder.size} records, but ${name} was signed for ${signed}`,
      });
    }
    if (minimumIndex !== this.#content.minimumIndex) {
      this.#fault({
        message: `the log begins at record ${minimumIndex}, but its records say that it was pruned up to ${this.#content.minimumIndex}`,
      });
    }
    if (size > 0 && this.#sealed === 0 && this.#faultsTotal === 0) {
      this.#fault({ message: 'no checkpoint of the log is signed by a key that is trusted' });
    }
  }

  #fault(fault: LogFault): void {
    this.#faultsTotal += 1;
    if (this.#faults.length < FAULTS_MAX) this.#faults.push(fault);
  }
}
