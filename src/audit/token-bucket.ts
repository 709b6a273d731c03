export interface BucketSize {
  /** How many there are at first, and at most. */
  readonly burst: number;
  /** How many come back each second. */
  readonly perSecond: number;
}

/** So many at once, and so many each second after that. The clock is an argument; one that goes back gives nothing. */
export class TokenBucket {
  readonly #size: BucketSize;
  #tokens: number;
  #sinceMs: number;

  constructor(size: BucketSize, nowMs: number) {
    this.#size = size;
    this.#tokens = size.burst;
    this.#sinceMs = nowMs;
  }

  /** Whether there is one to take. */
  has(nowMs: number): boolean {
    const { burst, perSecond } = this.#size;
    const passedMs = Math.max(0, nowMs - this.#sinceMs);
    this.#tokens = Math.min(burst, this.#tokens + (passedMs / 1000) * perSecond);
    this.#sinceMs = nowMs;
    return this.#tokens >= 1;
  }

  /** Takes one that `has` said is there. */
  take(): void {
    this.#tokens -= 1;
  }
}
