import { readJson } from '../document/json.js';
import { WitanError } from '../errors.js';
import { headOf, type Acting, type ActNeeds } from './act.js';
import type { EvidenceChange } from './evidence-change.js';
import { holdFinder } from './holds.js';
import type { StoredRecord } from './query.js';
import { parseFilterText } from './record-filter.js';
import type { ErasureRecord } from './record.js';

/** Records that one act names, and whose values it deletes in one transaction. */
const ERASED_RECORDS_MAX = 500;

export interface ErasureRequest {
  /** Which records, in the grammar of record queries; or `records`, their ids. */
  readonly query?: string;
  /** At most 1,000. */
  readonly records?: readonly string[];
  /** JSON pointers into the evaluation; all that is masked unless given. A pointer covers what lies below it. */
  readonly pointers?: readonly string[];
  readonly reason: string;
}

export interface Erasure {
  /** Ids of the records that say so; none when there was nothing to erase. */
  readonly acts: readonly string[];
  readonly records: number;
  readonly values: number;
}

type ErasedRecord = ErasureRecord['records'][number];

/**
 * Erases masked values with their salts, for good: what is left in the records are commitments that nobody can open.
 * Every proof stays valid. A log that ends in between has erased what its records say, and the rest is there.
 *
 * @throws WitanError `invalid_request` for a query that is none, or not either query or records; `not_found` for a record
 * that is not there; `under_hold` before anything is erased, when a legal hold
 * covers one of the records; `audit_unavailable`
 */
export async function eraseValues(
  needs: ActNeeds,
  request: ErasureRequest,
  acting: Acting,
): Promise<Erasure> {
  const found = recordsAsked(needs, request, await needs.records.size());
  const holdOf = await holdFinder(needs);
  // Twice through the log, so that nothing is erased when anything may not be.
  for await (const batch of found()) {
    for (const record of batch) await requireFree(needs, record, request, holdOf);
  }
  const acts: string[] = [];
  let [records, values] = [0, 0];
  for await (const batch of found()) {
    for (const erased of chunks(await erasable(needs, batch, request))) {
      const head = headOf(needs, acting);
      await needs.audit.append({
        record: { ...head, kind: 'erasure', records: erased, reason: request.reason },
        changes: erased.map(({ sequence, pointers }): EvidenceChange => ({
          kind: 'erase_values',
          sequence,
          pointers,
        })),
      });
      acts.push(head.id);
      records += erased.length;
      values += erased.reduce((sum, { pointers }) => sum + pointers.length, 0);
    }
  }
  return { acts, records, values };
}

/** The records that are asked for, in batches; it can be gone through again. */
function recordsAsked(
  { records }: ActNeeds,
  { query, records: ids }: ErasureRequest,
  upTo: number,
): () => AsyncIterable<readonly StoredRecord[]> {
  if ((query === undefined) === (ids === undefined)) {
    throw new WitanError('invalid_request', 'either `query` or `records` says what is erased');
  }
  if (query !== undefined) {
    const filter = parseFilterText(query);
    return () => records.scan(filter, { upTo });
  }
  return async function* () {
    // Each once, however often it is named, and together, so that one act names them.
    const named: StoredRecord[] = [];
    for (const id of new Set(ids)) {
      const record = await records.byId(id);
      if (record === undefined) throw new WitanError('not_found', `there is no record \`${id}\``);
      named.push(record);
    }
    yield named;
  };
}

async function requireFree(
  needs: ActNeeds,
  record: StoredRecord,
  request: ErasureRequest,
  holdOf: Awaited<ReturnType<typeof holdFinder>>,
): Promise<void> {
  const hold = holdOf(readJson(record.bytes.toString('utf8')));
  if (hold === undefined || (await erasable(needs, [record], request)).length === 0) return;
  throw new WitanError(
    'under_hold',
    `record ${record.sequence} is under the legal hold \`${hold.id}\` (${hold.reason}): nothing was erased`,
  );
}

/** Those of the records that have values to erase. */
async function erasable(
  { evidence }: ActNeeds,
  records: readonly StoredRecord[],
  { pointers: asked }: ErasureRequest,
): Promise<readonly ErasedRecord[]> {
  const erased: ErasedRecord[] = [];
  for (const { sequence, bytes } of records) {
    const pointers = (await evidence.maskedValues(sequence))
      .map(({ pointer }) => pointer)
      .filter((pointer) => asked?.some((each) => covers(each, pointer)) ?? true);
    if (pointers.length === 0) continue;
    const { id } = readJson(bytes.toString('utf8')) as { readonly id: string };
    erased.push({ id, sequence, pointers });
  }
  return erased;
}

function covers(asked: string, pointer: string): boolean {
  return pointer === asked || pointer.startsWith(`${asked}/`);
}

function* chunks(all: readonly ErasedRecord[]): Generator<readonly ErasedRecord[]> {
  for (let at = 0; at < all.length; at += ERASED_RECORDS_MAX) yield all.slice(at, at + ERASED_RECORDS_MAX);
}
