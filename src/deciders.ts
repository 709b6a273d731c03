import type { Quarantined } from './decision/quarantine.js';
import type { PoliciesInForce } from './policy/in-force.js';
import type { Change } from './store/store.js';

/**
 * Who decides by copies of what is held here: a process of its own. Each of these resolves when it has done so, or is
 * gone and decides nothing any more; none rejects.
 */
export interface Decider {
  /** Shows it changes that are durable. */
  show(changes: readonly Change[]): Promise<void>;
  /** Loads law beside the one that it decides by, so that `release` need not wait for that. */
  prepare(policies: PoliciesInForce): Promise<void>;
  /** From then on its decisions wait. All that it decided before is in the log's hands, in order. */
  hold(): Promise<void>;
  /** Has it decide by these policies from now on. */
  release(policies: PoliciesInForce): Promise<void>;
  /** Has it not ask a policy for a while. */
  quarantine(quarantined: Quarantined): void;
}

/** All who decide beside the thread that holds the store. Where there are none, nothing here waits. */
export class Deciders {
  /** Who is told what changes; of these, who decides. */
  readonly #following = new Set<Decider>();
  readonly #deciding = new Set<Decider>();
  /** Resolves when they decide again; `undefined` while they do. */
  #held: Promise<void> | undefined;

  /** How many decide. */
  get size(): number {
    return this.#deciding.size;
  }

  /** Shows changes to all of them; resolves when those that decide see them. */
  async show(changes: readonly Change[]): Promise<void> {
    if (changes.length === 0 || this.#following.size === 0) return;
    const shown = [...this.#following].map((decider) => [decider, decider.show(changes)] as const);
    await Promise.all(shown.filter(([decider]) => this.#deciding.has(decider)).map(([, seen]) => seen));
  }

  async prepare(policies: PoliciesInForce): Promise<void> {
    await this.#all((decider) => decider.prepare(policies));
  }

  /**
   * Runs an act while none of them decides, whatever becomes of it. Acts MUST come one after the other.
   *
   * @param inForce what they decide by afterwards
   */
  async whileHeld<T>(act: () => Promise<T>, inForce: () => PoliciesInForce): Promise<T> {
    if (this.#held !== undefined) throw new Error('they are held already');
    let open = (): void => undefined;
    this.#held = new Promise((resolve) => {
      open = resolve;
    });
    try {
      await this.#all((decider) => decider.hold());
      return await act();
    } finally {
      await this.#all((decider) => decider.release(inForce()));
      this.#held = undefined;
      open();
    }
  }

  /** Tells all of them of a policy, but for the one that found out. */
  quarantine(quarantined: Quarantined, finder?: Decider): void {
    for (const decider of this.#following) if (decider !== finder) decider.quarantine(quarantined);
  }

  /** From now on it is shown what changes, in order. It MUST be shown what is there already before it is admitted. */
  follow(decider: Decider): void {
    this.#following.add(decider);
  }

  /** Lets one that follows decide with the rest, by what is in force at that moment. */
  async admit(decider: Decider, inForce: () => PoliciesInForce): Promise<void> {
    await decider.prepare(inForce());
    while (this.#held !== undefined) await this.#held;
    // It may be gone by now.
    if (!this.#following.has(decider)) return;
    this.#deciding.add(decider);
    await decider.release(inForce());
  }

  /** Forgets one that decides nothing any more. */
  dismiss(decider: Decider): void {
    this.#following.delete(decider);
    this.#deciding.delete(decider);
  }

  async #all(act: (decider: Decider) => Promise<void>): Promise<void> {
    if (this.#deciding.size > 0) await Promise.all([...this.#deciding].map(act));
  }
}
