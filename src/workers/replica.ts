import type { Held } from '../commit.js';
import { InMemoryCouncil } from '../council/in-memory-council.js';
import type { DecisionBasis } from '../decision/decide.js';
import { createQuarantine, type Quarantined, type SharedQuarantine } from '../decision/quarantine.js';
import { InMemoryTokens } from '../identity/in-memory-tokens.js';
import { policiesInForce, type PoliciesInForce } from '../policy/in-force.js';
import { InMemoryRegistry } from '../registry/in-memory-registry.js';
import { createOpaBuiltins } from '../rego/opa-builtins.js';
import { lawOfReplica, type LawReplica } from './law-replica.js';

/** What a worker holds of what the main process holds, which alone changes it. */
export interface Replica {
  readonly held: Held;
  readonly law: LawInTurns;
  readonly quarantine: SharedQuarantine;
  readonly basis: () => DecisionBasis;
}

/** @param quarantined what is told of each policy that is put into quarantine here */
export function createReplica(
  toolchainPath: string,
  quarantined: (quarantined: Quarantined) => void,
): Replica {
  const [registry, council] = [new InMemoryRegistry(), new InMemoryCouncil()];
  const law = new LawInTurns(toolchainPath);
  const quarantine = createQuarantine(quarantined);
  return {
    held: { registry, council, tokens: new InMemoryTokens() },
    law,
    quarantine,
    basis: () => ({
      policies: law.inForce,
      registry,
      waivers: council.waiversInForce(),
      quarantine,
    }),
  };
}

/** Nothing is decided before the first law is moved to. */
const NOTHING_IN_FORCE = policiesInForce(0, []);

/** The law that a worker decides by, and the one that may follow. */
class LawInTurns {
  readonly #opaBuiltins;
  #inForce: PoliciesInForce = NOTHING_IN_FORCE;
  #prepared: PoliciesInForce = NOTHING_IN_FORCE;
  #preparing: Promise<void> = Promise.resolve();

  constructor(toolchainPath: string) {
    this.#opaBuiltins = createOpaBuiltins({ wasmPath: toolchainPath });
  }

  get inForce(): PoliciesInForce {
    return this.#inForce;
  }

  prepare(replica: LawReplica): Promise<void> {
    this.#preparing = this.#preparing.then(async () => {
      this.#prepared = await lawOfReplica(replica, this.#prepared, this.#opaBuiltins);
    });
    return this.#preparing;
  }

  /** Moves to what was prepared last, once it is loaded. */
  async moveTo(revision: number): Promise<void> {
    if (this.#inForce.revision === revision) return;
    await this.#preparing;
    // INVARIANT: the main process prepares what it releases. A worker that could not say what it decides by must not decide.
    if (this.#prepared.revision !== revision) throw new Error(`revision ${revision} was not prepared`);
    this.#inForce = this.#prepared;
  }

  close(): void {
    this.#opaBuiltins.close();
  }
}
