import type { Proposal } from './proposal.js';
import type { WaiverRequest } from './waiver-request.js';

/** One change of what the council has before it; committed together with the record of the act that made it. */
export type CouncilChange =
  /** Its version MUST be one more than that of the one that is kept; 1 for a new one. */
  | { readonly kind: 'put_proposal'; readonly proposal: Proposal }
  | { readonly kind: 'put_waiver'; readonly waiver: WaiverRequest }
  /** The whole impact of a proposal; one for each proposal, the last. */
  | {
      readonly kind: 'put_impact';
      readonly proposal: string;
      readonly digest: string;
      readonly body: string;
    };
