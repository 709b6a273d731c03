import type { Waiver } from '../decision/waiver.js';
import type { WaiverRequest } from './waiver-request.js';

/** A granted waiver as decisions read it; `undefined` for one that is not granted. Whether it has ended is asked there. */
export function grantedWaiver({
  id,
  layer,
  policy,
  domain,
  resources,
  subjects,
  until,
  state,
  decided_at: decidedAt,
}: WaiverRequest): Waiver | undefined {
  if (state !== 'granted' || decidedAt === undefined) return undefined;
  return {
    id,
    layer,
    policy,
    domain,
    ...(resources !== undefined && { resources }),
    ...(subjects !== undefined && { subjects }),
    fromMs: Date.parse(decidedAt),
    toMs: Date.parse(until),
  };
}
