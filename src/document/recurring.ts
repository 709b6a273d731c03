const known = new WeakSet();

/** Says of an object that it never changes and comes again and again, so that what is made of it may be kept beside it. */
export function recurring<T extends object>(value: T): T {
  known.add(value);
  return value;
}

/** An object without members. */
export const NO_MEMBERS: Readonly<Record<string, never>> = recurring({});

/** Whether that was said of an object. */
export function recurs(value: object): boolean {
  return known.has(value);
}
