import { WitanError } from '../errors.js';
import type { FoundRecord, LogSource } from './log-source.js';
import { HASH_BYTES, isCount, leafHash } from './merkle.js';
import { writeVerifierKey, type VerifierKey } from './note-key.js';
import { TILE_WIDTH, tileWidth } from './tile.js';
import { TreeBuilder, type BuiltTile } from './tree-builder.js';
import { TrustedKeys } from './trusted-keys.js';
import { expectedCheckpoints, type Expected } from './expected-checkpoints.js';
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
  /** The checkpoint that the log published last, which lies beside it. */
  readonly published?: string;
  readonly progress?: (done: number, of: number) => void;
}

const FAULTS_MAX = 100;
const FAULT_CHARACTERS_MAX = 1000;
const PROGRESS_RECORDS = 4096;
const NOTHING = Buffer.alloc(0);

/**
 * Derives the log again from its records and compares: each record with its hash in the tree, the tree with every
 * checkpoint, each masked value with its commitment, each document and bundle with the digest that names it. Whoever
 * changed, removed, added or moved a record that a checkpoint covers is found out, and where.
 *
 * @throws WitanError `note_invalid` when a checkpoint of the auditor is none, or is signed by no key that is known
 */
export function verifyLog(source: LogSource, options: VerifyLogOptions): LogVerification {
  return new LogVerifier(source, options).verify();
}

class LogVerifier {
  readonly #source: LogSource;
  readonly #progress: VerifyLogOptions['progress'];
  readonly #keys: TrustedKeys;
  readonly #expected: readonly Expected[];
  /** The records that the log's own last checkpoint covers, whoever signed it: so far reach the stored tiles. */
  readonly #covered: number;
  readonly #content: ContentVerifier;
  readonly #faults: LogFault[] = [];
  readonly #builder = TreeBuilder.resume(0, () => NOTHING);
  /** The sequence that is due. */
  #next = 0;
  /** Records are missing, and the tree lacks their hashes: from there on nothing is comparable with a root. */
  #lost = false;
  /** A record is missing, or is not the one that the tree has: upper tiles and roots differ for that reason. */
  #changed = false;
  #leaves: { readonly index: number; readonly hashes: Buffer } = { index: -1, hashes: NOTHING };
  #faultsTotal = 0;
  #compared = 0;
  /** The size up to which a checkpoint agreed: any, and one that does not come from the log itself. */
  #agreed = 0;
  #agreedOlder = 0;
  #differed = false;
  #records = 0;

  constructor(source: LogSource, { trusted, older, published, progress }: VerifyLogOptions) {
    this.#source = source;
    this.#progress = progress;
    const tell = (message: string): void => {
      this.#fault({ message });
    };
    this.#keys = new TrustedKeys(trusted, source.keys, tell);
    this.#expected = expectedCheckpoints({ source, older, published, known: this.#keys.known, tell });
    this.#covered = lastOwn(this.#expected);
    this.#content = new ContentVerifier(source, (message, record) => {
      this.#fault({ ...(record !== undefined && { sequence: record.sequence, id: record.id }), message });
    });
  }

  verify(): LogVerification {
    try {
      this.#walk();
    } catch (thrown) {
      if (!(thrown instanceof WitanError) || thrown.code !== 'store_corrupt') throw thrown;
      this.#fault({ sequence: this.#next, message: `it cannot be read: ${thrown.message}` });
    }
    return {
      faults: this.#faults,
      faults_total: this.#faultsTotal,
      records: this.#records,
      minimum_index: this.#source.minimumIndex,
      sealed: this.#keys.vouchedSize,
      checkpoints: this.#source.checkpoints.length,
      root: this.#builder.root().toString('base64'),
      keys: this.#keys.trusted.map(writeVerifierKey),
    };
  }

  #walk(): void {
    for (const damage of this.#source.damage()) {
      this.#fault({ message: `the database is damaged: ${damage}` });
    }
    const { size, minimumIndex } = this.#source;
    this.#compare();
    this.#skipPruned(minimumIndex);
    for (const record of this.#source.records()) {
      this.#record(record);
      this.#records += 1;
      if (this.#records % PROGRESS_RECORDS === 0) this.#progress?.(this.#records, size - minimumIndex);
    }
    this.#end();
  }

  /** Of what was pruned only the hashes are left. */
  #skipPruned(minimumIndex: number): void {
    if (isCount(minimumIndex)) {
      if (this.#skip(minimumIndex)) return;
      this.#fault({
        sequence: this.#builder.size,
        message: 'it was pruned, and the tree lacks its hash',
      });
    } else {
      this.#fault({ message: `the log cannot begin at record ${String(minimumIndex)}` });
    }
  }

  #record(record: FoundRecord): void {
    const { sequence, id, bytes } = record;
    if (!isCount(sequence) || sequence < this.#next || !Buffer.isBuffer(bytes)) {
      this.#fault({ sequence, id, message: 'no record can stand there' });
      return;
    }
    if (sequence > this.#next) this.#missing(sequence);
    const hash = leafHash(bytes);
    const stored = this.#storedLeaf(sequence);
    if (stored !== undefined && !stored.equals(hash)) {
      this.#changed = true;
      this.#fault({ sequence, id, message: 'it is not the record that the tree has the hash of' });
    }
    const said = this.#content.verify(record);
    if (said?.['kind'] === 'key') this.#keys.takeOver(sequence, said);
    this.#grow(hash);
  }

  #missing(end: number): void {
    const first = this.#next;
    this.#changed = true;
    this.#fault({
      sequence: first,
      message: end - first === 1 ? 'it is missing' : `it is missing, and so are all up to record ${end - 1}`,
    });
    this.#skip(end);
  }

  /**
   * Goes on to a sequence by the hashes that the tree has of what is not there. It takes no more steps than the tree has
   * hashes, however far the sequence is.
   *
   * @returns whether the tree had all of them
   */
  #skip(end: number): boolean {
    while (this.#next < end) {
      const hash = this.#lost ? undefined : this.#storedLeaf(this.#next);
      if (hash === undefined) {
        this.#lost = true;
        this.#next = end;
        return false;
      }
      this.#grow(hash);
    }
    return true;
  }

  #grow(leaf: Buffer): void {
    this.#next += 1;
    if (this.#lost) return;
    this.#builder.append(leaf);
    if (this.#builder.size % TILE_WIDTH === 0) {
      for (const tile of this.#builder.takeChanged()) {
        if (tile.hashes.length === TILE_WIDTH * HASH_BYTES) this.#compareTile(tile);
      }
    }
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

  #agrees(expected: Expected): void {
    this.#agreed = expected.size;
    if (!expected.own) this.#agreedOlder = expected.size;
    this.#keys.vouch(expected);
  }

  /** Only the first of the log's own is told: all that follow differ too. */
  #differs({ name, size, own }: Expected): void {
    if (own && this.#differed) return;
    this.#differed ||= own;
    // Who has the key can sign the log's own checkpoints again, so they narrow nothing down for the auditor's.
    const [from, to] = [own ? this.#agreed : this.#agreedOlder, size - 1];
    const which =
      from === to ? `record ${to}` : from > to ? 'the records' : `something among records ${from} to ${to}`;
    this.#fault({
      ...(from === to && { sequence: to }),
      message: `${name} was signed for another log: ${which} changed since`,
    });
  }

  /** A stored tile with the one that the records make. */
  #compareTile({ level, index, hashes }: BuiltTile): void {
    const expected = hashes.subarray(0, tileWidth(level, index, this.#covered) * HASH_BYTES);
    const stored = this.#source.tile(level, index) ?? NOTHING;
    if (stored.equals(expected)) return;
    const [found, due] = [stored.length / HASH_BYTES, expected.length / HASH_BYTES];
    if (found !== due) {
      this.#fault({
        message: `tile ${index} of level ${level} has ${found} hashes, but the last checkpoint is of ${due} in it`,
      });
      return;
    }
    // The record that a leaf differs from was told, and what is above it differs for that reason.
    if (level === 0 || this.#changed) return;
    this.#fault({ message: `tile ${index} of level ${level} has hashes that the records do not make` });
  }

  #storedLeaf(sequence: number): Buffer | undefined {
    const index = Math.floor(sequence / TILE_WIDTH);
    if (this.#leaves.index !== index) {
      this.#leaves = { index, hashes: this.#source.tile(0, index) ?? NOTHING };
    }
    const at = sequence % TILE_WIDTH;
    const leaf = this.#leaves.hashes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES);
    return leaf.length === HASH_BYTES ? leaf : undefined;
  }

  #end(): void {
    this.#content.end();
    if (!this.#lost) this.#endTree();
    const { size, minimumIndex, keys } = this.#source;
    if (minimumIndex !== this.#content.minimumIndex) {
      this.#fault({
        message: `the log begins at record ${minimumIndex}, but its records say that it was pruned up to ${this.#content.minimumIndex}`,
      });
    }
    if (size === 0 && keys.length > 0) {
      this.#fault({ message: 'the log has keys, and no record that they were put on' });
    }
    if (this.#faultsTotal > 0) return;
    for (const message of this.#keys.unvouched(size)) this.#fault({ message });
  }

  #endTree(): void {
    for (const { name, size } of this.#expected.slice(this.#compared)) {
      this.#fault({
        sequence: this.#builder.size,
        message: `it is missing: the log ends after ${this.#builder.size} records, but ${name} was signed for ${size}`,
      });
    }
    // Otherwise the tiles have the hashes of the missing records, too.
    if (this.#builder.size < this.#covered) return;
    for (const tile of this.#builder.partialTiles()) this.#compareTile(tile);
  }

  #fault(fault: LogFault): void {
    this.#faultsTotal += 1;
    if (this.#faults.length >= FAULTS_MAX) return;
    const { message } = fault;
    const cut =
      message.length > FAULT_CHARACTERS_MAX ? `${message.slice(0, FAULT_CHARACTERS_MAX)}…` : message;
    this.#faults.push({ ...fault, message: cut });
  }
}

function lastOwn(expected: readonly Expected[]): number {
  return expected.findLast(({ own }) => own)?.size ?? 0;
}
