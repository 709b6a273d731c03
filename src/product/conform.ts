import { isObject } from '../document/json.js';

/** The part of JSON Schema that the normal form is written in. */
export interface Shape {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly items?: Shape;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean;
}

/**
 * Brings a value into the shape of the normal form:
 * - an empty text is absent, so that policies see what is missing as missing; so is an object of which nothing
 *   is left. Only where the normal form requires a member an empty text stays;
 * - a member that has no place in the shape moves to the `customProperties` beside it;
 * - what the shape leaves open (a custom property's value, a column's examples) stays exactly as written.
 */
export function conform(value: unknown, shape: Shape): unknown {
  switch (shape.type) {
    case 'string':
      return typeof value === 'string' && value !== '' ? value : undefined;
    case 'boolean':
      return typeof value === 'boolean' ? value : undefined;
    case 'number':
      return typeof value === 'number' ? value : undefined;
    case 'integer':
      return Number.isInteger(value) ? value : undefined;
    case 'array':
      return Array.isArray(value) ? conformItems(value, shape.items ?? {}) : undefined;
    case 'object':
      return isObject(value) ? conformMembers(value, shape) : undefined;
    default:
      return value;
  }
}

function conformItems(items: readonly unknown[], shape: Shape): unknown[] {
  // An item that is an object stays even when nothing is left of it, so that the others keep their index.
  return items.map((item) => conform(item, shape)).filter((item) => item !== undefined);
}

function conformMembers(value: Readonly<Record<string, unknown>>, shape: Shape): Record<string, unknown> {
  const members: [string, unknown][] = [];
  const homeless: { property: string; value: unknown }[] = [];
  for (const [name, written] of Object.entries(value)) {
    const place = shape.properties?.[name];
    const known = place !== undefined && Object.hasOwn(shape.properties ?? {}, name);
    const kept = known ? conform(written, place) : shape.additionalProperties === true ? written : undefined;
    const emptied =
      known && isObject(kept) && Object.keys(kept).length === 0 && place.properties !== undefined;
    if (kept !== undefined && !emptied) members.push([name, kept]);
    else if (written === '' && shape.required?.includes(name) === true) members.push([name, '']);
    else if (!emptied && !isAbsent(written)) homeless.push({ property: name, value: written });
  }
  const object = Object.fromEntries(members);
  if (homeless.length > 0 && shape.properties?.['customProperties'] !== undefined) {
    const own = object['customProperties'];
    object['customProperties'] = [...(Array.isArray(own) ? (own as unknown[]) : []), ...homeless];
  }
  return object;
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}

/** A copy without the members that are absent, null, empty texts or have nothing left in them, at any depth. */
export function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map(withoutEmpty).filter((item) => item !== undefined);
    return items.length > 0 ? items : undefined;
  }
  if (isObject(value)) {
    const members = Object.entries(value)
      .map(([name, member]) => [name, withoutEmpty(member)] as const)
      .filter(([, member]) => member !== undefined);
    return members.length > 0 ? Object.fromEntries(members) : undefined;
  }
  return isAbsent(value) ? undefined : value;
}
