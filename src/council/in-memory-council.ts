import { WitanError } from '../errors.js';
import type { CouncilChange } from './council-change.js';
import type { Proposal } from './proposal.js';
import type { WaiverRequest } from './waiver-request.js';

/** What the council has before it and had, as it is read on the way of decisions. */
export interface CouncilContent {
  readonly proposals: readonly Proposal[];
  readonly waivers: readonly WaiverRequest[];
}

/** Proposals and waivers, held in memory. They are changed only by changes that are already durable. */
export class InMemoryCouncil {
  readonly #proposals = new Map<string, Proposal>();
  readonly #waivers = new Map<string, WaiverRequest>();

  constructor({ proposals, waivers }: CouncilContent = { proposals: [], waivers: [] }) {
    for (const proposal of proposals) this.#proposals.set(proposal.id, proposal);
    for (const waiver of waivers) this.#waivers.set(waiver.id, waiver);
  }

  proposal(id: string): Proposal | undefined {
    return this.#proposals.get(id);
  }

  /** @throws WitanError `not_found` */
  existing(id: string): Proposal {
    const proposal = this.#proposals.get(id);
    if (proposal === undefined) throw new WitanError('not_found', `there is no proposal \`${id}\``);
    return proposal;
  }

  /** Oldest first. */
  proposals(): Iterable<Proposal> {
    return this.#proposals.values();
  }

  waiver(id: string): WaiverRequest | undefined {
    return this.#waivers.get(id);
  }

  /** Oldest first. */
  waivers(): Iterable<WaiverRequest> {
    return this.#waivers.values();
  }

  /** The id that the next proposal gets, and the next waiver. */
  nextProposalId(): string {
    return String(this.#proposals.size + 1);
  }

  nextWaiverId(): string {
    return String(this.#waivers.size + 1);
  }

  /** Applies a change that the log has acknowledged. */
  apply(change: CouncilChange): void {
    switch (change.kind) {
      case 'put_proposal':
        this.#proposals.set(change.proposal.id, change.proposal);
        return;
      case 'put_waiver':
        this.#waivers.set(change.waiver.id, change.waiver);
        return;
      case 'put_impact':
        // INVARIANT: what of it is looked at often stands in the proposal; the whole is read from the store.
        return;
    }
  }
}
