import type { LogFindings } from './check-log.js';
import type { Ledger } from './ledger.js';

/** What a scenario comes to, over all of its rounds. */
export class Tally {
  rounds = 0;
  answered = 0;
  refused = 0;
  lost = 0;
  duplicates = 0;
  changed = 0;
  /** Whatever else is not as promised. */
  readonly complaints: string[] = [];
  /** What a reader of the table should know. */
  readonly remarks: string[] = [];

  /** Adds what a check after a fault found. */
  add({ lost, duplicates, changed, disorder }: LogFindings): void {
    this.lost += lost.length;
    this.duplicates += duplicates.length;
    this.changed += changed.length;
    for (const [kind, found] of Object.entries({ lost, duplicates, changed, disorder })) {
      if (found.length > 0) this.complaints.push(`${kind}: ${found.slice(0, 5).join(', ')}`);
    }
  }

  /** Adds what the clients heard, once for each ledger. */
  close(ledger: Ledger): void {
    this.answered += ledger.answers.size;
    this.refused += ledger.refusals;
    for (const [words, count] of ledger.unexpected) this.complaints.push(`${count} × ${words}`);
  }

  demand(holds: boolean, words: string): void {
    if (!holds) this.complaints.push(words);
  }
}
