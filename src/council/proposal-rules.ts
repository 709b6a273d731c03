import { WitanError } from '../errors.js';
import type { Caller } from '../identity/caller.js';
import { domainsOf, hasRole, requireRole } from '../identity/grant.js';
import type { Bundle } from '../policy/bundle.js';
import { GLOBAL, isLayer, type Layer } from '../policy/layer.js';
import type { Registry } from '../registry/registry.js';
import { PROPOSAL_LIMITS } from './proposal-limits.js';
import type { Proposal } from './proposal.js';
import { PENDING_STATES } from './proposals.js';

/** What an act on a proposal is refused for; each of these answers or throws a WitanError that says why. */

/** `global`, or a domain that is registered. @throws WitanError `invalid_request` */
export function requireLayer(layer: Layer, registry: Pick<Registry, 'domain'>): void {
  if (layer === GLOBAL || (isLayer(layer) && registry.domain(layer) !== undefined)) return;
  throw new WitanError('invalid_request', `\`${layer}\` is no domain that is registered`, {
    faults: [{ pointer: '/layer', message: 'must be `global` or a domain that is registered' }],
  });
}

/** Stewards propose for their domain, representatives for all, operators in an emergency. @throws WitanError `forbidden` */
export function requireProposer(caller: Caller, layer: Layer, emergency: boolean): void {
  if (emergency) {
    requireRole(caller, 'operator');
  } else if (layer !== GLOBAL) {
    requireRole(caller, 'steward', layer);
  } else if (domainsOf(caller, 'representative').length === 0) {
    throw new WitanError(
      'forbidden',
      `\`${caller.id}\` is the representative of no domain, as who proposes for \`${GLOBAL}\` must be`,
    );
  }
}

/** @throws WitanError `too_many_items` where too many proposals have not ended */
export function requireRoom(proposals: Iterable<Proposal>, author: string): void {
  const pending = [...proposals].filter(({ state }) => PENDING_STATES.has(state));
  const own = pending.filter((each) => each.author === author).length;
  if (own >= PROPOSAL_LIMITS.pendingOfAuthor) {
    throw new WitanError(
      'too_many_items',
      `\`${author}\` has ${own} proposals that have not ended: withdraw those that are not needed any more`,
    );
  }
  if (pending.length >= PROPOSAL_LIMITS.pending) {
    throw new WitanError('too_many_items', `${pending.length} proposals have not ended yet`);
  }
}

/** @throws WitanError `invalid_request` for a bundle that is in force already */
export function requireChange(bundle: Bundle, inForce: Bundle | undefined): void {
  if (bundle.digest !== inForce?.digest) return;
  throw new WitanError(
    'invalid_request',
    `there is no change: the files are those of \`${bundle.layer}\` that are in force`,
    { faults: [{ pointer: '/files', message: 'must differ from what is in force' }] },
  );
}

/** @throws WitanError `forbidden` */
export function requireAuthor(proposal: Proposal, caller: Caller): Proposal {
  if (proposal.author === caller.id) return proposal;
  throw new WitanError(
    'forbidden',
    `proposal ${proposal.id} is \`${proposal.author}\`'s: only its author edits it`,
  );
}

/** An author takes back what is on its way, and so does an operator. @throws WitanError `forbidden` */
export function requireAuthorOrOperator(proposal: Proposal, caller: Caller): void {
  if (proposal.author === caller.id || hasRole(caller, 'operator')) return;
  throw new WitanError(
    'forbidden',
    `proposal ${proposal.id} is \`${proposal.author}\`'s: only its author or an operator withdraws it`,
  );
}

/** @param done what cannot be done otherwise, such as `edited`. @throws WitanError `proposal_closed` */
export function requirePending(proposal: Proposal, done: string): Proposal {
  if (PENDING_STATES.has(proposal.state)) return proposal;
  throw closed(proposal, done);
}

/** An edit brings another bundle, or the same one where there is something new to find out about it. @throws WitanError `too_many_items`, `invalid_request` */
export function requireEdit(
  { id, digest, base, state, ballots, timeline }: Proposal,
  bundle: Bundle,
  now: Proposal['base'],
): void {
  if (timeline.filter(({ event }) => event === 'edited').length >= PROPOSAL_LIMITS.edits) {
    throw new WitanError(
      'too_many_items',
      `proposal ${id} was edited ${PROPOSAL_LIMITS.edits} times: hand in a new one`,
    );
  }
  if (bundle.digest === digest && now.digest === base.digest && state !== 'failed') {
    throw new WitanError('invalid_request', `there is no change: the files are those of proposal ${id}`);
  }
  // A ballot names the bundle alone, so it would count again.
  if (ballots.some((ballot) => ballot.digest === bundle.digest)) {
    throw new WitanError(
      'invalid_request',
      `members voted on these very files before, in proposal ${id}: change something, such as the manifest's version`,
    );
  }
}

/** Who sits for two domains has one vote all the same, whichever token they send. @throws WitanError `forbidden` */
export function requireOneSeat({ id, ballots, digest }: Proposal, member: string, seat: string): void {
  const other = ballots.find(
    (ballot) => ballot.digest === digest && ballot.member === member && ballot.seat !== seat,
  );
  if (other === undefined) return;
  throw new WitanError(
    'forbidden',
    `\`${member}\` voted on proposal ${id} for \`${other.seat}\` already, and has one vote`,
  );
}

/** @throws WitanError `too_many_items` */
export function requireBallotsLeft({ id, ballots, digest }: Proposal, member: string): void {
  const cast = ballots.filter((ballot) => ballot.digest === digest && ballot.member === member).length;
  if (cast < PROPOSAL_LIMITS.ballotsOfMember) return;
  throw new WitanError('too_many_items', `\`${member}\` voted ${cast} times on proposal ${id} already`);
}

/** @param bytesMax of the text in UTF-8. @throws WitanError `invalid_request` */
export function requireShort(name: string, text: string | undefined, bytesMax: number): void {
  if (text === undefined) return;
  const bytes = Buffer.byteLength(text);
  if (bytes <= bytesMax) return;
  throw new WitanError('invalid_request', `\`${name}\` has ${bytes} bytes; at most ${bytesMax} are taken`, {
    faults: [{ pointer: `/${name}`, message: `must not be longer than ${bytesMax} bytes` }],
  });
}

/** The refusal of an act that comes too late. */
export function closed({ id, state }: Proposal, done: string): WitanError {
  return new WitanError('proposal_closed', `proposal ${id} is \`${state}\` and cannot be ${done} any more`);
}
