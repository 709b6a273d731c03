import type {
  AuditEntry,
  AuditLog,
  AuditPosition,
  AuditPositions,
  EncodedEntries,
  EncodedLog,
} from '../../../audit/log.js';
import { WitanError } from '../../../errors.js';
import { startWorker } from '../../../worker.js';
import type { Change } from '../../store.js';
import { EntryGroup } from './entry-group.js';
import { KnownDigests } from './known-digests.js';
import { requireWhole } from './require-whole.js';
import { StoreThread } from '../store-thread.js';
import type { Seal } from '../tree/tree-protocol.js';
import { waiterForAll, waiterForOne, type Waiter } from './waiter.js';
import type { FromWriter, ThreadFault, ToWriter, WriterSettings } from './writer-protocol.js';

type WriterThread = StoreThread<ToWriter, FromWriter>;

interface Options extends WriterSettings {
  readonly queueEntriesMax: number;
}

/**
 * An idle writer gets so many entries at once, so that the disk is at work while those that came with them are decided; else
 * all that came together would wait for it together.
 */
const ENTRIES_AT_ONCE = 16;
/** More than a large mesh has registered products. */
const KNOWN_DIGESTS_MAX = 200_000;
const SPARES_MAX = 4;
const SPARE_BYTES_MAX = 2 * 1024 * 1024;

/**
 * The log in SQLite. Whatever is appended while the writer thread commits makes up the next group; an idle writer
 * gets all that was appended in a row, at once when that is enough for a commit, else as soon as nothing else is to be done.
 * Nothing waits for a timer.
 */
export class SqliteAuditLog implements AuditLog<Change>, EncodedLog {
  readonly #options: Options;
  readonly #durable = new KnownDigests(KNOWN_DIGESTS_MAX);
  readonly #waiting: EntryGroup[] = [];
  readonly #probes: ((succeeded: boolean) => void)[] = [];
  /** Who waits for seals, in the order in which they were sent. */
  readonly #seals: { readonly resolve: () => void; readonly reject: (reason: Error) => void }[] = [];
  readonly #spare: ArrayBuffer[] = [];
  #inFlight: EntryGroup | undefined;
  /** Entries that were accepted and not answered yet. */
  #unanswered = 0;
  #writer: Promise<WriterThread> | undefined;
  /** The same once it runs. */
  #thread: WriterThread | undefined;
  /** Records that are durable. */
  #size = 0;
  #listener: (size: number) => void = () => undefined;
  #scheduled = false;
  #healthy = true;
  #closed = false;
  #drained: (() => void) | undefined;

  private constructor(options: Options) {
    this.#options = options;
  }

  /** @throws WitanError `store_unavailable`, `store_corrupt` */
  static async open(options: Options): Promise<SqliteAuditLog> {
    const log = new SqliteAuditLog(options);
    log.#size = (await log.#running()).ready.size;
    log.#sweep();
    return log;
  }

  /** Tells `listener` how many records are durable: now, and after each commit. */
  onCommitted(listener: (size: number) => void): void {
    this.#listener = listener;
    listener(this.#size);
  }

  /** Says of a document that it is stored, so that it need not be sent with the first record that names it. */
  noteStored(digest: string): void {
    this.#durable.add(digest);
  }

  append(entry: AuditEntry<Change>): Promise<AuditPosition> {
    return new Promise((resolve, reject) => {
      this.#add([entry], waiterForOne(resolve, reject));
    });
  }

  appendAll(entries: readonly AuditEntry<Change>[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#add(entries, waiterForAll(resolve, reject));
    });
  }

  /** They are taken in whole or not at all, so that they stand together. */
  appendEncoded(entries: EncodedEntries): Promise<AuditPositions> {
    return new Promise((resolve, reject) => {
      requireWhole(entries);
      const { length } = entries.ids;
      this.#requireRoom(length);
      this.#openGroup().addEncoded(entries, { resolve, reject }, this.#isDurable);
      this.#unanswered += length;
      this.#schedule();
    });
  }

  healthy(): boolean {
    return this.#healthy;
  }

  async probe(): Promise<boolean> {
    if (this.#closed) return false;
    let writer: WriterThread;
    try {
      writer = await this.#running();
    } catch (thrown) {
      if (!(thrown instanceof WitanError)) throw thrown;
      return false;
    }
    return new Promise((resolve) => {
      this.#probes.push(resolve);
      writer.post({ kind: 'probe' });
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#unanswered > 0) {
      await new Promise<void>((resolve) => {
        this.#drained = resolve;
      });
    }
    const writer = await this.#writer;
    await writer?.close({ kind: 'close' });
    for (const seal of this.#seals.splice(0)) seal.reject(closed());
  }

  /** Makes a checkpoint durable. @throws WitanError `store_unavailable`, `store_corrupt` */
  async putSeal(seal: Seal): Promise<void> {
    if (this.#closed) throw closed();
    const writer = await this.#running();
    return new Promise((resolve, reject) => {
      this.#seals.push({ resolve, reject });
      writer.post({ kind: 'seal', seal });
    });
  }

  readonly #isDurable = (digest: string): boolean => this.#durable.has(digest);

  /** @throws WitanError `overloaded`, `audit_unavailable`; and what `EntryGroup.add` throws */
  #add(entries: readonly AuditEntry<Change>[], waiter: Waiter): void {
    this.#requireRoom(entries.length);
    this.#openGroup().add(entries, waiter, this.#isDurable);
    this.#unanswered += entries.length;
    this.#schedule();
  }

  /** @throws WitanError `overloaded`, `audit_unavailable` */
  #requireRoom(entries: number): void {
    if (this.#closed) throw closed();
    if (this.#unanswered + entries <= this.#options.queueEntriesMax) return;
    throw new WitanError('overloaded', `${this.#unanswered} records wait to be written; try again later`);
  }

  /** Keeps memory for a later group: fresh memory for each costs more than encoding the records. */
  #keep(bytes: ArrayBuffer): void {
    if (this.#spare.length < SPARES_MAX && bytes.byteLength <= SPARE_BYTES_MAX) this.#spare.push(bytes);
  }

  #openGroup(): EntryGroup {
    const last = this.#waiting.at(-1);
    if (last !== undefined && !last.full) return last;
    const group = new EntryGroup(this.#spare.pop());
    this.#waiting.push(group);
    return group;
  }

  #schedule(): void {
    if (this.#inFlight !== undefined) return;
    if ((this.#waiting[0]?.entries ?? 0) >= ENTRIES_AT_ONCE) {
      this.#sendNext();
      return;
    }
    if (this.#scheduled) return;
    this.#scheduled = true;
    process.nextTick(() => {
      this.#scheduled = false;
      this.#sendNext();
    });
  }

  #sendNext(): void {
    if (this.#inFlight !== undefined) return;
    const group = this.#waiting.shift();
    if (group === undefined) return;
    this.#inFlight = group;
    if (this.#thread !== undefined) {
      postGroup(this.#thread, group);
      return;
    }
    this.#running().then(
      (writer) => {
        // INVARIANT: a thread that died has answered for its group already; the next group has its own thread.
        if (this.#inFlight === group) postGroup(writer, group);
      },
      (reason: unknown) => {
        this.#rejectAll(reason);
      },
    );
  }

  /** Has pruned records deleted, a few between two groups, until none is left. */
  #sweep(): void {
    if (this.#closed) return;
    this.#running().then(
      (writer) => {
        writer.post({ kind: 'sweep' });
      },
      () => {
        // What was not deleted is deleted after the next start.
      },
    );
  }

  /** The running thread, or a new one, which reads again how many records there are. */
  #running(): Promise<WriterThread> {
    if (this.#writer !== undefined) return this.#writer;
    const { dataDir, file } = this.#options;
    const workerData: WriterSettings = { dataDir, file };
    this.#writer = StoreThread.start<ToWriter, FromWriter>(
      startWorker('./writer-worker', import.meta.url, { workerData }),
      {
        message: (message) => {
          this.#hear(message);
        },
        died: (reason) => {
          this.#writer = undefined;
          this.#thread = undefined;
          this.#rejectAll(reason);
        },
      },
    );
    this.#writer.then(
      (thread) => {
        this.#thread = thread;
      },
      () => {
        // Whoever waits for the thread is told; the next one to need it starts another.
        this.#writer = undefined;
        this.#healthy = false;
      },
    );
    return this.#writer;
  }

  #hear(message: FromWriter): void {
    switch (message.kind) {
      case 'committed':
        this.#keep(message.bytes);
        this.#settle((group) => {
          this.#resolve(group, message);
        });
        return;
      case 'failed':
        this.#keep(message.bytes);
        this.#healthy = false;
        this.#settle((group) => {
          group.reject(unavailable(message.fault));
        });
        return;
      case 'probed':
        this.#healthy = message.fault === undefined;
        this.#probes.shift()?.(this.#healthy);
        return;
      case 'sealed': {
        const waiting = this.#seals.shift();
        if (message.fault === undefined) waiting?.resolve();
        else waiting?.reject(new WitanError(message.fault.code, message.fault.message));
        return;
      }
      case 'swept':
        if (message.more) this.#sweep();
        return;
      case 'ready':
      case 'refused':
        // Heard at start, by the thread's owner.
        return;
    }
  }

  /** Ends the group in flight; the next one is sent before anyone is told, so that the writer never waits for them. */
  #settle(tell: (group: EntryGroup) => void): void {
    const group = this.#inFlight;
    if (group === undefined) return;
    this.#inFlight = undefined;
    this.#sendNext();
    tell(group);
    this.#unanswered -= group.entries;
    if (this.#unanswered === 0) this.#drained?.();
  }

  #resolve(group: EntryGroup, positions: AuditPositions): void {
    this.#healthy = true;
    for (const digest of group.digests) this.#durable.add(digest);
    this.#size = positions.first + group.entries - positions.refused.length;
    group.resolve(positions);
    this.#listener(this.#size);
    if (group.prunes) this.#sweep();
  }

  #rejectAll(reason: unknown): void {
    this.#healthy = false;
    const groups = [...(this.#inFlight === undefined ? [] : [this.#inFlight]), ...this.#waiting.splice(0)];
    this.#inFlight = undefined;
    const error = new WitanError('audit_unavailable', 'the audit log cannot be written', { cause: reason });
    for (const group of groups) group.reject(error);
    for (const probe of this.#probes.splice(0)) probe(false);
    for (const seal of this.#seals.splice(0)) seal.reject(error);
    this.#unanswered = 0;
    this.#drained?.();
  }
}

function postGroup(writer: WriterThread, group: EntryGroup): void {
  const message = group.message();
  writer.post({ kind: 'commit', group: message }, [message.bytes]);
}

function closed(): WitanError {
  return new WitanError('audit_unavailable', 'the audit log is closed');
}

/** What the disk said names the folder and is for the service's log alone, as the cause. */
function unavailable(fault: ThreadFault): WitanError {
  return new WitanError('audit_unavailable', 'the record could not be written', {
    cause: new WitanError(fault.code, fault.message),
  });
}
