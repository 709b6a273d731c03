/** An instance as the pool knows it. */
export interface Pooled {
  /** Lets go of the instance and its memory; it is made again when it is needed. */
  drop(): void;
}

interface Kept {
  usedAt: number;
  bytes: number;
}

/**
 * Keeps the memory of many instances within bounds: a page that an evaluation has touched stays, so that one large input
 * for each of a thousand layers would otherwise take what no machine has. Past the limit the instances that were used
 * longest ago are let go.
 */
export class InstancePool {
  readonly #bytesMax: number;
  readonly #kept = new Map<Pooled, Kept>();
  #bytes = 0;
  #uses = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /**
   * Notes that an instance was used; it is not let go for its own use.
   *
   * @param bytes of its memory that were touched until now
   */
  used(instance: Pooled, bytes: number): void {
    const kept = this.#kept.get(instance) ?? { usedAt: 0, bytes: 0 };
    if (kept.usedAt === 0) this.#kept.set(instance, kept);
    this.#uses += 1;
    kept.usedAt = this.#uses;
    if (bytes <= kept.bytes) return;
    this.#bytes += bytes - kept.bytes;
    kept.bytes = bytes;
    while (this.#bytes > this.#bytesMax && this.#kept.size > 1) this.#dropOldest();
  }

  /** Forgets an instance that was let go. */
  dropped(instance: Pooled): void {
    this.#bytes -= this.#kept.get(instance)?.bytes ?? 0;
    this.#kept.delete(instance);
  }

  #dropOldest(): void {
    let oldest: Pooled | undefined;
    let usedAt = Number.POSITIVE_INFINITY;
    for (const [instance, kept] of this.#kept) {
      if (kept.usedAt < usedAt) [oldest, usedAt] = [instance, kept.usedAt];
    }
    if (oldest === undefined) return;
    this.dropped(oldest);
    oldest.drop();
  }
}
