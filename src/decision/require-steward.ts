import { WitanError } from '../errors.js';
import { requireRole } from '../identity/grant.js';
import type { Asking } from './decide.js';

/**
 * Refuses who is not steward of every domain that a product lies in.
 *
 * @param domains by its descriptor and by registration
 * @throws WitanError `forbidden`
 */
export function requireSteward({ caller }: Asking, domains: readonly (string | undefined)[]): void {
  const named = new Set(domains.filter((domain) => domain !== undefined));
  if (named.size === 0) {
    throw new WitanError(
      'forbidden',
      `the product names no domain; expected one whose steward \`${caller.id}\` is`,
    );
  }
  for (const domain of named) requireRole(caller, 'steward', domain);
}
