import { WitanError } from '../errors.js';
import { ROLES, type Caller, type Role } from './caller.js';

/** A role, for one domain or for the whole mesh. */
export interface Grant {
  readonly role: Role;
  /** The domain's path; for the whole mesh when absent. A domain is not the domains that lie in it. */
  readonly domain?: string;
}

const WRITTEN = /^([a-z_]+)(?::([a-z][a-z0-9_]*(?:\/[a-z][a-z0-9_]*)*))?$/;
/** Roles that are always those of one domain. */
const OF_A_DOMAIN: ReadonlySet<Role> = new Set<Role>(['steward', 'representative']);
/** Roles that are always those of the whole mesh. */
const OF_THE_MESH: ReadonlySet<Role> = new Set<Role>(['operator']);

/** A grant as it is written: `auditor`, `steward:finance/risk`. */
export function writeGrant({ role, domain }: Grant): string {
  return domain === undefined ? role : `${role}:${domain}`;
}

/** @throws WitanError `invalid_request` for a text that is no grant, with what was expected */
export function readGrant(text: string): Grant {
  const grant = grantOf(text);
  if (grant === undefined) {
    throw new WitanError(
      'invalid_request',
      `\`${text}\` is no role; expected one of ${ROLES.join(', ')}, followed by \`:<domain>\` for one domain`,
    );
  }
  if (grant.domain === undefined && OF_A_DOMAIN.has(grant.role)) {
    throw new WitanError('invalid_request', `\`${text}\` needs its domain, as in \`${text}:sales\``);
  }
  if (grant.domain !== undefined && OF_THE_MESH.has(grant.role)) {
    throw new WitanError('invalid_request', `\`${text}\` is always for the whole mesh: \`${grant.role}\``);
  }
  return grant;
}

function grantOf(text: string): Grant | undefined {
  const [, name, domain] = WRITTEN.exec(text) ?? [];
  const role = ROLES.find((each) => each === name);
  return role === undefined ? undefined : { role, ...(domain !== undefined && { domain }) };
}

/** Whether the caller has one of the roles, for the whole mesh or for this domain. Without a domain: for the whole mesh. */
export function hasRole({ roles }: Caller, wanted: Role | readonly Role[], domain?: string): boolean {
  return grantsOf(roles, wanted).some(
    (grant) => grant.domain === undefined || (domain !== undefined && grant.domain === domain),
  );
}

/** The domains for which the caller has one of the roles; `all` where it is for the whole mesh. */
export function domainsOf({ roles }: Caller, wanted: Role | readonly Role[]): readonly string[] | 'all' {
  const grants = grantsOf(roles, wanted);
  if (grants.some(({ domain }) => domain === undefined)) return 'all';
  return [...new Set(grants.flatMap(({ domain }) => domain ?? []))];
}

function grantsOf(roles: readonly string[], wanted: Role | readonly Role[]): readonly Grant[] {
  return roles.flatMap((text) => {
    const grant = grantOf(text);
    if (grant === undefined || ![wanted].flat().includes(grant.role)) return [];
    return grant.domain !== undefined && OF_THE_MESH.has(grant.role) ? [] : [grant];
  });
}

/**
 * Refuses a caller who has none of the roles for the domain.
 *
 * @throws WitanError `forbidden`, which says what would be needed
 */
export function requireRole(caller: Caller, wanted: Role | readonly Role[], domain?: string): void {
  if (hasRole(caller, wanted, domain)) return;
  const roles = [wanted].flat().join(' or ');
  throw new WitanError(
    'forbidden',
    `\`${caller.id}\` is not ${roles}${domain === undefined ? ' of the whole mesh' : ` of \`${domain}\``}`,
  );
}
