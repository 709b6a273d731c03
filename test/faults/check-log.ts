import type { Received } from './exchange.js';
import type { Answer, Ledger } from './ledger.js';

/** A record as the service shows it. */
export interface ShownRecord {
  readonly sequence: number;
  readonly id: string;
  /** Absent from what is no decision. */
  readonly decision?: boolean;
  /** `{"sequence":…,"record":…}`, byte for byte. */
  readonly text: string;
}

/** What is wrong with a log; ids, and places in words. */
export interface LogFindings {
  readonly records: number;
  /** Decisions that nobody was told of: their answers never came, or were 503. */
  readonly untold: number;
  /** Answered, and not there. */
  readonly lost: readonly string[];
  /** There more than once, or given to two questions. */
  readonly duplicates: readonly string[];
  /** There with other bytes than before, or with another decision than the answer's. */
  readonly changed: readonly string[];
  /** Sequences that are not 0, 1, 2 …, and answers whose records stand in another order. */
  readonly disorder: readonly string[];
}

type Told = Pick<Ledger, 'answers' | 'texts' | 'repeated'>;

const PAGE_RECORDS = 1000;

/** Holds a whole log, from its first record on, against what clients were told before this call. */
export async function checkLog(
  told: Told,
  records: Iterable<ShownRecord> | AsyncIterable<ShownRecord>,
): Promise<LogFindings> {
  // Before the first record is read: what is answered while the log is read may stand behind what was read.
  const answered = [...told.answers];
  const sequences = new Map<string, number>();
  const duplicates = new Set<string>(told.repeated);
  const changed = new Set<string>();
  const disorder: string[] = [];
  let expected = 0;
  let untold = 0;
  for await (const { sequence, id, decision, text } of records) {
    if (sequence !== expected) disorder.push(`sequence ${sequence} stands where ${expected} should`);
    expected = sequence + 1;
    if (sequences.has(id)) duplicates.add(id);
    sequences.set(id, sequence);
    const answer = told.answers.get(id);
    if (answer === undefined && decision !== undefined) untold += 1;
    if (answer !== undefined && answer.decision !== decision) changed.add(id);
    const before = told.texts.get(id);
    if (before !== undefined && before !== text) changed.add(id);
  }
  const lost = answered.map(([id]) => id).filter((id) => !sequences.has(id));
  return {
    records: sequences.size,
    untold,
    lost,
    duplicates: [...duplicates],
    changed: [...changed],
    disorder: [...disorder, ...answersOutOfOrder(answered, sequences)],
  };
}

/** A client asks again only when it has its answer, so its later records stand behind its earlier ones. */
function answersOutOfOrder(
  answered: readonly (readonly [string, Answer])[],
  sequences: ReadonlyMap<string, number>,
): readonly string[] {
  const found: string[] = [];
  const last = new Map<number, number>();
  for (const [id, { client }] of answered) {
    const sequence = sequences.get(id);
    if (sequence === undefined) continue;
    const before = last.get(client) ?? -1;
    if (sequence <= before)
      found.push(`\`${id}\` was answered after record ${before} and stands at ${sequence}`);
    last.set(client, sequence);
  }
  return found;
}

/** Reads a service's whole log, the oldest first; `get` fetches a path. Throws for anything else than the log. */
export async function* readLog(
  get: (path: string) => Promise<Pick<Received, 'status' | 'text'>>,
): AsyncGenerator<ShownRecord> {
  let cursor: string | undefined;
  do {
    const query = new URLSearchParams({ order: 'oldest', limit: String(PAGE_RECORDS) });
    if (cursor !== undefined) query.set('cursor', cursor);
    const { status, text } = await get(`/v1/records?${query.toString()}`);
    if (status !== 200) throw new Error(`the log cannot be read: ${status} ${text}`);
    yield* recordsOf(text);
    ({ next: cursor } = JSON.parse(text) as { next?: string });
  } while (cursor !== undefined);
}

/** Takes a page of `GET /v1/records` apart, and keeps each record's own bytes. */
export function recordsOf(page: string): readonly ShownRecord[] {
  const { records } = JSON.parse(page) as {
    records: { sequence: number; record: { id: string; decision?: boolean } }[];
  };
  let at = page.indexOf('[') + 1;
  return records.map((shown) => {
    // A record is written without spaces and in its own order, so writing it again finds where it ends. Where that
    // should not be so, its text could not be told from its neighbour's, and that is an error.
    const text = JSON.stringify(shown);
    if (!page.startsWith(text, at))
      throw new Error(`the bytes of record ${shown.sequence} cannot be told apart`);
    at += text.length + 1;
    const { id, decision } = shown.record;
    return { sequence: shown.sequence, id, text, ...(typeof decision === 'boolean' && { decision }) };
  });
}
