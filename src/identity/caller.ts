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
export const LOCAL_CALLER: Caller = Object.freeze({ id: 'local', roles: ROLES });

/** The service itself, where it acts by the clock. */
export const SERVICE_CALLER: Caller = Object.freeze({ id: 'witan', roles: [] });

/** Whoever asks without saying, or without proving, who it is. */
export const ANONYMOUS_CALLER: Caller = Object.freeze({ id: 'anonymous', roles: [] });

/** Ids that records have of callers of the service's own; nobody from outside may bear one. */
export const RESERVED_CALLER_IDS: ReadonlySet<string> = new Set(
  [LOCAL_CALLER, SERVICE_CALLER, ANONYMOUS_CALLER].map(({ id }) => id),
);
