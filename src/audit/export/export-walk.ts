import { Frontier, HASH_BYTES, leafHash, subtreesOf } from '../merkle.js';
import { ExportFault } from './export-fault.js';
import type { ExportRow } from './export-rows.js';

/** Goes again through the log that an export walked, by its rows and gaps, and arrives at a root. */
export class ExportWalk {
  readonly #frontier = new Frontier();
  #rows = 0;
  #first: number | undefined;
  #last: number | undefined;

  get rows(): number {
    return this.#rows;
  }

  /** Sequence of the first row. */
  get first(): number | undefined {
    return this.#first;
  }

  /** Sequence of the last row. */
  get last(): number | undefined {
    return this.#last;
  }

  /** @throws ExportFault for a row that cannot stand here */
  row({ sequence, gap, bytes }: ExportRow, logSize: number): void {
    const place = { row: this.#rows + 1, sequence };
    if (sequence < this.#frontier.size) {
      throw new ExportFault(`expected a record after ${this.#frontier.size - 1}`, place);
    }
    if (sequence >= logSize)
      throw new ExportFault(`the log had ${logSize} records when it was signed`, place);
    this.#skip(sequence, gap, 'the gap before it', place);
    this.#frontier.append(leafHash(bytes));
    this.#rows += 1;
    this.#first ??= sequence;
    this.#last = sequence;
  }

  /**
   * The root of the log, after the last gap.
   *
   * @throws ExportFault when the gap cannot be that after the last row
   */
  end(gap: Buffer, logSize: number): Buffer {
    this.#skip(logSize, gap, 'the gap after the last row', {});
    return this.#frontier.root();
  }

  #skip(
    to: number,
    gap: Buffer,
    what: string,
    place: { readonly row?: number; readonly sequence?: number },
  ): void {
    const from = this.#frontier.size;
    const subtrees = subtreesOf(from, to);
    if (gap.length !== subtrees.length * HASH_BYTES) {
      const left =
        from === to ? 'no record was left out' : `the records from ${from} to ${to - 1} were left out`;
      throw new ExportFault(
        `${what} has ${gap.length} bytes where ${subtrees.length * HASH_BYTES} stand for it: ${left}`,
        place,
      );
    }
    for (const [at, { level }] of subtrees.entries()) {
      this.#frontier.append(gap.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES), level);
    }
  }
}
