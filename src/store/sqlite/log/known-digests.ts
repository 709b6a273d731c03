/** The digests used last, up to a limit: of documents that are known to be durable, so that they are not sent again. */
export class KnownDigests {
  readonly #max: number;
  /** In the order of their last use. */
  readonly #digests = new Set<string>();

  constructor(max: number) {
    this.#max = max;
  }

  has(digest: string): boolean {
    if (!this.#digests.delete(digest)) return false;
    this.#digests.add(digest);
    return true;
  }

  add(digest: string): void {
    this.#digests.delete(digest);
    this.#digests.add(digest);
    if (this.#digests.size <= this.#max) return;
    const oldest = this.#digests.values().next();
    if (oldest.done !== true) this.#digests.delete(oldest.value);
  }
}
