import type { Role } from './caller.js';
import { writeGrant } from './grant.js';

/** Someone who gets a token of the demo mesh. */
export interface Bearer {
  /** What the token is found by in the file of demo tokens. */
  readonly name: string;
  /** Whom the token speaks for: the entity's id. */
  readonly caller: string;
  /** Grants as they are written. */
  readonly roles: readonly string[];
  readonly domain?: string;
}

interface Entity {
  readonly type: string;
  readonly id: string;
  readonly domain?: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** What a registered role means to Witan: for people by its name, for services by what they do. */
const OF_PEOPLE: Readonly<Record<string, { readonly role: Role; readonly ofDomain: boolean }>> = {
  steward: { role: 'steward', ofDomain: true },
  representative: { role: 'representative', ofDomain: true },
  auditor: { role: 'auditor', ofDomain: false },
  operator: { role: 'operator', ofDomain: false },
};
const OF_SERVICES: typeof OF_PEOPLE = { gateway: { role: 'enforcement_point', ofDomain: false } };

const OPERATOR: Bearer = { name: 'operator', caller: 'operator', roles: ['operator'] };

/**
 * Who of the registry gets a token of the demo: everyone with a role that Witan knows. Where nobody is an operator there
 * is one more, named `operator`, since otherwise nobody could make tokens.
 */
export function demoBearers(entities: Iterable<Entity>): readonly Bearer[] {
  const bearers = new Map<string, Bearer>();
  for (const entity of entities) {
    const roles = grantsOf(entity);
    if (roles.length === 0) continue;
    const { type, id, domain } = entity;
    const name = bearers.has(id) ? `${type}:${id}` : id;
    bearers.set(name, { name, caller: id, roles, ...(domain !== undefined && { domain }) });
  }
  const all = [...bearers.values()];
  return all.some(({ roles }) => roles.includes('operator')) ? all : [...all, OPERATOR];
}

function grantsOf({ type, domain, properties }: Entity): readonly string[] {
  const known = type === 'user' ? OF_PEOPLE : type === 'service' ? OF_SERVICES : {};
  const { roles } = properties;
  return (Array.isArray(roles) ? (roles as readonly unknown[]) : []).flatMap((name) => {
    const meant = typeof name === 'string' && Object.hasOwn(known, name) ? known[name] : undefined;
    if (meant === undefined) return [];
    if (!meant.ofDomain) return [meant.role];
    return domain === undefined ? [] : [writeGrant({ role: meant.role, domain })];
  });
}
