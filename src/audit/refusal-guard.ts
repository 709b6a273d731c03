import type { RecordHead, RefusalRecord } from './record.js';
import { TokenBucket, type BucketSize } from './token-bucket.js';

/** An attempt that was refused to its caller. */
export type RefusedAttempt = Pick<RefusalRecord, 'attempt' | 'code' | 'reason' | 'domain'> &
  Pick<RecordHead, 'caller' | 'correlation'>;

/** Attempts that are told in one record: what is said of them is what was said of the last. */
export interface ToldAttempts extends RefusedAttempt {
  /** From 1. */
  readonly attempts: number;
}

/** Records of one caller, and of all together: a burst, and so many each second after it. */
const OF_A_CALLER: BucketSize = { burst: 20, perSecond: 1 };
const OF_ALL: BucketSize = { burst: 100, perSecond: 10 };
/** Callers whose buckets are remembered. One that is forgotten begins anew, within the bucket of all. */
const CALLERS_MAX = 1000;
/** Kinds of attempt that wait to be told one by one. */
const WAITING_MAX = 1000;

/**
 * Keeps a flood of refused attempts from filling the log: when a caller, or all together, made more than may be told one
 * by one, attempts of a kind (the same caller, attempt, code and domain) are counted and told together once there is
 * room again.
 *
 * INVARIANT: every attempt that was noted is in exactly one of what `note`, `due` and `rest` return.
 */
export class RefusalGuard {
  readonly #all: TokenBucket;
  readonly #ofCallers = new Map<string, TokenBucket>();
  /** In the order in which they began to wait. */
  readonly #waiting = new Map<string, ToldAttempts>();

  constructor(nowMs: number) {
    this.#all = new TokenBucket(OF_ALL, nowMs);
  }

  /** How many kinds of attempt wait to be told. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** What is to be told now that this was attempted; `undefined` when it waits. */
  note(attempt: RefusedAttempt, nowMs: number): ToldAttempts | undefined {
    return this.#take(this.add({ ...attempt, attempts: 1 }), nowMs);
  }

  /** Lets attempts wait that could not be told; returns the name of their kind. */
  add(told: ToldAttempts): string {
    const own = JSON.stringify([told.caller.id, told.attempt, told.code, told.domain]);
    const kind = this.#waiting.has(own) || this.#waiting.size < WAITING_MAX ? own : OTHERS;
    const waiting = this.#waiting.get(kind);
    const attempts = told.attempts + (waiting?.attempts ?? 0);
    this.#waiting.set(kind, kind === OTHERS ? { ...SEVERAL, attempts } : { ...told, attempts });
    return kind;
  }

  /** What there is room for by now. */
  due(nowMs: number): readonly ToldAttempts[] {
    return [...this.#waiting.keys()].flatMap((kind) => this.#take(kind, nowMs) ?? []);
  }

  /** All that waits, whether there is room or not. */
  rest(): readonly ToldAttempts[] {
    const rest = [...this.#waiting.values()];
    this.#waiting.clear();
    return rest;
  }

  #take(kind: string, nowMs: number): ToldAttempts | undefined {
    const told = this.#waiting.get(kind);
    if (told === undefined) return undefined;
    const bucket = this.#bucketOf(told.caller.id, nowMs);
    if (!this.#all.has(nowMs) || !bucket.has(nowMs)) return undefined;
    this.#all.take();
    bucket.take();
    this.#waiting.delete(kind);
    return told;
  }

  #bucketOf(caller: string, nowMs: number): TokenBucket {
    const known = this.#ofCallers.get(caller);
    if (known !== undefined) return known;
    const [oldest] = this.#ofCallers.keys();
    if (this.#ofCallers.size >= CALLERS_MAX && oldest !== undefined) this.#ofCallers.delete(oldest);
    const bucket = new TokenBucket(OF_A_CALLER, nowMs);
    this.#ofCallers.set(caller, bucket);
    return bucket;
  }
}

const OTHERS = 'others';
/** What is told of attempts of more kinds than can wait. */
const SEVERAL = {
  caller: { id: 'anonymous', roles: [] },
  attempt: 'several',
  code: 'forbidden',
  reason: 'more kinds of attempts by more callers than are told one by one',
} as const satisfies RefusedAttempt;
