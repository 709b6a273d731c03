/** Ids in the order of their UTF-16 code units, so that a page begins where the one before ended without sorting anything. */
export class OrderedIds {
  readonly #ids: string[] = [];

  /** One that is there already is not added again. */
  add(id: string): void {
    const at = this.#placeOf(id);
    if (this.#ids[at] !== id) this.#ids.splice(at, 0, id);
  }

  delete(id: string): void {
    const at = this.#placeOf(id);
    if (this.#ids[at] === id) this.#ids.splice(at, 1);
  }

  /** Those that come after an id, whether that is there or not. MUST NOT be used on after a change. */
  *after(id: string): Generator<string> {
    let at = this.#placeOf(id);
    if (this.#ids[at] === id) at += 1;
    for (; at < this.#ids.length; at += 1) yield this.#ids[at] ?? '';
  }

  /** Where an id stands or would stand. */
  #placeOf(id: string): number {
    const last = this.#ids.at(-1);
    // They come in order when all of them are read.
    if (last === undefined || last < id) return this.#ids.length;
    let [from, to] = [0, this.#ids.length - 1];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((this.#ids[middle] ?? '') < id) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}
