/** What a client was told of one decision. */
export interface Answer {
  readonly decision: boolean;
  /** Which of the clients asked; each waits for its answer before it asks again. */
  readonly client: number;
  /** When it asked, and when it had the whole answer, in milliseconds of one clock. */
  readonly askedMs: number;
  readonly heardMs: number;
}

/** Everything that the service has said, to be held against its log. */
export class Ledger {
  /** By the decision's id, in the order in which the answers came. */
  readonly answers = new Map<string, Answer>();
  /** The whole text of `GET /v1/records/{id}` where it was fetched, by id. */
  readonly texts = new Map<string, string>();
  /** Ids that were given twice. */
  readonly repeated: string[] = [];
  /** 503s by their code. */
  readonly refused = new Map<string, number>();
  /** The id that was given last. */
  newest: string | undefined;
  /** Requests that ended without a whole answer. */
  unanswered = 0;
  /** Answers that nothing explains, a few of them in words. */
  readonly unexpected = new Map<string, number>();
  /** The text of `GET /log/keys` as it was first seen. */
  keys: string | undefined;
  /** The newest text of `GET /log/checkpoint`. */
  checkpoint: string | undefined;

  noteAnswer(id: string, answer: Answer): void {
    if (this.answers.has(id)) this.repeated.push(id);
    else this.answers.set(id, answer);
    this.newest = id;
  }

  noteRefusal(code: string): void {
    this.refused.set(code, (this.refused.get(code) ?? 0) + 1);
  }

  noteUnexpected(words: string): void {
    this.unexpected.set(words, (this.unexpected.get(words) ?? 0) + 1);
  }

  /** How many 503s there were. */
  get refusals(): number {
    return [...this.refused.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Answers to questions that were asked and heard between the two times. */
  answeredWithin(fromMs: number, toMs: number): number {
    let count = 0;
    for (const { askedMs, heardMs } of this.answers.values()) {
      if (askedMs >= fromMs && heardMs <= toMs) count += 1;
    }
    return count;
  }
}
