/**
 * Keeps some samples of each of many groups, and not too many of all: where there are many groups, fewer of each. A
 * sample may stand for several groups.
 */
export class BoundedSamples<T> {
  readonly #max: number;
  readonly #groups = new Map<string, T[]>();
  #each: number;
  #size = 0;

  /**
   * @param each most of one group
   * @param max most of all groups
   */
  constructor({ each, max }: { readonly each: number; readonly max: number }) {
    this.#each = each;
    this.#max = max;
  }

  /** Most samples of one group that are kept now. */
  get each(): number {
    return this.#each;
  }

  /** Takes the sample for those of the groups that have room. */
  offer(groups: readonly string[], make: () => T): void {
    let open = this.#openOf(groups);
    while (open.length > 0 && this.#size + open.length > this.#max && this.#each > 1) {
      this.#halve();
      open = this.#openOf(groups);
    }
    if (open.length === 0 || this.#size + open.length > this.#max) return;
    const sample = make();
    for (const group of open) this.#groups.set(group, [...(this.#groups.get(group) ?? []), sample]);
    this.#size += open.length;
  }

  /** Each sample once, in the order in which they came within a group. */
  all(): readonly T[] {
    return [...new Set([...this.#groups.values()].flat())];
  }

  #openOf(groups: readonly string[]): readonly string[] {
    return groups.filter((group) => (this.#groups.get(group)?.length ?? 0) < this.#each);
  }

  #halve(): void {
    this.#each = Math.max(1, Math.floor(this.#each / 2));
    this.#size = 0;
    for (const [group, samples] of this.#groups) {
      const left = samples.slice(0, this.#each);
      this.#groups.set(group, left);
      this.#size += left.length;
    }
  }
}
