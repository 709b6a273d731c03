import type { Council } from './council.js';
import type { Ballot, Vote } from './proposal.js';

/** How a vote stands, or stood when it was decided. It follows from its inputs alone, so anyone can count again. */
export interface Tally {
  readonly outcome: 'open' | 'approved' | 'rejected' | 'expired';
  /** The layer whose council votes. */
  readonly council: string;
  readonly seats: number;
  /** Seats that must vote. */
  readonly quorum: number;
  /** Seats that have voted, abstentions included. */
  readonly cast: number;
  readonly approve: number;
  readonly reject: number;
  readonly abstain: number;
  /** Seats that have not voted, by id. */
  readonly missing: readonly string[];
  /** Of the missing ones, those whose vote is needed since the proposal touches their domain. */
  readonly touched_missing: readonly string[];
  /** What stands in the way of approval, in words; empty when it is approved, or would be if voting ended now. */
  readonly needs: readonly string[];
}

export interface TallyInput {
  readonly council: Council;
  /** In the order of casting. */
  readonly ballots: readonly Ballot[];
  /** The bundle that is voted on: ballots for another one say nothing. */
  readonly digest: string;
  readonly author: string;
  /** Domains that the proposal's impact touches; `undefined` while that is not known: then every domain counts as touched. */
  readonly touched?: readonly string[];
  /** Whether voting has ended. */
  readonly closed: boolean;
}

/**
 * Counts a vote.
 *
 * A seat's last ballot of those that are still members counts. The quorum is a share of the seats and abstentions
 * count towards it; the threshold is a share of the votes for and against, taken as it is written: 0.667 is more than
 * two of three. A tie never approves, and neither do the author's approvals alone. Before voting ends it is approved
 * once the votes that are missing could not prevent it, and rejected once they could not bring it about; a vote that
 * only lacks an approval by someone else stays open, since whoever abstained may still give it.
 */
export function tally({ council, ballots, digest, author, touched, closed }: TallyInput): Tally {
  const { seats, threshold, touchedDomainsMustVote } = council;
  const counted = countedBallots(council, ballots, digest);
  const count = (vote: Vote): number => [...counted.values()].filter((each) => each.vote === vote).length;
  const [approve, reject, abstain] = [count('approve'), count('reject'), count('abstain')];
  const missing = seats.map(({ id }) => id).filter((id) => !counted.has(id));
  const touchedMissing = touchedDomainsMustVote
    ? missing.filter((id) => touched === undefined || touched.includes(id))
    : [];
  // A share such as 0.3 of 10 seats is 3, whatever binary fractions make of it.
  const quorum = Math.max(1, Math.ceil(council.quorum * seats.length - 1e-9));
  const cast = counted.size;
  const byAnother = [...counted].some(
    ([seat, { vote }]) => vote === 'approve' && approvedByAnother(council, seat, { ballots, digest, author }),
  );
  const passes = (yes: number, no: number): boolean => yes > no && yes >= threshold * (yes + no) - 1e-9;
  const complete = cast >= quorum && touchedMissing.length === 0;
  const rest = missing.length;

  const outcome = (): Tally['outcome'] => {
    if (complete && byAnother && passes(approve, reject + (closed ? 0 : rest))) return 'approved';
    // Nobody decides before the end what nobody can vote on.
    if (seats.length === 0) return closed ? 'expired' : 'open';
    if (!passes(approve + (closed ? 0 : rest), reject)) return closed && !complete ? 'expired' : 'rejected';
    if (!closed) return 'open';
    return complete ? 'rejected' : 'expired';
  };
  const decided = outcome();
  return {
    outcome: decided,
    council: council.of,
    seats: seats.length,
    quorum,
    cast,
    approve,
    reject,
    abstain,
    missing,
    touched_missing: touchedMissing,
    needs: decided === 'approved' ? [] : needsOf(),
  };

  function needsOf(): readonly string[] {
    const needs: string[] = [];
    if (seats.length === 0) needs.push('no member: no manifest in force names any');
    if (cast < quorum) needs.push(`${quorum} of ${seats.length} votes, ${cast} so far`);
    if (touchedMissing.length > 0)
      needs.push(`the votes of the domains that it touches: ${touchedMissing.join(', ')}`);
    if (!passes(approve, reject)) {
      // A tie never approves, so a threshold of a half or less asks for more votes for than against.
      const share = threshold > 0.5 ? `at least ${percent(threshold)}` : 'more than half';
      needs.push(`more approvals: ${approve} for, ${reject} against, ${share} must approve`);
    }
    if (!byAnother) needs.push('an approval by someone else than its author');
    return needs;
  }
}

/** Each seat's ballot that counts. */
export function countedBallots(
  { seats }: Pick<Council, 'seats'>,
  ballots: readonly Ballot[],
  digest: string,
): ReadonlyMap<string, Ballot> {
  const counted = new Map<string, Ballot>();
  for (const ballot of ballots) {
    if (ballot.digest !== digest) continue;
    const seat = seats.find(({ id }) => id === ballot.seat);
    if (seat?.members.includes(ballot.member) === true) counted.set(seat.id, ballot);
  }
  return counted;
}

/**
 * Whether someone else than the author approves for a seat, who has not taken it back. Members of one seat may vote one
 * after the other, and an approval by the author does not undo the one before it.
 */
function approvedByAnother(
  { seats }: Pick<Council, 'seats'>,
  seat: string,
  { ballots, digest, author }: Pick<TallyInput, 'ballots' | 'digest' | 'author'>,
): boolean {
  const members = seats.find(({ id }) => id === seat)?.members ?? [];
  return members.some(
    (member) =>
      member !== author &&
      ballots.findLast(
        (ballot) => ballot.digest === digest && ballot.seat === seat && ballot.member === member,
      )?.vote === 'approve',
  );
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(1))} %`;
}
