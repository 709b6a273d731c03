import { WitanError } from '../errors.js';
import { headOf, type Acting, type ActNeeds } from './act.js';
import type { Hold } from './evidence.js';
import { matcherOf } from './matches-filter.js';
import { parseFilterText, writeFilter } from './record-filter.js';

/** More holds would make every look at a record slow. */
const HOLDS_MAX = 1000;

/**
 * Places a legal hold: while it stands, records that the query finds are neither pruned nor erased, also those to come.
 *
 * @throws WitanError `invalid_request` for a query that is none; `too_many_items`; `audit_unavailable`
 */
export async function placeHold(
  needs: ActNeeds,
  { query, reason }: { readonly query: string; readonly reason: string },
  acting: Acting,
): Promise<Hold> {
  const filter = parseFilterText(query);
  if ((await needs.evidence.holds()).length >= HOLDS_MAX) {
    throw new WitanError('too_many_items', `${HOLDS_MAX} holds stand already: release one first`);
  }
  const head = headOf(needs, acting);
  const hold: Hold = { id: needs.newId(), query: writeFilter(filter), reason, placed_at: head.time };
  await needs.audit.append({
    record: {
      ...head,
      kind: 'hold',
      event: 'placed',
      hold: hold.id,
      query: hold.query,
      ...(filter.domain !== undefined && { domain: filter.domain }),
      reason,
    },
    changes: [{ kind: 'put_hold', id: hold.id, query: hold.query, reason, placedAt: hold.placed_at }],
  });
  return hold;
}

/** @throws WitanError `not_found`; `audit_unavailable` */
export async function releaseHold(
  needs: ActNeeds,
  { id, reason }: { readonly id: string; readonly reason: string },
  acting: Acting,
): Promise<void> {
  const hold = (await needs.evidence.holds()).find((each) => each.id === id);
  if (hold === undefined) throw new WitanError('not_found', `no hold \`${id}\` stands`);
  const { domain } = parseFilterText(hold.query);
  await needs.audit.append({
    record: {
      ...headOf(needs, acting),
      kind: 'hold',
      event: 'released',
      hold: id,
      query: hold.query,
      ...(domain !== undefined && { domain }),
      reason,
    },
    changes: [{ kind: 'release_hold', id }],
  });
}

/** Says which hold, if any, covers a record that was parsed. Prepared once for many. */
export async function holdFinder({
  evidence,
}: Pick<ActNeeds, 'evidence'>): Promise<(record: unknown) => Hold | undefined> {
  const matchers = (await evidence.holds()).map((hold) => ({
    hold,
    matches: matcherOf(parseFilterText(hold.query)),
  }));
  return (record) => matchers.find(({ matches }) => matches(record))?.hold;
}
