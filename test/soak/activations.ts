import { setTimeout as pause } from 'node:timers/promises';
import type { Ask } from './asker.js';
import { salesBundle } from './law.js';

const MEMBERS = ['ana', 'bea'] as const;
const LOOK_EVERY_MS = 200;
/** Longest wait for an impact; one that takes longer is cancelled, as a steward may who has no time for it. */
const IMPACT_MS_MAX = 15_000;
const CHECKED_MS_MAX = 120_000;

/** How often the law was changed, and of how many changes the impact was known. */
export class Activations {
  revision = 1;
  impacts = 0;
  readonly #ask: Ask;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  /** Has the other of the two laws proposed, voted on and put in force. */
  async next(): Promise<void> {
    const [author] = MEMBERS;
    const revision = this.revision + 1;
    const { id, digest } = await this.#ask('/v1/proposals', [201], {
      as: author,
      body: { layer: 'sales', title: `Revision ${revision}`, files: salesBundle(revision) },
    });
    const path = `/v1/proposals/${String(id)}`;
    if (await this.#isChecked(path)) {
      checkImpact(await this.#ask(`${path}/impact`, [200], { as: author }));
      this.impacts += 1;
    }
    for (const member of MEMBERS)
      await this.#ask(`${path}/ballots`, [201], { as: member, body: { vote: 'approve', digest } });
    const { state } = await this.#ask(`${path}/activation`, [200], { as: author, body: {} });
    if (state !== 'active') throw new Error(`${path} is ${String(state)} instead of active`);
    this.revision = revision;
  }

  /** Waits until members may vote; answers whether the impact is known. */
  async #isChecked(path: string): Promise<boolean> {
    const [author] = MEMBERS;
    const fromMs = performance.now();
    for (;;) {
      await pause(LOOK_EVERY_MS);
      const { state, impact, checks } = await this.#ask(path, [200], { as: author });
      if (state === 'open') return impact !== undefined;
      if (state !== 'checking') throw new Error(`${path} is ${String(state)}: ${JSON.stringify(checks)}`);
      const waitedMs = performance.now() - fromMs;
      // There may be none to cancel: it has not begun, or has just ended.
      if (waitedMs > IMPACT_MS_MAX)
        await this.#ask(`${path}/impact`, [204, 404, 409], { method: 'DELETE', as: author });
      if (waitedMs > CHECKED_MS_MAX) throw new Error(`${path} is not checked within two minutes`);
    }
  }
}

/** Another way to mask changes obligations, and no decision. */
function checkImpact({ decisions: { total } }: { readonly decisions: { readonly total: Counts } }): void {
  const { records, obligations_changed, unchanged } = total;
  if (obligations_changed === 0 || obligations_changed + unchanged !== records)
    throw new Error(`an impact says ${JSON.stringify(total)} of another way to mask`);
}

interface Counts {
  readonly records: number;
  readonly obligations_changed: number;
  readonly unchanged: number;
}
