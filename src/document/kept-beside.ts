/** What was made of an object before, or is made now: kept as long as the object is there, which must never change. */
export function keptBeside<K extends WeakKey, V extends object | string>(
  kept: WeakMap<K, V>,
  object: K,
  make: () => V,
): V {
  const known = kept.get(object);
  if (known !== undefined) return known;
  const made = make();
  kept.set(object, made);
  return made;
}
