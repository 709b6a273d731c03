import { isObject } from '../document/json.js';
import { pointerSegments } from '../document/pointer.js';
import { WitanError } from '../errors.js';
import { RESERVED_CALLERS, type Caller } from './caller.js';

/** How the claims of a token that an identity provider signed become a caller. */
export interface ClaimsMapping {
  /** The claim with the caller's id, as `claimAt` reads it. */
  readonly callerClaim: string;
  /** The claim with the values that are mapped to grants, as `claimAt` reads it. */
  readonly rolesClaim: string;
  /** Value of the roles claim → grants as they are written. */
  readonly roles: ReadonlyMap<string, readonly string[]>;
}

const CALLER_CHARS_MAX = 256;
const VALUES_MAX = 1000;
/** Claims whose text is a list parted by spaces (RFC 8693, section 4.2; `scp` as some providers call it). */
const SPACED: ReadonlySet<string> = new Set(['scope', 'scp']);
const CONTROL = /\p{Cc}|\p{Zl}|\p{Zp}/u;

/**
 * Whom verified claims speak of. What the mapping does not name grants nothing, and neither does a claim that is missing.
 *
 * @throws WitanError `unauthenticated` when the claims name nobody, someone whom only the service itself may name, or
 * more values than are read
 */
export function callerOfClaims(claims: object, { callerClaim, rolesClaim, roles }: ClaimsMapping): Caller {
  const id = claimAt(claims, callerClaim);
  if (typeof id !== 'string' || id.trim() === '') {
    throw refused(`its claim \`${callerClaim}\` is no text that names a caller`);
  }
  if (id.length > CALLER_CHARS_MAX || CONTROL.test(id)) {
    throw refused(
      `its claim \`${callerClaim}\` has more than ${CALLER_CHARS_MAX} characters, or some that cannot be shown`,
    );
  }
  if (RESERVED_CALLERS.has(id)) {
    throw refused(`its claim \`${callerClaim}\` is \`${id}\`, which names the service's own callers`);
  }
  const values = valuesOf(claimAt(claims, rolesClaim), rolesClaim);
  return { id, roles: [...new Set(values.flatMap((value) => roles.get(value) ?? []))] };
}

/**
 * The claim at a path: a JSON pointer where it begins with `/`; otherwise the name of a claim, or names parted by dots
 * that lead into it. `undefined` where there is none.
 */
export function claimAt(claims: object, path: string): unknown {
  if (!path.startsWith('/') && Object.hasOwn(claims, path)) return memberOf(claims, path);
  return segmentsOf(path).reduce<unknown>(memberOf, claims);
}

function segmentsOf(path: string): readonly string[] {
  return path.startsWith('/') ? pointerSegments(path) : path.split('.');
}

function memberOf(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function valuesOf(claim: unknown, path: string): readonly string[] {
  const values = typeof claim === 'string' ? textsOf(claim, path) : Array.isArray(claim) ? claim : [];
  if (values.length > VALUES_MAX) {
    throw refused(`its claim \`${path}\` has ${values.length} values; at most ${VALUES_MAX} are read`);
  }
  return values.filter((value) => typeof value === 'string');
}

function textsOf(claim: string, path: string): readonly string[] {
  return SPACED.has(segmentsOf(path).at(-1) ?? '') ? claim.split(' ') : [claim];
}

function refused(why: string): WitanError {
  return new WitanError('unauthenticated', `the token names no caller: ${why}`);
}
