import { isObject } from '../../document/json.js';
import { conform, withoutEmpty } from '../conform.js';
import { contractSchema, type Contract } from '../contract.js';
import { productSchema, type Product } from '../product.js';

export type Members = Readonly<Record<string, unknown>>;

/** What every product in normal form states of itself, whatever it was read from. */
const PRODUCT = { apiVersion: 'v1.0.0', kind: 'DataProduct' } as const;
const CONTRACT = { apiVersion: 'v3.1.0', kind: 'DataContract' } as const;

/** A product of loosely gathered members: what is `undefined`, empty or out of place is put right by the shape. */
export function productOf(members: Members): Product {
  return conform({ ...PRODUCT, ...members }, productSchema) as Product;
}

export function contractOf(members: Members): Contract {
  return conform({ ...CONTRACT, ...members }, contractSchema) as Contract;
}

/** Custom properties of those members that hold something; `undefined` when none does. */
export function customProperties(members: Members): { property: string; value: unknown }[] | undefined {
  const list = Object.entries(members).flatMap(([property, value]) => {
    const kept = withoutEmpty(value);
    return kept === undefined ? [] : [{ property, value: kept }];
  });
  return nonEmpty(list);
}

export function nonEmpty<T>(list: readonly T[]): T[] | undefined {
  return list.length > 0 ? [...list] : undefined;
}

/** The member as an object; an empty one where it is none. */
export function objectAt(object: Members, name: string): Members {
  const value = Object.hasOwn(object, name) ? object[name] : undefined;
  return isObject(value) ? value : {};
}

/** The objects in a list. */
export function objectsAt(object: Members, name: string): readonly Members[] {
  const value = Object.hasOwn(object, name) ? object[name] : undefined;
  return Array.isArray(value) ? (value as unknown[]).filter(isObject) : [];
}

/** The member as a text; numbers are written out, an empty text is absent. */
export function textAt(object: Members, name: string): string | undefined {
  const value = Object.hasOwn(object, name) ? object[name] : undefined;
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The object without the named members. */
export function without(object: Members, names: readonly string[]): Members {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));
}

/** The last part of a path or URL, decoded. */
export function lastSegment(path: string): string | undefined {
  const [clean = ''] = path.split(/[?#]/, 1);
  const segment = clean.split('/').findLast((part) => part !== '');
  if (segment === undefined) return undefined;
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
