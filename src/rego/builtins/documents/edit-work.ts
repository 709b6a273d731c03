import { RegoObject, RegoSet, type RegoValue } from '../../value.js';

/** Most items that the changes of one document may touch, those written, moved and copied. OPA has no limit. */
const ITEMS_MAX = 2_000_000;
/** So many characters, and so many items that are only moved, cost as much as an item that is written. */
const MOVED_AT_ONCE = 64;

/** What the changes of one document have cost. */
export class EditWork {
  #items = 0;

  /** @throws Error when it was too much */
  charge(items: number): void {
    this.#items += items;
    if (this.#items > ITEMS_MAX) throw new Error('the operations are too many for so large a document');
  }

  chargeMoved(items: number): void {
    this.charge(Math.ceil(items / MOVED_AT_ONCE));
  }

  /** All that a value holds: copies of copies grow faster than the operations that make them. */
  chargeCopy(value: RegoValue): void {
    this.charge(1);
    if (typeof value === 'string') this.chargeMoved(value.length);
    else if (value instanceof RegoObject) {
      for (const [key, item] of value.entries) {
        this.chargeCopy(key);
        this.chargeCopy(item);
      }
    } else {
      const items = value instanceof RegoSet ? value.items : value;
      if (Array.isArray(items)) for (const item of items as readonly RegoValue[]) this.chargeCopy(item);
    }
  }
}
