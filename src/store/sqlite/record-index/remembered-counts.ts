import type { RecordFilter } from '../../../audit/query.js';
import type { FindingTally } from './finding-tally.js';
import type { TermTally } from './term-tally.js';

/** Questions of which it is remembered what was counted; that which was asked longest ago is forgotten first. */
const REMEMBERED_MAX = 64;

/** What a question came to over full blocks, which never change. */
export interface BlocksCounted {
  /** The first sequence that was counted. */
  readonly from: number;
  /** Blocks before this one are counted. */
  readonly block: number;
  readonly total: number;
  readonly tally: FindingTally | TermTally | undefined;
}

/** Counts of full blocks, so that a question that comes again looks at those records alone that came since. */
export class RememberedCounts {
  readonly #counts = new Map<string, BlocksCounted>();

  /** What is known of the blocks before `block`, counted from the same sequence on. */
  find(question: CountedQuestion, from: number, block: number): BlocksCounted | undefined {
    const known = this.#counts.get(keyOf(question));
    return known?.from === from && known.block <= block ? known : undefined;
  }

  keep(question: CountedQuestion, counted: BlocksCounted): void {
    const key = keyOf(question);
    this.#counts.delete(key);
    this.#counts.set(key, counted);
    const [oldest] = this.#counts.keys();
    if (this.#counts.size > REMEMBERED_MAX && oldest !== undefined) this.#counts.delete(oldest);
  }
}

interface CountedQuestion {
  readonly filter: RecordFilter;
  readonly by?: string | undefined;
}

function keyOf({ filter, by }: CountedQuestion): string {
  return JSON.stringify([by ?? null, Object.entries(filter).sort(([a], [b]) => (a < b ? -1 : 1))]);
}
