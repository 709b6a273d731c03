interface Place<V> {
  beyond?: WeakMap<object, Place<V>>;
  value?: V;
}

/**
 * Keeps what was made of some objects, by these objects in their order: when the same ones come again it is not made again.
 * Nothing is kept of objects that are gone, and of all together no more than so many values: then all of them are forgotten.
 */
export class ByObjects<V extends object> {
  readonly #valuesMax: number;
  #start: Place<V> = {};
  #values = 0;

  constructor(valuesMax: number) {
    this.#valuesMax = valuesMax;
  }

  /** What was made of the objects before, or is made now. */
  of(objects: Iterable<object>, make: () => V): V {
    let place = this.#start;
    for (const object of objects) place = beyond(place, object);
    if (place.value !== undefined) return place.value;
    const value = make();
    place.value = value;
    this.#values += 1;
    if (this.#values > this.#valuesMax) {
      this.#start = {};
      this.#values = 0;
    }
    return value;
  }
}

function beyond<V>(place: Place<V>, object: object): Place<V> {
  place.beyond ??= new WeakMap();
  const known = place.beyond.get(object);
  if (known !== undefined) return known;
  const next: Place<V> = {};
  place.beyond.set(object, next);
  return next;
}
