import { WitanError } from '../errors.js';
import type { Caller, Role } from './caller.js';
import { domainsOf, hasRole } from './grant.js';

/** One of these roles: of some domain, which the route then keeps to, or for the whole mesh. */
export interface NeededRoles {
  readonly roles: readonly Role[];
  readonly of: 'domain' | 'mesh';
}

/** Who may use a route. */
export type Permission =
  /** Whoever can reach it, also without a token. */
  | 'anyone'
  /** An enforcement point; while `WITAN_AUTH` is `development`, whoever is on this machine. */
  | 'decision'
  | NeededRoles;

/** The role for the whole mesh, or for a domain: what the caller sees and does is narrowed by the route. */
const of = (...roles: readonly Role[]): NeededRoles => ({ roles, of: 'domain' });
/** The role for the whole mesh alone. */
const ofMesh = (...roles: readonly Role[]): NeededRoles => ({ roles, of: 'mesh' });

const anyRole = of('enforcement_point', 'steward', 'representative', 'auditor', 'operator');
/** Those who take part in the council, and those who watch it. */
const reader = of('steward', 'representative', 'auditor', 'operator');
const member = of('steward', 'representative');
const auditor = of('auditor', 'steward');
const operator = ofMesh('operator');

/**
 * Who may use which route: `METHOD /path` as express writes it. A route without a line here is not served at all; what
 * its parameters are called does not matter. HEAD is as GET.
 */
export const PERMISSIONS: Readonly<Record<string, Permission>> = {
  // whether it runs, and how it is spoken with
  'GET /healthz': 'anyone',
  'GET /readyz': 'anyone',
  'GET /openapi.json': 'anyone',

  // decisions
  'POST /access/v1/evaluation': 'decision',
  'POST /access/v1/evaluations': 'decision',
  'POST /v1/compliance': anyRole,

  // what the mesh knows
  'GET /v1/products': anyRole,
  'GET /v1/products/:id': anyRole,
  'PUT /v1/products/:id': of('steward'),
  'DELETE /v1/products/:id': of('steward'),
  'GET /v1/entities': reader,
  'GET /v1/entities/:type/:id': reader,
  'PUT /v1/entities/:type/:id': operator,
  'DELETE /v1/entities/:type/:id': operator,
  'GET /v1/domains': anyRole,
  'GET /v1/domains/:path': anyRole,
  'PUT /v1/domains/:path': operator,

  // how rules become law: who of these may do what with which paper, the council says
  'GET /v1/layers': anyRole,
  'GET /v1/layers/:layer/bundles': anyRole,
  'GET /v1/layers/:layer/bundles/:digest': anyRole,
  'GET /v1/layers/:layer/effective': anyRole,
  'POST /v1/check': member,
  'GET /v1/proposals': reader,
  'POST /v1/proposals': of('steward', 'representative', 'operator'),
  'GET /v1/proposals/:id': reader,
  'PUT /v1/proposals/:id/bundle': of('steward', 'representative', 'operator'),
  'GET /v1/proposals/:id/diff': reader,
  'POST /v1/proposals/:id/comments': of('steward', 'representative', 'operator'),
  'POST /v1/proposals/:id/ballots': member,
  'POST /v1/proposals/:id/withdrawal': of('steward', 'representative', 'operator'),
  'GET /v1/proposals/:id/impact': reader,
  'POST /v1/proposals/:id/impact': of('steward', 'representative', 'operator'),
  'DELETE /v1/proposals/:id/impact': of('steward', 'representative', 'operator'),
  'GET /v1/proposals/:id/impact/progress': reader,
  'POST /v1/proposals/:id/activation': of('steward', 'representative', 'operator'),
  'GET /v1/proposals/:id/shadow': reader,
  'GET /v1/waivers': reader,
  'POST /v1/waivers': of('steward'),
  'GET /v1/waivers/rates': reader,
  'GET /v1/waivers/:id': reader,
  'POST /v1/waivers/:id/decision': member,
  'POST /v1/waivers/:id/revocation': member,

  // what was decided and done
  'GET /v1/records': auditor,
  'GET /v1/records/counts': auditor,
  'GET /v1/records/export': auditor,
  'GET /v1/records/:id': auditor,
  'GET /v1/records/:id/proof': auditor,
  'GET /v1/records/:id/explanation': auditor,
  'POST /v1/records/:id/replay': auditor,
  'GET /v1/records/:id/masked-values': of('auditor'),
  'POST /v1/records/samples': of('auditor'),
  'GET /v1/documents/:digest': auditor,
  'GET /v1/queries': auditor,
  'GET /v1/queries/:name': auditor,
  'PUT /v1/queries/:name': ofMesh('auditor'),
  'DELETE /v1/queries/:name': ofMesh('auditor'),

  // the log itself. What others verify it by says nothing of what stands in it; tiles hold records
  'GET /log/checkpoint': 'anyone',
  'GET /log/keys': 'anyone',
  'GET /log/minimum-index': 'anyone',
  'GET /log/tile/*path': ofMesh('auditor'),
  'GET /v1/holds': ofMesh('auditor', 'operator'),
  'POST /v1/holds': ofMesh('auditor'),
  'POST /v1/holds/:id/release': ofMesh('auditor'),
  'GET /v1/retention': ofMesh('auditor', 'operator'),
  'POST /v1/retention/prunings': operator,
  'POST /v1/erasures': operator,

  // who may what
  'GET /v1/tokens': operator,
  'POST /v1/tokens': operator,
  'GET /v1/tokens/:id': operator,
  'POST /v1/tokens/:id/revocation': operator,
};

const byRoute: ReadonlyMap<string, Permission> = new Map(
  Object.entries(PERMISSIONS).map(([route, permission]) => [bare(route), permission]),
);

/** A route without the names of its parameters: `GET /v1/products/:`. */
function bare(route: string): string {
  return route.replace(/([:*])\w+/g, '$1');
}

/**
 * Who may use a route.
 *
 * @param method such as `GET`, in letters of any case
 * @param path as express writes it: `/v1/products/:id`
 * @throws Error when the table has no line for it: such a route must not be served
 */
export function permissionOf(method: string, path: string): Permission {
  const route = `${method.toUpperCase()} ${path}`;
  const permission = byRoute.get(bare(route));
  if (permission === undefined) {
    throw new Error(
      `the route \`${route}\` has no line in the table of permissions (src/identity/permissions.ts)`,
    );
  }
  return permission;
}

/** Whether a caller has one of the roles that are needed. */
export function isPermitted({ roles, of: reach }: NeededRoles, caller: Caller): boolean {
  return reach === 'mesh' ? hasRole(caller, roles) : domainsOf(caller, roles).length > 0;
}

/**
 * Refuses who may not use a route.
 *
 * @param caller `undefined` for who did not show who they are
 * @throws WitanError `unauthenticated` without a caller, `forbidden` without any of the roles; both say which would do
 */
export function requirePermission(permission: Permission, caller: Caller | undefined): void {
  if (permission === 'anyone') return;
  const needed = permission === 'decision' ? of('enforcement_point') : permission;
  if (caller === undefined) {
    throw new WitanError(
      'unauthenticated',
      `this needs a token with the role ${inWords(needed)}: send it as \`Authorization: Bearer <token>\``,
    );
  }
  if (isPermitted(needed, caller)) return;
  throw new WitanError('forbidden', `\`${caller.id}\` may not do this: it needs the role ${inWords(needed)}`);
}

function inWords({ roles, of: reach }: NeededRoles): string {
  const names = roles.map((role) => `\`${role}\``).join(' or ');
  return reach === 'mesh' ? `${names}, for the whole mesh` : names;
}
