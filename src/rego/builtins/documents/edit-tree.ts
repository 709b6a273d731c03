import {
  compareValues,
  isNumber,
  numberText,
  objectOf,
  RegoObject,
  RegoSet,
  setOf,
  type RegoValue,
} from '../../value.js';
import type { EditWork } from './edit-work.js';
import { int64Of } from '../operand.js';
import { memberOf, placeFor } from '../collections/sorted.js';

/**
 * A value that is being changed: what it was, and over it the members, or the places, that were looked into. A step
 * into it is made once, whatever follows.
 */
export class EditNode {
  #base: RegoValue | undefined;
  /** Members of an object and items of a set that were changed, by key in its order; `undefined` is gone. */
  #changes: [RegoValue, EditNode | undefined][] = [];
  /** The items of an array: numbers are places of what it was. */
  #places: (number | EditNode)[] | undefined;

  constructor(
    base: RegoValue,
    readonly work: EditWork,
  ) {
    this.#base = base;
  }

  /** What stands here now; `undefined` when it was removed. */
  render(): RegoValue | undefined {
    const base = this.#base;
    if (base instanceof RegoObject && this.#changes.length > 0) return this.#renderObject(base);
    if (base instanceof RegoSet && this.#changes.length > 0) return this.#renderSet(base);
    if (Array.isArray(base) && this.#places !== undefined) {
      this.work.charge(this.#places.length);
      return this.#places.map((place) =>
        typeof place === 'number'
          ? ((base as readonly RegoValue[])[place] ?? null)
          : (place.render() ?? null),
      );
    }
    return base;
  }

  insertAt(path: readonly RegoValue[], value: RegoValue): void {
    const last = path.at(-1);
    if (last !== undefined) {
      this.#unfold(path.slice(0, -1)).#insert(last, value);
      return;
    }
    this.#base = value;
    this.#clear();
  }

  deleteAt(path: readonly RegoValue[]): void {
    const last = path.at(-1);
    if (last !== undefined) {
      this.#unfold(path.slice(0, -1)).#delete(last);
      return;
    }
    this.#present();
    this.#base = undefined;
    this.#clear();
  }

  valueAt(path: readonly RegoValue[]): RegoValue {
    const value = this.#unfold(path).render();
    if (value === undefined) throw new Error('an operation takes a value that was removed');
    return value;
  }

  expectAt(path: readonly RegoValue[], value: RegoValue): void {
    if (compareValues(this.valueAt(path), value) !== 0)
      throw new Error('a value is not what an operation tests for');
  }

  #present(): RegoValue {
    if (this.#base === undefined) throw new Error('an operation changes a value that was removed');
    return this.#base;
  }

  #clear(): void {
    this.#changes = [];
    this.#places = undefined;
  }

  #renderObject(base: RegoObject): RegoObject {
    this.work.charge(base.entries.length + this.#changes.length);
    const entries = base.entries.filter(([key]) => !this.#isChanged(key));
    const changed = this.#changes.flatMap(([key, node]): [RegoValue, RegoValue][] => {
      const value = node?.render();
      return value === undefined ? [] : [[key, value]];
    });
    return objectOf([...entries, ...changed]);
  }

  #renderSet(base: RegoSet): RegoSet {
    this.work.charge(base.items.length + this.#changes.length);
    const items = base.items.filter((item) => !this.#isChanged(item));
    const changed = this.#changes.flatMap(([, node]) => {
      const value = node?.render();
      return value === undefined ? [] : [value];
    });
    return setOf([...items, ...changed]);
  }

  /** The node that a path leads to. @throws Error when it leads nowhere */
  #unfold(path: readonly RegoValue[]): EditNode {
    return path.reduce<EditNode>((node, step) => node.#child(step), this);
  }

  #child(key: RegoValue): EditNode {
    this.work.charge(1);
    const base = this.#present();
    if (base instanceof RegoObject || base instanceof RegoSet) {
      this.#collapseFor(key);
      const change = this.#changes[this.#changeAt(key)];
      if (change !== undefined && compareValues(change[0], key) === 0) {
        return change[1] ?? missing();
      }
      const held = memberOf(this.#present(), key);
      return held === undefined ? missing() : this.#insert(key, held);
    }
    if (!Array.isArray(base)) throw notComposite();
    const places = this.#placesOf(base);
    const index = indexOf(key, places.length);
    const place = places[index];
    if (place instanceof EditNode) return place;
    // As in OPA, this looks where the item would be if none before it had been added or removed.
    const held = (base as readonly RegoValue[])[index];
    if (held === undefined || place === undefined) return missing();
    const node = new EditNode(held, this.work);
    places[index] = node;
    return node;
  }

  #insert(key: RegoValue, value: RegoValue): EditNode {
    const base = this.#present();
    const node = new EditNode(value, this.work);
    if (base instanceof RegoSet && compareValues(key, value) !== 0) {
      throw new Error('what an operation adds to a set must be the last step of its path');
    }
    if (base instanceof RegoObject || base instanceof RegoSet) {
      this.#collapseFor(key);
      this.#change(key, node);
      return node;
    }
    if (!Array.isArray(base)) throw notComposite();
    const places = this.#placesOf(base);
    const index = indexOf(key, places.length);
    if (index < 0 || index > places.length) throw outOfBounds();
    this.work.chargeMoved(places.length - index);
    places.splice(index, 0, node);
    return node;
  }

  #delete(key: RegoValue): void {
    const base = this.#present();
    if (base instanceof RegoObject || base instanceof RegoSet) {
      this.#collapseFor(key);
      const change = this.#changes[this.#changeAt(key)];
      const isChanged = change !== undefined && compareValues(change[0], key) === 0;
      const isHeld = isChanged ? change[1] !== undefined : memberOf(this.#present(), key) !== undefined;
      if (!isHeld) missing();
      this.#change(key, undefined);
      return;
    }
    if (!Array.isArray(base)) throw notComposite();
    const places = this.#placesOf(base);
    const index = indexOf(key, places.length);
    if (index < 0 || index >= places.length) throw outOfBounds();
    this.work.chargeMoved(places.length - index);
    places.splice(index, 1);
  }

  /** The items of a set are their own keys: before one that has items is looked for, all changes are made. */
  #collapseFor(key: RegoValue): void {
    if (!(this.#base instanceof RegoSet) || !isComposite(key)) return;
    this.#base = this.render() ?? this.#base;
    this.#clear();
  }

  #placesOf(base: readonly RegoValue[]): (number | EditNode)[] {
    if (this.#places !== undefined) return this.#places;
    this.work.chargeMoved(base.length);
    this.#places = Array.from(base, (_, index) => index);
    return this.#places;
  }

  #isChanged(key: RegoValue): boolean {
    const change = this.#changes[this.#changeAt(key)];
    return change !== undefined && compareValues(change[0], key) === 0;
  }

  #change(key: RegoValue, node: EditNode | undefined): void {
    const at = this.#changeAt(key);
    this.work.chargeMoved(this.#changes.length - at);
    this.#changes.splice(at, this.#isChanged(key) ? 1 : 0, [key, node]);
  }

  /** Where a key stands among the changes, or would stand. */
  #changeAt(key: RegoValue): number {
    return placeFor(key, this.#changes.length, (place) => this.#changes[place]?.[0]);
  }
}

function isComposite(value: RegoValue): boolean {
  return value instanceof RegoObject || value instanceof RegoSet || Array.isArray(value);
}

/** A place in an array: a number, or a text of one without leading zeros, or `-` for the end. */
function indexOf(key: RegoValue, length: number): number {
  if (key === '-') return length;
  const isText = typeof key === 'string';
  if (!isText && !isNumber(key)) throw new Error('a step into an array must be a number or a string');
  const index = int64Of(isText ? key : numberText(key));
  if (index === undefined) throw new Error('a step into an array must be a whole number');
  if (isText && key !== '0' && key.startsWith('0'))
    throw new Error('a step into an array must not begin with 0');
  return Number(index);
}

function missing(): never {
  throw new Error('the path of an operation leads nowhere');
}

function notComposite(): Error {
  return new Error('the path of an operation leads into a scalar');
}

function outOfBounds(): Error {
  return new Error('the path of an operation leads beyond an array');
}
