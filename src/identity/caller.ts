import { recurring } from '../document/recurring.js';

/** Roles that a caller can have; what each may do is one table (`permissions.ts`). */
export const ROLES = ['enforcement_point', 'steward', 'representative', 'auditor', 'operator'] as const;
export type Role = (typeof ROLES)[number];

/** Who asks or acts. */
export interface Caller {
  /** Of a person: the id of a subject of type `user`, by which the councils know their members. */
  readonly id: string;
  /** Grants as they are written: `auditor` for the whole mesh, `steward:finance/risk` for one domain (`grant.ts`). */
  readonly roles: readonly string[];
}

/** Whoever asks for decisions on this machine without a token while `WITAN_AUTH` is `development`. */
export const LOCAL_CALLER: Caller = recurring(Object.freeze({ id: 'local', roles: ['enforcement_point'] }));

/** Whoever sends no token where none is needed. */
export const ANONYMOUS_CALLER: Caller = Object.freeze({ id: 'anonymous', roles: [] });

/** The service itself, where it acts by the clock. */
export const SERVICE_CALLER: Caller = Object.freeze({ id: 'witan', roles: [] });

/** Ids that no token speaks for: they stand in records for callers that have none. */
export const RESERVED_CALLERS: ReadonlySet<string> = new Set(
  [LOCAL_CALLER, ANONYMOUS_CALLER, SERVICE_CALLER].map(({ id }) => id),
);
