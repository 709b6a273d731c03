import type { RecordHead } from '../audit/record.js';
import { keptBundle } from '../law/bundle-on-record.js';
import { councilHead, take, type CouncilNeeds } from './council-needs.js';
import { councilOf } from '../council/council.js';
import type { Examiner } from '../council/examiner.js';
import type { CheckReport, ImpactSummary, Proposal } from '../council/proposal.js';
import { failed, openedForVotes, type Step } from '../council/proposals.js';
import { messageOf, WitanError } from '../errors.js';
import { SERVICE_CALLER } from '../identity/caller.js';
import { afterTime } from '../policy/duration.js';
import type { Bundle } from '../policy/bundle.js';

/** So often a bundle is tried that could not be checked, before that is taken for its own fault. */
const ATTEMPTS_MAX = 3;

type Needs = CouncilNeeds & { readonly examiner: Examiner };

interface Trouble {
  readonly attempts: number;
  /** Whether it waits for the next retry. */
  readonly waits: boolean;
}

/** Checks proposals behind those who handed them in: one at a time, the oldest first. */
export class CheckingRun {
  readonly #needs: Needs;
  /** What could not be checked, by proposal and digest. */
  readonly #troubles = new Map<string, Trouble>();
  #running: Promise<void> | undefined;
  #stopped = false;

  constructor(needs: Needs) {
    this.#needs = needs;
  }

  /** Starts with what is to be checked, unless that is under way. */
  begin(): void {
    // INVARIANT: `#run` takes its first step and its last without a pause, so that nothing falls between two of them.
    if (this.#running === undefined && this.#next() !== undefined) this.#running = this.#run();
  }

  /** As `begin`, and tries again what could not be checked. */
  retry(): void {
    const asked = new Set(
      [...this.#needs.council.proposals()].filter(({ state }) => state === 'checking').map(keyOf),
    );
    for (const [key, trouble] of this.#troubles) {
      if (asked.has(key)) this.#troubles.set(key, { ...trouble, waits: false });
      else this.#troubles.delete(key);
    }
    this.begin();
  }

  /** Resolves when nothing is left that can be checked now. */
  async settled(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  /** Begins nothing more, and resolves when what is under way has ended; that leaves no trace. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  #next(): Proposal | undefined {
    if (this.#stopped) return undefined;
    for (const proposal of this.#needs.council.proposals()) {
      if (proposal.state === 'checking' && this.#troubles.get(keyOf(proposal))?.waits !== true)
        return proposal;
    }
    return undefined;
  }

  async #run(): Promise<void> {
    for (let proposal = this.#next(); proposal !== undefined; proposal = this.#next()) {
      await this.#examine(proposal);
    }
    this.#running = undefined;
  }

  async #examine(proposal: Proposal): Promise<void> {
    const key = keyOf(proposal);
    try {
      await this.#examined(proposal);
      this.#troubles.delete(key);
    } catch (thrown) {
      if (this.#stopped) return;
      const attempts = this.#attempts(proposal) + 1;
      this.#troubles.set(key, { attempts, waits: true });
      this.#needs.warn(
        `proposal ${proposal.id} could not be checked (attempt ${attempts}): ${messageOf(thrown)}`,
      );
    }
  }

  async #examined(proposal: Proposal): Promise<void> {
    const bundle = await keptBundle(this.#needs.bundles, proposal.digest);
    const checks = await this.#checked(proposal, bundle);
    if (checks.faults.length > 0) {
      await this.#stillProposed(proposal, (now, head) => failed(now, checks, head));
      return;
    }
    const impact = await this.#impactOf(proposal, bundle);
    await this.#stillProposed(proposal, (now, head) => {
      const { current, nowMs } = this.#needs;
      const { votingPeriod } = councilOf(now.layer, current.manifests);
      const closesAt = new Date(afterTime(votingPeriod, nowMs())).toISOString();
      return openedForVotes(now, { checks, closesAt, ...(impact !== undefined && { impact }) }, head);
    });
  }

  async #checked(proposal: Proposal, bundle: Bundle): Promise<CheckReport> {
    const { examiner, nowMs, current, warn } = this.#needs;
    try {
      return await examiner.check(bundle);
    } catch (thrown) {
      if (this.#stopped || this.#attempts(proposal) + 1 < ATTEMPTS_MAX) throw thrown;
      warn(`proposal ${proposal.id} could not be checked: ${messageOf(thrown)}`);
      return notChecked(thrown, {
        at: new Date(nowMs()).toISOString(),
        revision: current.policies.revision,
      });
    }
  }

  /** What is not known stands in nobody's way: every domain then counts as touched. */
  async #impactOf(proposal: Proposal, bundle: Bundle): Promise<ImpactSummary | undefined> {
    if (this.#isStopped()) return undefined;
    try {
      return await this.#needs.examiner.impact(proposal, bundle);
    } catch (thrown) {
      if (!this.#isStopped()) {
        this.#needs.warn(`the impact of proposal ${proposal.id} was not found out: ${messageOf(thrown)}`);
      }
      return undefined;
    }
  }

  /** Takes a step unless the bundle was edited meanwhile, or the proposal withdrawn. */
  #stillProposed({ id, digest }: Proposal, step: (now: Proposal, head: RecordHead) => Step): Promise<void> {
    const { council, councilTurn } = this.#needs;
    return councilTurn(async () => {
      const now = council.proposal(id);
      if (this.#stopped || now?.state !== 'checking' || now.digest !== digest) return;
      await take(this.#needs, step(now, councilHead(this.#needs, { caller: SERVICE_CALLER })));
    });
  }

  #isStopped(): boolean {
    return this.#stopped;
  }

  #attempts(proposal: Proposal): number {
    return this.#troubles.get(keyOf(proposal))?.attempts ?? 0;
  }
}

function keyOf({ id, digest }: Pick<Proposal, 'id' | 'digest'>): string {
  return `${id} ${digest}`;
}

function notChecked(thrown: unknown, when: Pick<CheckReport, 'at' | 'revision'>): CheckReport {
  // What is not of the catalogue may tell of the inside.
  const message = thrown instanceof WitanError ? thrown.message : 'the service failed; see its log';
  const code = thrown instanceof WitanError ? thrown.code : 'internal_error';
  return {
    ...when,
    faults: [{ code, message: `could not be checked: ${message}` }],
    warnings: [],
    tests: { passed: 0, failed: 0 },
  };
}
