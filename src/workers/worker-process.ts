import { fork, type ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { EncodedEntries, EncodedLog } from '../audit/log.js';
import type { Decider } from '../deciders.js';
import type { Quarantined } from '../decision/quarantine.js';
import { messageOf, WitanError } from '../errors.js';
import type { PoliciesInForce } from '../policy/in-force.js';
import type { ModuleBytes } from '../rego/module-bytes.js';
import type { Change } from '../store/store.js';
import { lawReplica } from './law-replica.js';
import type { ObservedReport } from './observed-report.js';
import {
  ANSWER_MS_MAX,
  START_MS_MAX,
  type FromWorker,
  type PassedFault,
  type ToWorker,
  type WorkerSettings,
} from './protocol.js';

interface Needs {
  readonly settings: WorkerSettings;
  readonly audit: EncodedLog;
  readonly moduleBytes: ModuleBytes;
  /** Whether somebody looks at decisions that are on record. */
  readonly observing: () => boolean;
  /** Told of a policy that it put into quarantine. */
  readonly quarantined: (quarantined: Quarantined) => void;
  readonly observed: (observed: readonly ObservedReport[]) => void;
  /** Told once why it is gone. */
  readonly ended: (reason: string) => void;
}

/** What decisions are made from, of all that changes; the law comes in its own way. */
const SHOWN: ReadonlySet<Change['kind']> = new Set<Change['kind']>([
  'put_product',
  'delete_product',
  'put_entity',
  'delete_entity',
  'put_domain',
  'put_waiver',
  'put_token',
]);

/** What is asked, without the number by which it is acknowledged. */
type Question = ToWorker extends infer Message
  ? Message extends { readonly ask: number }
    ? Omit<Message, 'ask'>
    : never
  : never;

/**
 * A process that decides, as the main one sees it. One that does not answer in time is ended: whatever it still said is not
 * heard any more, so that nothing of it comes into the log behind what it did not know of.
 */
export class WorkerProcess implements Decider {
  readonly #needs: Needs;
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  /** Who waits to be told that something was done, by the number it was asked under. */
  readonly #asked = new Map<number, () => void>();
  #lastAsk = 0;
  /** What was handed over last. */
  #law: PoliciesInForce | undefined;
  #observing = false;
  /** Connections that it was sent and did not take yet, in their order. */
  readonly #untaken: Socket[] = [];
  #deciding = false;
  /** Why it is to end. */
  #ending: string | undefined;

  constructor(needs: Needs) {
    this.#needs = needs;
    this.#child = fork(entry(), [], { serialization: 'advanced', execArgv: [] });
    this.#exited = new Promise((resolve) => {
      const gone = (reason: string): void => {
        this.#ending ??= reason;
        for (const done of this.#asked.values()) done();
        this.#asked.clear();
        // Those that never left this process would otherwise stay open.
        for (const connection of this.#untaken.splice(0)) connection.destroy();
        needs.ended(this.#ending);
        resolve();
      };
      this.#child.once('exit', (code, signal) => {
        gone(`it ended with ${signal ?? `code ${String(code)}`}`);
      });
      this.#child.on('error', (error) => {
        // One that never started does not exit.
        if (this.#child.pid === undefined) gone(messageOf(error));
        else this.end(messageOf(error));
      });
    });
    this.#child.on('message', (message: FromWorker) => {
      if (this.#ending === undefined) this.#hear(message);
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get untaken(): number {
    return this.#untaken.length;
  }

  get gone(): boolean {
    return this.#ending !== undefined;
  }

  /** Starts it with nothing in force and nothing known. */
  begin(): Promise<void> {
    return this.#ask({ kind: 'begin', settings: this.#needs.settings }, START_MS_MAX);
  }

  async show(changes: readonly Change[]): Promise<void> {
    const shown = changes.filter(({ kind }) => SHOWN.has(kind));
    await Promise.all([
      changes.some(({ kind }) => kind === 'put_proposal') ? this.#tellObserving() : undefined,
      shown.length > 0 ? this.#ask({ kind: 'show', changes: shown }) : undefined,
    ]);
  }

  prepare(policies: PoliciesInForce): Promise<void> {
    if (this.#law === policies) return Promise.resolve();
    const law = lawReplica(policies, this.#law, this.#needs.moduleBytes);
    this.#law = policies;
    return this.#ask({ kind: 'prepare', law }, START_MS_MAX);
  }

  hold(): Promise<void> {
    return this.#ask({ kind: 'hold' });
  }

  async release(policies: PoliciesInForce): Promise<void> {
    const isPrepared = this.#law === policies;
    void this.prepare(policies);
    void this.#tellObserving();
    const { revision } = policies;
    await this.#ask({ kind: 'release', revision }, isPrepared ? ANSWER_MS_MAX : START_MS_MAX);
    this.#deciding = true;
  }

  quarantine(quarantined: Quarantined): void {
    this.#post({ kind: 'quarantine', quarantined });
  }

  /** Hands a connection over; it is closed where that cannot be done. */
  take(connection: Socket): void {
    this.#untaken.push(connection);
    this.#child.send({ kind: 'take' } satisfies ToWorker, connection, {}, (error) => {
      if (error !== null) connection.destroy();
    });
  }

  /** Whether it still answers; one that does not is ended. */
  ping(): Promise<void> {
    return this.#ask({ kind: 'ping' });
  }

  /** Has it finish what is in flight and end. */
  async stop(stopMsMax: number): Promise<void> {
    await this.#ask({ kind: 'stop', stopMsMax }, stopMsMax + ANSWER_MS_MAX);
    this.#ending ??= 'it was stopped';
    if (this.#child.connected) this.#child.disconnect();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), ANSWER_MS_MAX);
    await this.#exited;
    clearTimeout(timer);
  }

  /** Ends it at once. */
  end(reason: string): void {
    this.#ending ??= reason;
    this.#child.kill('SIGKILL');
  }

  #tellObserving(): Promise<void> {
    const active = this.#needs.observing();
    if (active === this.#observing) return Promise.resolve();
    this.#observing = active;
    return this.#ask({ kind: 'observe', active });
  }

  /** Resolves when it is done, or the process is gone. */
  #ask(question: Question, msMax = this.#deciding ? ANSWER_MS_MAX : START_MS_MAX): Promise<void> {
    if (this.gone) return this.#exited;
    this.#lastAsk += 1;
    const ask = this.#lastAsk;
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.end(`it did not answer \`${question.kind}\` within ${msMax} ms`);
      }, msMax);
      this.#asked.set(ask, () => {
        clearTimeout(timer);
        resolve();
      });
      this.#post({ ...question, ask });
    });
  }

  #post(message: ToWorker): void {
    if (this.#child.connected) this.#child.send(message, undefined, undefined, () => undefined);
  }

  #hear(message: FromWorker): void {
    switch (message.kind) {
      case 'done':
        this.#asked.get(message.ask)?.();
        this.#asked.delete(message.ask);
        return;
      case 'taken':
        this.#untaken.shift();
        return;
      case 'append':
        this.#append(message.group, message.entries);
        return;
      case 'quarantine':
        this.#needs.quarantined(message.quarantined);
        return;
      case 'observed':
        this.#needs.observed(message.observed);
    }
  }

  #append(group: number, entries: EncodedEntries): void {
    this.#needs.audit.appendEncoded(entries).then(
      (positions) => {
        this.#post({ kind: 'written', group, positions });
      },
      (thrown: unknown) => {
        this.#post({ kind: 'unwritten', group, fault: passedFault(thrown) });
      },
    );
  }
}

/** Workers run the built product, as the threads do (`startWorker`). */
function entry(): string {
  const base = import.meta.url;
  return fileURLToPath(new URL('./worker.js', base.endsWith('.ts') ? base.replace('/src/', '/dist/') : base));
}

function passedFault(thrown: unknown): PassedFault {
  if (!(thrown instanceof WitanError)) return { code: 'internal_error', message: messageOf(thrown) };
  const { code, message, cause } = thrown;
  return { code, message, ...(cause !== undefined && { cause: messageOf(cause) }) };
}
