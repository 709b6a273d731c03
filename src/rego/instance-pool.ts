/** An instance as the pool knows it. */
export interface Pooled {
  /** Lets go of the instance and its memory; it is made again when it is needed. */
  drop(): void;
}

interface Kept {
  readonly instance: WeakRef<Pooled>;
  usedAt: number;
  bytes: number;
}

/**
 * Keeps the memory of many instances within bounds: a page that an evaluation has touched stays, so that one large input
 * for each of a thousand layers would otherwise take what no machine has. Past the limit the instances that were used
 * longest ago are let go. The pool itself keeps none: those of law that is no longer in force go with their modules.
 */
export class InstancePool {
  readonly #bytesMax: number;
  readonly #known = new WeakMap<Pooled, Kept>();
  readonly #kept = new Set<Kept>();
  readonly #gone = new FinalizationRegistry<Kept>((kept) => {
    this.#forget(kept);
  });
  #bytes = 0;
  #uses = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** How many instances it knows of that were not let go. */
  get size(): number {
    return this.#kept.size;
  }

  /**
   * Notes that an instance was used; it is not let go for its own use.
   *
   * @param bytes of its memory that were touched until now
   */
  used(instance: Pooled, bytes: number): void {
    const kept = this.#known.get(instance) ?? this.#keep(instance);
    this.#uses += 1;
    kept.usedAt = this.#uses;
    if (bytes <= kept.bytes) return;
    this.#bytes += bytes - kept.bytes;
    kept.bytes = bytes;
    while (this.#bytes > this.#bytesMax && this.#kept.size > 1) this.#dropOldest();
  }

  /** Forgets an instance that was let go. */
  dropped(instance: Pooled): void {
    const kept = this.#known.get(instance);
    if (kept === undefined) return;
    this.#known.delete(instance);
    this.#gone.unregister(kept);
    this.#forget(kept);
  }

  #keep(instance: Pooled): Kept {
    const kept = { instance: new WeakRef(instance), usedAt: 0, bytes: 0 };
    this.#known.set(instance, kept);
    this.#kept.add(kept);
    this.#gone.register(instance, kept, kept);
    return kept;
  }

  #forget(kept: Kept): void {
    if (this.#kept.delete(kept)) this.#bytes -= kept.bytes;
  }

  #dropOldest(): void {
    let oldest: Kept | undefined;
    for (const kept of this.#kept) {
      if (oldest === undefined || kept.usedAt < oldest.usedAt) oldest = kept;
    }
    if (oldest === undefined) return;
    const instance = oldest.instance.deref();
    if (instance === undefined) {
      this.#forget(oldest);
      return;
    }
    this.dropped(instance);
    instance.drop();
  }
}
