import type { AuditEntry, AuditLog, AuditPosition, EncodedEntries, AuditPositions } from '../audit/log.js';
import { WitanError } from '../errors.js';
import { EntryGroup } from '../store/sqlite/log/entry-group.js';
import { KnownDigests } from '../store/sqlite/log/known-digests.js';
import { waiterForAll, waiterForOne, type Waiter } from '../store/sqlite/log/waiter.js';
import type { PassedFault } from './protocol.js';

interface Options {
  /** Records that may wait to be written; past it appends are refused with `overloaded`. */
  readonly queueEntriesMax: number;
  /** Sends a group to the main process. */
  readonly send: (group: number, entries: EncodedEntries) => void;
}

/** More than a large mesh has registered products. */
const KNOWN_DIGESTS_MAX = 200_000;
/** Groups that are on their way. While so many are, what is decided makes up the next one. */
const GROUPS_MAX = 2;

/**
 * The log of the main process as a worker writes to it. Records are encoded here, once; what a turn of the event loop brings
 * goes over together, so that nothing comes between the records of one request.
 */
export class RemoteAuditLog implements Pick<AuditLog, 'append' | 'appendAll'> {
  readonly #options: Options;
  readonly #durable = new KnownDigests(KNOWN_DIGESTS_MAX);
  /** By their numbers. */
  readonly #underWay = new Map<number, EntryGroup>();
  #open: EntryGroup | undefined;
  #spare: ArrayBuffer | undefined;
  #lastGroup = 0;
  #unanswered = 0;
  #scheduled = false;

  constructor(options: Options) {
    this.#options = options;
  }

  append(entry: AuditEntry): Promise<AuditPosition> {
    return new Promise((resolve, reject) => {
      this.#add([entry], waiterForOne(resolve, reject));
    });
  }

  appendAll(entries: readonly AuditEntry[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#add(entries, waiterForAll(resolve, reject));
    });
  }

  /** Sends what is there, however much is on its way. */
  flush(): void {
    const group = this.#open;
    if (group === undefined) return;
    this.#open = undefined;
    this.#lastGroup += 1;
    this.#underWay.set(this.#lastGroup, group);
    const { bytes, ends, ids, documents, masked } = group.message();
    this.#options.send(this.#lastGroup, {
      ...{ ends, ids, documents, masked },
      bytes: new Uint8Array(bytes, 0, ends.at(-1) ?? 0),
    });
    // It was copied on its way out.
    this.#spare = bytes;
  }

  written(number: number, positions: AuditPositions): void {
    const group = this.#take(number);
    if (group === undefined) return;
    for (const digest of group.digests) this.#durable.add(digest);
    group.resolve(positions);
  }

  unwritten(number: number, { code, message, cause }: PassedFault): void {
    const group = this.#take(number);
    if (group === undefined) return;
    const error = new WitanError(code, message, cause === undefined ? {} : { cause: new Error(cause) });
    group.reject(error);
  }

  #add(entries: readonly AuditEntry[], waiter: Waiter): void {
    if (this.#unanswered + entries.length > this.#options.queueEntriesMax) {
      throw new WitanError('overloaded', `${this.#unanswered} records wait to be written; try again later`);
    }
    this.#open ??= new EntryGroup(this.#takeSpare());
    this.#open.add(entries, waiter, (digest) => this.#durable.has(digest));
    this.#unanswered += entries.length;
    this.#schedule();
  }

  #take(number: number): EntryGroup | undefined {
    const group = this.#underWay.get(number);
    if (group === undefined) return undefined;
    this.#underWay.delete(number);
    this.#unanswered -= group.entries;
    this.#sendNext();
    return group;
  }

  #takeSpare(): ArrayBuffer | undefined {
    const spare = this.#spare;
    this.#spare = undefined;
    return spare;
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    process.nextTick(() => {
      this.#scheduled = false;
      this.#sendNext();
    });
  }

  #sendNext(): void {
    if (this.#underWay.size < GROUPS_MAX) this.flush();
  }
}
