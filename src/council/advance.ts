import type { ProposalRecord, RecordHead } from '../audit/record.js';
import { GLOBAL } from '../policy/layer.js';
import type { Proposal, ProposalEvent, TimelineEntry } from './proposal.js';

/** The next version of a proposal, with a line more in its history. */
export function advance(
  proposal: Proposal,
  change: Partial<Omit<Proposal, 'id' | 'version' | 'timeline'>>,
  entry: TimelineEntry,
): Proposal {
  return { ...proposal, ...change, version: proposal.version + 1, timeline: [...proposal.timeline, entry] };
}

/** The record of what happened to a proposal. */
export function proposalRecord(
  head: RecordHead,
  event: ProposalEvent,
  { id, layer, digest, base, author }: Pick<Proposal, 'id' | 'layer' | 'digest' | 'base' | 'author'>,
  more: Pick<ProposalRecord, 'reason' | 'touched' | 'tally' | 'activate_at'> = {},
): ProposalRecord {
  return {
    ...head,
    kind: 'proposal',
    event,
    proposal: id,
    layer,
    ...(layer !== GLOBAL && { domain: layer }),
    digest,
    base: base.revision,
    author,
    ...more,
  };
}

/** The line of a proposal's history for a record. */
export function timelineEntry(
  { id, time, caller }: Pick<RecordHead, 'id' | 'time' | 'caller'>,
  event: TimelineEntry['event'],
  note?: string,
): TimelineEntry {
  return { at: time, event, by: caller.id, ...(note !== undefined && { note }), record: id };
}
