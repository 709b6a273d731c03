/** Roles that a caller can have; what each may do is one table. */
export const ROLES = ['enforcement_point', 'steward', 'representative', 'auditor', 'operator'] as const;
export type Role = (typeof ROLES)[number];

/** Who asks. */
export interface Caller {
  readonly id: string;
  readonly roles: readonly Role[];
}

/** Every caller on this machine, until tokens tell them apart: allowed everything, and recorded by this name. */
export const LOCAL_CALLER: Caller = Object.freeze({ id: 'local', roles: ROLES });

/** The service itself, where it acts by the clock. */
export const SERVICE_CALLER: Caller = Object.freeze({ id: 'witan', roles: [] });
