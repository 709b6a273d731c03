import type { Bundle } from './bundle.js';
import type { PoliciesInForce } from './in-force.js';
import type { Layer } from './layer.js';
import type { Manifest } from './manifest.js';

/** The snapshot in force, with the bundles that it was compiled from. */
export interface CurrentLaw {
  readonly policies: PoliciesInForce;
  readonly bundles: ReadonlyMap<Layer, Bundle>;
}

/**
 * Where everyone looks up what is in force now. One reference is swapped when a change becomes law, so that no one who
 * took it sees half a change.
 */
export class CurrentPolicies {
  #law: CurrentLaw;

  constructor(law: CurrentLaw) {
    this.#law = law;
  }

  get law(): CurrentLaw {
    return this.#law;
  }

  get policies(): PoliciesInForce {
    return this.#law.policies;
  }

  /** The manifests in force: they also say who decides what. */
  get manifests(): ReadonlyMap<Layer, Manifest> {
    return new Map([...this.#law.bundles].map(([layer, { manifest }]) => [layer, manifest]));
  }

  /** MUST be called only with a law that the log has acknowledged. */
  replace(law: CurrentLaw): void {
    this.#law = law;
  }
}
