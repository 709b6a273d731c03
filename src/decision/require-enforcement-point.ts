import { WitanError } from '../errors.js';
import type { Caller } from '../identity/caller.js';
import { hasRole, requireRole } from '../identity/grant.js';
import type { Registry } from '../registry/registry.js';
import type { Evaluation } from './request.js';
import { gather } from './subject-matter.js';

/**
 * Refuses who may not ask for this decision. An enforcement point that is limited to domains may ask about resources that
 * lie in these alone, by what is claimed of them and by what is registered.
 *
 * @throws WitanError `forbidden`; `invalid_request` and `descriptor_*` for metadata that cannot be read
 */
export function requireEnforcementPoint(caller: Caller, evaluation: Evaluation, registry: Registry): void {
  if (hasRole(caller, 'enforcement_point')) return;
  const { domains } = gather(evaluation, registry);
  if (domains.length === 0) {
    const { type, id } = evaluation.resource;
    throw new WitanError(
      'forbidden',
      `\`${caller.id}\` may ask about resources of its own domains alone, and \`${id}\` of type \`${type}\` lies in none`,
    );
  }
  for (const domain of domains) requireRole(caller, 'enforcement_point', domain);
}
