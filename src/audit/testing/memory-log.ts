import { matcherOf } from '../matches-filter.js';
import { signCheckpoint } from '../checkpoint.js';
import { leafHash, nodeHash, rootOf, type Subtree } from '../merkle.js';
import { signingKeyOf, writeVerifierKey, type SigningKey } from '../note-key.js';
import type { RecordFilter, ScanSpan, StoredRecord } from '../query.js';
import type { SignedCheckpoint } from '../tree.js';

/** A log in memory, with its tree, that can be exported. */
export class MemoryLog {
  readonly key: SigningKey = signingKeyOf('example.com/log', Buffer.alloc(32, 7));
  readonly checkpoint: SignedCheckpoint;
  readonly #levels: Buffer[][];

  /** @param pruned so many records at the front are no longer there, but for their hashes */
  constructor(
    readonly bytes: readonly Buffer[],
    readonly pruned = 0,
    readonly batchRecords = 100,
  ) {
    this.#levels = [bytes.map(leafHash)];
    for (let below = this.#levels[0]!; below.length > 1;) {
      below = Array.from({ length: Math.floor(below.length / 2) }, (_, n) =>
        nodeHash(below[2 * n]!, below[2 * n + 1]!),
      );
      this.#levels.push(below);
    }
    const [size, origin] = [bytes.length, this.key.name];
    const root = rootOf(size, (subtree) => this.#node(subtree));
    this.checkpoint = { size, root, note: signCheckpoint({ origin, size, root }, [this.key]) };
  }

  static of(records: readonly object[], pruned = 0): MemoryLog {
    return new MemoryLog(
      records.map((record) => Buffer.from(JSON.stringify(record))),
      pruned,
    );
  }

  get sources() {
    return { records: this, tree: this };
  }

  async *scan(
    filter: RecordFilter,
    { from = 0, upTo }: ScanSpan,
  ): AsyncGenerator<readonly StoredRecord[], void> {
    const matches = matcherOf(filter);
    let batch: StoredRecord[] = [];
    for (let sequence = Math.max(from, this.pruned); sequence < upTo; sequence += 1) {
      const bytes = this.bytes[sequence]!;
      if (matches(JSON.parse(bytes.toString('utf8')))) batch.push({ sequence, bytes });
      if (batch.length < this.batchRecords) continue;
      yield batch;
      batch = [];
    }
    await Promise.resolve();
    yield batch;
  }

  minimumIndex(): Promise<number> {
    return Promise.resolve(this.pruned);
  }

  nodes(subtrees: readonly Subtree[]): Promise<readonly Buffer[]> {
    return Promise.resolve(subtrees.map((subtree) => this.#node(subtree)));
  }

  keys(): Promise<readonly string[]> {
    return Promise.resolve([writeVerifierKey(this.key)]);
  }

  #node({ level, index }: Subtree): Buffer {
    const hash = this.#levels[level]?.[index];
    if (hash === undefined) throw new Error(`read beyond the tree: level ${level}, index ${index}`);
    return hash;
  }
}
