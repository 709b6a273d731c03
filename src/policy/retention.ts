import { beforeTime } from './duration.js';
import type { PoliciesInForce } from './in-force.js';
import { GLOBAL, layerChain, type Layer } from './layer.js';

/** How long a layer wants records kept: an ISO 8601 duration such as `P7Y`. */
export interface Retention {
  readonly layer: Layer;
  readonly duration: string;
}

/**
 * What decides how long a record is kept: the longest of what the layers say that its domains lie under. A layer that
 * says nothing asks for nothing; where none says anything, or one of them did not load, records are kept for good
 * (`undefined`).
 *
 * @param domains the owning and the consuming domain of the record; none for an act of the mesh
 * @param nowMs Unix time in milliseconds; months and years are those before it
 */
export function retentionOf(
  { layers }: Pick<PoliciesInForce, 'layers'>,
  domains: readonly string[],
  nowMs: number,
): Retention | undefined {
  const chain = new Set<Layer>([GLOBAL, ...domains.flatMap(layerChain)]);
  let longest: Retention | undefined;
  for (const layer of chain) {
    // What a bundle that did not load says of it is not known.
    if (layers.get(layer)?.fault !== undefined) return undefined;
    const duration = layers.get(layer)?.manifest.audit?.retention;
    if (duration === undefined) continue;
    if (longest === undefined || beforeTime(duration, nowMs) < beforeTime(longest.duration, nowMs)) {
      longest = { layer, duration };
    }
  }
  return longest;
}
