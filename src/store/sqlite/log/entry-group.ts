import { recordText, type RecordText } from '../../../audit/record-text.js';
import type { AuditEntry, AuditPositions, EncodedEntries, MaskedValue } from '../../../audit/log.js';
import type { Change } from '../../store.js';
import { encodeChange } from './stored-change.js';
import type { Waiter } from './waiter.js';
import type { RecordGroup, StoredChange } from './writer-protocol.js';

const NONE: readonly never[] = [];
const NO_DOCUMENTS: ReadonlyMap<string, string> = new Map();
const BYTES_AT_FIRST = 256 * 1024;
/** A group is closed when it holds so much: the next entry starts another. */
const BYTES_MAX = 4 * 1024 * 1024;
const ENTRIES_MAX = 2048;

/** Entries on their way into one commit, encoded as they come. */
export class EntryGroup {
  /** With where the entries of each end. */
  readonly #waiters: { readonly waiter: Waiter; readonly end: number }[] = [];
  readonly #ids: string[] = [];
  readonly #ends: number[] = [];
  readonly #documents = new Map<string, string>();
  readonly #changes: { at: number; change: StoredChange }[] = [];
  readonly #masked: { at: number; values: readonly MaskedValue[] }[] = [];
  #bytes: Buffer;
  #length = 0;

  /** @param spare memory of an earlier group, to be written over */
  constructor(spare = new ArrayBuffer(BYTES_AT_FIRST)) {
    this.#bytes = Buffer.from(spare);
  }

  get entries(): number {
    return this.#ids.length;
  }

  get full(): boolean {
    return this.#length >= BYTES_MAX || this.entries >= ENTRIES_MAX;
  }

  /** Whether an entry of it prunes the log. */
  get prunes(): boolean {
    return this.#changes.some(({ change }) => change.kind === 'prune');
  }

  /** The digests of the documents that this group makes durable. */
  get digests(): Iterable<string> {
    return this.#documents.keys();
  }

  /**
   * Encodes entries, once; those bytes are what is stored.
   *
   * @param isDurable whether the document of a digest is stored already
   * @throws TypeError when a record is not JSON; WitanError `internal_error` when a change is misnamed. Nothing is then added.
   */
  add(entries: readonly AuditEntry<Change>[], waiter: Waiter, isDurable: (digest: string) => boolean): void {
    const encoded = entries.map((entry) => this.#encode(entry, isDurable));
    for (const each of encoded) this.#put(each);
    this.#waiters.push({ waiter, end: this.entries });
  }

  /** Adds entries that were encoded elsewhere, as they are. */
  addEncoded(
    { bytes, ends, ids, documents, masked }: EncodedEntries,
    waiter: Waiter,
    isDurable: (digest: string) => boolean,
  ): void {
    const at = this.entries;
    for (const [digest, text] of documents) {
      if (!isDurable(digest) && !this.#documents.has(digest)) this.#documents.set(digest, text);
    }
    for (const each of masked) this.#masked.push({ at: at + each.at, values: each.values });
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    for (const end of ends) this.#ends.push(this.#length + end);
    this.#length += bytes.length;
    for (const id of ids) this.#ids.push(id);
    this.#waiters.push({ waiter, end: this.entries });
  }

  /** Tells each who waits where its entries stand, now that the group is durable. */
  resolve({ first, refused }: AuditPositions): void {
    let [start, sequence] = [0, first];
    for (const { waiter, end } of this.#waiters) {
      const own = refused.length === 0 ? refused : refusedWithin(refused, start, end);
      waiter.resolve({ first: sequence, refused: own });
      sequence += end - start - own.length;
      start = end;
    }
  }

  /** Tells everyone who waits that nothing of the group is durable. */
  reject(reason: Error): void {
    for (const { waiter } of this.#waiters) waiter.reject(reason);
  }

  /** The group as a message; its bytes are handed over, so this is called once. */
  message(): RecordGroup {
    return {
      bytes: this.#bytes.buffer as ArrayBuffer,
      ends: this.#ends,
      ids: this.#ids,
      documents: [...this.#documents],
      masked: this.#masked,
      changes: this.#changes,
    };
  }

  #encode(
    { record, documents = NO_DOCUMENTS, masked = NONE, changes = NONE }: AuditEntry<Change>,
    isDurable: (digest: string) => boolean,
  ): EncodedEntry {
    const encoded = changes.map(encodeChange);
    const toStore: Document[] = [];
    for (const { document } of encoded) {
      if (document !== undefined && !isDurable(document[0])) toStore.push(document);
    }
    for (const [digest, body] of documents) {
      if (isDurable(digest) || this.#documents.has(digest)) continue;
      toStore.push([digest, typeof body === 'string' ? body : body()]);
    }
    return {
      id: record.id,
      text: recordText(record),
      documents: toStore,
      masked,
      changes: encoded.map(({ change }) => change),
    };
  }

  #put({ id, text, documents, masked, changes }: EncodedEntry): void {
    const at = this.entries;
    for (const change of changes) this.#changes.push({ at, change });
    for (const [digest, body] of documents) this.#documents.set(digest, body);
    if (masked.length > 0) this.#masked.push({ at, values: masked });
    this.#append(text);
    this.#ends.push(this.#length);
    this.#ids.push(id);
  }

  #append({ start, end }: RecordText): void {
    // A UTF-16 code unit takes three bytes of UTF-8 at most.
    this.#reserve(start.length * 3 + end.length);
    this.#length += this.#bytes.write(start, this.#length, 'utf8');
    this.#bytes.set(end, this.#length);
    this.#length += end.length;
  }

  /** Makes room for so many bytes more. */
  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.from(new ArrayBuffer(Math.max(needed, this.#bytes.length * 2)));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}

type Document = readonly [digest: string, text: string];

/** An entry as it is stored. */
interface EncodedEntry {
  readonly id: string;
  readonly text: RecordText;
  /** Those that are not stored yet. */
  readonly documents: readonly Document[];
  readonly masked: readonly MaskedValue[];
  readonly changes: readonly StoredChange[];
}

/** Those of `start` to `end`, by their places from there on. */
function refusedWithin(
  refused: AuditPositions['refused'],
  start: number,
  end: number,
): AuditPositions['refused'] {
  return refused
    .filter(({ at }) => at >= start && at < end)
    .map(({ at, message }) => ({ at: at - start, message }));
}
