import type { Caller } from '../identity/caller.js';
import { domainsOf } from '../identity/grant.js';
import { ROLES } from '../identity/caller.js';
import { domainChain, GLOBAL, type Layer } from '../policy/layer.js';

/**
 * Whether a caller may read what holds in a layer: `global` is for everyone with a role, a domain's layer for those
 * who have one for the whole mesh, for that domain, or for one that lies in it and so lies under its law.
 */
export function mayReadLayer(caller: Caller, layer: Layer): boolean {
  const domains = domainsOf(caller, ROLES);
  if (domains === 'all') return true;
  if (layer === GLOBAL) return domains.length > 0;
  return domains.some((domain) => domainChain(domain).includes(layer));
}
