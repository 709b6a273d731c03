import { Agent } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { messageOf } from '../../src/errors.js';
import { exchange } from '../faults/exchange.js';
import type { Ledger } from '../faults/ledger.js';
import { evaluationOf, faultOf, questionBy } from './question.js';

interface Options {
  readonly url: string;
  readonly ledger: Ledger;
  readonly clients: number;
  /** Most decisions a second, of all clients together. */
  readonly perSecond: number;
  /** From 0 to 1. */
  readonly random: () => number;
}

/**
 * Clients that ask without end, each over a connection of its own. Every answer is held against what is right by the
 * revision that it names, and a revision that a client has seen is never followed by an earlier one.
 */
export class Decisions {
  readonly #options: Options;
  readonly #agent: Agent;
  readonly #ended: Promise<unknown>;
  #running = true;
  #nextMs = 0;
  #tookMs: number[] = [];

  constructor(options: Options) {
    this.#options = options;
    this.#agent = new Agent({ keepAlive: true, maxSockets: options.clients });
    this.#ended = Promise.all(Array.from({ length: options.clients }, (_, client) => this.#ask(client)));
  }

  /** How long answers took since this was called last, in milliseconds, the quickest first. */
  takeTimes(): readonly number[] {
    const taken = this.#tookMs.sort((a, b) => a - b);
    this.#tookMs = [];
    return taken;
  }

  /** Asks no more, and waits for the answers that are on their way. */
  async stop(): Promise<void> {
    this.#running = false;
    await this.#ended;
    this.#agent.destroy();
  }

  async #ask(client: number): Promise<void> {
    const { url, ledger, random } = this.#options;
    for (let revision = 0; ;) {
      await this.#turn();
      if (!this.#running) return;
      const question = questionBy(random);
      const askedMs = performance.now();
      try {
        const { status, text } = await exchange(
          this.#agent,
          url,
          '/access/v1/evaluation',
          evaluationOf(question),
        );
        if (status !== 200) throw new Error(`${status} ${text.slice(0, 300)}`);
        const heardMs = performance.now();
        this.#tookMs.push(heardMs - askedMs);
        const answer = JSON.parse(text);
        const { decision, context } = answer;
        ledger.noteAnswer(context.id, { decision, client, askedMs, heardMs });
        const fault = faultOf(question, answer);
        if (fault !== undefined) ledger.noteUnexpected(`wrong answer: ${fault}`);
        if (context.revision < revision)
          ledger.noteUnexpected(`revision ${String(context.revision)} after revision ${revision}`);
        ({ revision } = context);
      } catch (thrown) {
        ledger.noteUnexpected(`failed request: ${messageOf(thrown)}`);
      }
    }
  }

  /** Waits until one more may be asked. What was not asked in time is not made up for. */
  async #turn(): Promise<void> {
    const nowMs = performance.now();
    const turnMs = Math.max(nowMs, this.#nextMs);
    this.#nextMs = turnMs + 1000 / this.#options.perSecond;
    if (turnMs > nowMs) await pause(turnMs - nowMs);
  }
}
