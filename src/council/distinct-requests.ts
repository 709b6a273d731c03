/** One request that records are of, as often as it occurred. */
export interface DistinctRequest {
  /** Place of the newest record of it. */
  readonly sequence: number;
  /** How many records are of it. */
  readonly records: number;
  /** How many of them were permitted. */
  readonly permitted: number;
}

/** The requests that were kept of all that there were. */
export interface RequestSample {
  /** In the order of their keys, which is by chance: the first so many of them are a sample as well. */
  readonly requests: readonly DistinctRequest[];
  /** How many distinct ones there were; an estimate where not all were kept. */
  readonly distinct: number;
  readonly sampled: boolean;
}

interface Kept {
  readonly rank: number;
  readonly key: string;
  readonly sequence: number;
  records: number;
  permitted: number;
}

/** Ranks are whole numbers of six bytes, which a JavaScript number holds exactly. */
const RANK_BYTES = 6;
const RANKS = 2 ** (8 * RANK_BYTES);
/** How far the kept ones may grow past the most before they are cut, so that cutting is rare. */
const SLACK = 1.25;

/**
 * Counts records by their requests in bounded memory. Past the most, those whose keys are lowest are kept, as if each
 * distinct request had drawn a lot: a uniform sample of the distinct ones, the same for the same keys in whatever order
 * they come. What is kept was kept from its first record on, so its count is exact.
 */
export class DistinctRequests {
  readonly #max: number;
  #kept = new Map<string, Kept>();
  /** Requests of this rank and above are not kept. */
  #bound = RANKS;

  /** @param max most requests that are kept */
  constructor(max: number) {
    this.#max = max;
  }

  /** Notes a record, newest first. */
  add(key: string, sequence: number, permitted: boolean): void {
    const kept = this.#kept.get(key);
    if (kept !== undefined) {
      kept.records += 1;
      if (permitted) kept.permitted += 1;
      return;
    }
    const rank = rankOf(key);
    if (rank >= this.#bound) return;
    this.#kept.set(key, { rank, key, sequence, records: 1, permitted: permitted ? 1 : 0 });
    if (this.#kept.size > this.#max * SLACK) this.#cut();
  }

  /** What was kept in the end. */
  sample(): RequestSample {
    if (this.#kept.size > this.#max) this.#cut();
    const requests = [...this.#kept.values()].sort(byRank);
    const sampled = this.#bound < RANKS;
    // Of so many draws, the first that was left out has this rank: see k minimum values (Bar-Yossef and others, 2002).
    const distinct = sampled ? Math.round((requests.length / this.#bound) * RANKS) : requests.length;
    return { requests, distinct, sampled };
  }

  #cut(): void {
    const sorted = [...this.#kept.values()].sort(byRank);
    const first = sorted[this.#max];
    if (first === undefined) return;
    this.#bound = first.rank;
    this.#kept = new Map(sorted.slice(0, this.#max).map((each) => [each.key, each]));
  }
}

function rankOf(key: string): number {
  let rank = 0;
  for (let at = 0; at < RANK_BYTES; at += 1) rank = rank * 256 + key.charCodeAt(at);
  return rank;
}

function byRank(a: Kept, b: Kept): number {
  return a.rank - b.rank || (a.key < b.key ? -1 : 1);
}
