import { recordText } from '../../../audit/record-text.js';
import type {
  AuditEntry,
  AuditPosition,
  EncodedPositions,
  EncodedEntries,
  MaskedValue,
} from '../../../audit/log.js';
import type { Change } from '../../store.js';
import { encodeChange } from './stored-change.js';
import type { RecordGroup, StoredChange } from './writer-protocol.js';

/** Who waits for an entry. */
export interface Waiter {
  readonly resolve: (position: AuditPosition) => void;
  readonly reject: (reason: Error) => void;
}

const BYTES_AT_FIRST = 256 * 1024;
/** A group is closed when it holds so much: the next entry starts another. */
const BYTES_MAX = 4 * 1024 * 1024;
const ENTRIES_MAX = 2048;

/** Entries on their way into one commit, encoded as they come. */
export class EntryGroup {
  readonly waiters: Waiter[] = [];
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

  get full(): boolean {
    return this.#length >= BYTES_MAX || this.waiters.length >= ENTRIES_MAX;
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
   * Encodes the entry, once; those bytes are what is stored.
   *
   * @param isDurable whether the document of a digest is stored already
   * @throws TypeError when the record is not JSON; WitanError `internal_error` when a change is misnamed. Nothing is then added.
   */
  add(entry: AuditEntry<Change>, waiter: Waiter, isDurable: (digest: string) => boolean): void {
    const text = recordText(entry.record);
    const encoded = entry.changes?.map(encodeChange) ?? [];
    const at = this.waiters.length;
    for (const { change, document } of encoded) {
      this.#changes.push({ at, change });
      if (document !== undefined && !isDurable(document[0])) this.#documents.set(...document);
    }
    if (entry.documents !== undefined) {
      for (const [digest, body] of entry.documents) {
        if (isDurable(digest) || this.#documents.has(digest)) continue;
        this.#documents.set(digest, typeof body === 'string' ? body : body());
      }
    }
    if (entry.masked !== undefined && entry.masked.length > 0)
      this.#masked.push({ at, values: entry.masked });
    this.#append(text);
    this.#ends.push(this.#length);
    this.#ids.push(entry.record.id);
    this.waiters.push(waiter);
  }

  /**
   * Adds entries that were encoded elsewhere, as they are.
   *
   * @param waiters one for each
   */
  addEncoded(
    { bytes, ends, ids, documents, masked }: EncodedEntries,
    waiters: readonly Waiter[],
    isDurable: (digest: string) => boolean,
  ): void {
    const at = this.waiters.length;
    for (const [digest, text] of documents) {
      if (!isDurable(digest) && !this.#documents.has(digest)) this.#documents.set(digest, text);
    }
    for (const each of masked) this.#masked.push({ at: at + each.at, values: each.values });
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    for (const end of ends) this.#ends.push(this.#length + end);
    this.#length += bytes.length;
    for (const id of ids) this.#ids.push(id);
    for (const waiter of waiters) this.waiters.push(waiter);
  }

  /**
   * Tells who waits that the group is durable: each its sequence, but for the entries that could not be stored.
   *
   * @param unstored the error for one of these, by what was said of it
   * @returns the sequence after the last
   */
  resolve({ first, refused }: EncodedPositions, unstored: (message: string) => Error): number {
    const messages = new Map(refused.map(({ at, message }) => [at, message]));
    let sequence = first;
    for (const [at, { resolve, reject }] of this.waiters.entries()) {
      const message = messages.get(at);
      if (message === undefined) resolve({ sequence: sequence++ });
      else reject(unstored(message));
    }
    return sequence;
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

  #append(text: string): void {
    // A UTF-16 code unit takes three bytes of UTF-8 at most.
    this.#reserve(text.length * 3);
    this.#length += this.#bytes.write(text, this.#length, 'utf8');
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
