import type {
  ActivationRecord,
  AuditRecord,
  BallotRecord,
  LawInForce,
  ProposalRecord,
  PruningRecord,
  SeedRecord,
} from '../audit/record.js';
import { hasRole } from '../identity/grant.js';
import type { Layer } from '../policy/layer.js';
import type { Manifest } from '../policy/manifest.js';
import { councilOf } from './council.js';
import type { Ballot } from './proposal.js';
import { tally } from './tally.js';

/** A record as it was found in the log. */
export interface OnRecord<R extends AuditRecord = AuditRecord> {
  readonly sequence: number;
  readonly record: R;
  /** Whether it was proven to lie under a signed checkpoint, or is the seed of a log that has none yet. */
  readonly sealed: boolean;
}

/** Records that the whole law can be read from. */
export type LawRecord = (SeedRecord | ActivationRecord | PruningRecord) & LawInForce;

/** An act of a proposal. */
type Act = ProposalRecord | BallotRecord | ActivationRecord;

export interface ProposalOnRecord {
  /** In the order of the log. */
  readonly acts: readonly OnRecord<Act>[];
  /** The manifests that were in force at a revision; `undefined` where the log does not say. */
  readonly manifestsAt: (revision: number) => ReadonlyMap<Layer, Manifest> | undefined;
}

/** Everything in the log that made a layer's law what it is. */
export interface LayerLaw {
  readonly layer: Layer;
  /** What the law begins with: the seed, or the last pruning, which says again what stood then. */
  readonly base: OnRecord<SeedRecord | PruningRecord> | undefined;
  /** The layer's activations since, in the order of the log. */
  readonly activations: readonly OnRecord<ActivationRecord>[];
  /** The proposals that they name, by id. */
  readonly proposals: ReadonlyMap<string, ProposalOnRecord>;
}

/** What a proposal wants to put in force, and the records that may have decided that: those before a sequence. */
interface Claim {
  readonly layer: Layer;
  readonly digest: string;
  readonly before: number;
}

/** Events after which an approval no longer says anything. */
const ENDS: ReadonlySet<string> = new Set(['withdrawn', 'expired', 'rejected', 'failed', 'superseded']);

/** The digest that the log says a layer has; `undefined` where it has none. */
export function digestOnRecord({ layer, base, activations }: LayerLaw): string | undefined {
  const last = activations.at(-1);
  return last === undefined ? baseDigest(layer, base) : last.record.digest;
}

/**
 * Whether a layer's bundle became law as the rules say: the store was seeded with it, its council approved it, two
 * operators put it in force, or it came back when those were not ratified.
 *
 * Whatever decides MUST lie under a signed checkpoint: whoever can write the database can append records, and cannot sign
 * a checkpoint over them. The activation itself may lie behind the last checkpoint, since a crash can come between the
 * two; it says nothing that was not decided before it.
 *
 * @returns why not, in words; `undefined` when it did
 */
export function whyNotDecided(law: LayerLaw): string | undefined {
  const { layer, base, activations, proposals } = law;
  const last = activations.at(-1);
  if (last === undefined) {
    if (base === undefined) return 'the log does not say how it became law';
    return base.sealed ? undefined : `the ${base.record.kind} that names it lies under no signed checkpoint`;
  }
  const { record, sequence, sealed } = last;
  const earlier: LayerLaw = { ...law, activations: activations.slice(0, -1) };
  const before = digestOnRecord(earlier);
  if (!sealed && record.previous !== before) {
    return `the activation after the last checkpoint takes the place of ${named(record.previous)}, but ${named(before)} was in force`;
  }
  if (record.by === 'reversion') return whyNotReverted(earlier, last, proposals);
  const proposal = record.proposal === undefined ? undefined : proposals.get(record.proposal);
  if (proposal === undefined || record.digest === undefined) return 'its activation names no proposal';
  const claim = { layer, digest: record.digest, before: sequence };
  return record.by === 'council' ? whyNotApproved(proposal, claim) : whyNotSeconded(proposal, claim);
}

/**
 * Whether the council approved a bundle, by the ballots that stand in the log: they are counted again, under the
 * manifests that were in force when it was decided.
 *
 * @returns why not, in words; `undefined` when it did
 */
export function whyNotApproved({ acts, manifestsAt }: ProposalOnRecord, claim: Claim): string | undefined {
  const sealed = sealedBefore(acts, claim.before);
  const handedIn = sealed.findLast(isHandedIn);
  if (handedIn === undefined || !isFor(handedIn.record, claim)) return 'the log has no proposal of it';
  const approval = sealed.findLast(
    ({ record }) => record.kind === 'proposal' && record.event === 'approved' && isFor(record, claim),
  ) as OnRecord<ProposalRecord> | undefined;
  if (approval === undefined || approval.sequence < handedIn.sequence) {
    return 'no approval of it lies under a signed checkpoint';
  }
  const ended = endedAfter(acts, approval.sequence, claim.before);
  if (ended !== undefined) return ended;
  const { revision, touched } = approval.record;
  const manifests = manifestsAt(revision);
  if (manifests === undefined) return `the log does not say what was in force at revision ${revision}`;
  const { outcome, needs } = tally({
    council: councilOf(claim.layer, manifests),
    ballots: ballotsBefore(sealed, approval.sequence),
    digest: claim.digest,
    author: handedIn.record.author,
    ...(touched !== undefined && { touched }),
    closed: true,
  });
  return outcome === 'approved'
    ? undefined
    : `the ballots in the log do not approve it: it needs ${needs.join('; ')}`;
}

/**
 * Whether two operators decided it: one handed it in, and another agreed.
 *
 * @returns why not, in words; `undefined` when they did
 */
export function whyNotSeconded({ acts }: ProposalOnRecord, claim: Claim): string | undefined {
  const sealed = sealedBefore(acts, claim.before);
  const handedIn = sealed.findLast(isHandedIn);
  if (handedIn === undefined || !isFor(handedIn.record, claim)) return 'the log has no proposal of it';
  const second = sealed.findLast(
    ({ record }) => record.kind === 'proposal' && record.event === 'seconded' && isFor(record, claim),
  );
  if (second === undefined || second.sequence < handedIn.sequence) {
    return 'no agreement of a second operator lies under a signed checkpoint';
  }
  const [first, other] = [handedIn.record.caller, second.record.caller];
  if (first.id === other.id || handedIn.record.author === other.id) {
    return `\`${other.id}\` agreed to the own proposal`;
  }
  const stranger = [first, other].find((caller) => !hasRole(caller, 'operator'));
  if (stranger !== undefined) return `\`${stranger.id}\` was no operator`;
  return endedAfter(acts, second.sequence, claim.before);
}

/** What two operators put in force is taken back to what was decided before it. */
function whyNotReverted(
  earlier: LayerLaw,
  { record, sequence }: OnRecord<ActivationRecord>,
  proposals: ReadonlyMap<string, ProposalOnRecord>,
): string | undefined {
  const emergency = earlier.activations.at(-1);
  if (emergency?.record.by !== 'break_glass' || emergency.record.proposal !== record.proposal) {
    return 'it takes back what no two operators had put in force';
  }
  const { previous, reverts_at, proposal = '' } = emergency.record;
  if (record.digest !== previous) return `it does not go back to ${named(previous)}`;
  if (reverts_at === undefined || Date.parse(record.time) < Date.parse(reverts_at)) {
    return `it was taken back before ${reverts_at ?? 'its time'}`;
  }
  const acts = proposals.get(proposal)?.acts ?? [];
  const ratified = sealedBefore(acts, sequence).some(
    (act) => act.record.kind === 'proposal' && act.record.event === 'ratified',
  );
  if (ratified) return 'it takes back what the council had ratified';
  return whyNotDecided({ ...earlier, activations: earlier.activations.slice(0, -1) });
}

/** What ended a proposal, or used it up, between two sequences. Also what lies under no checkpoint may stand in the way. */
function endedAfter(acts: readonly OnRecord<Act>[], after: number, before: number): string | undefined {
  const end = acts.find(
    ({ sequence, record }) =>
      sequence < before &&
      ((record.kind === 'proposal' && sequence > after && ENDS.has(record.event)) ||
        record.kind === 'activation'),
  );
  if (end === undefined) return undefined;
  return end.record.kind === 'proposal'
    ? `it was ${end.record.event} before`
    : `it was in force before, with revision ${end.record.revision}`;
}

function ballotsBefore(acts: readonly OnRecord<Act>[], before: number): readonly Ballot[] {
  return acts.flatMap(({ sequence, record }) => {
    if (sequence >= before || record.kind !== 'ballot') return [];
    const { caller, seat, digest, vote, time } = record;
    return [{ member: caller.id, seat, digest, vote, at: time }];
  });
}

function sealedBefore(acts: readonly OnRecord<Act>[], before: number): readonly OnRecord<Act>[] {
  return acts.filter(({ sealed, sequence }) => sealed && sequence < before);
}

function isHandedIn(act: OnRecord<Act>): act is OnRecord<ProposalRecord> {
  const { record } = act;
  return record.kind === 'proposal' && (record.event === 'opened' || record.event === 'edited');
}

function isFor(record: Act, { layer, digest }: Claim): boolean {
  return record.layer === layer && record.digest === digest;
}

function baseDigest(layer: Layer, base: LayerLaw['base']): string | undefined {
  return base?.record.layers.find((each) => each.layer === layer)?.digest;
}

function named(digest: string | undefined): string {
  return digest === undefined ? 'no bundle' : `\`${digest}\``;
}
