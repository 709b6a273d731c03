import { policiesInForce, type LayerInForce, type PoliciesInForce } from '../policy/in-force.js';
import type { Layer } from '../policy/layer.js';
import { createPolicyModule } from '../rego/evaluator.js';
import type { OpaBuiltins } from '../rego/opa-builtins.js';
import { WITHOUT_POLICIES, type CompiledModule } from '../rego/policy-module.js';

/** A layer in force as another thread can be handed it. */
export interface PortableLayer {
  readonly layer: Omit<LayerInForce, 'module'>;
  /** `empty` for a bundle without policies; absent for one that did not load. */
  readonly module?: CompiledModule | 'empty';
}

export function portableLayer({ module, ...layer }: LayerInForce): PortableLayer {
  return { layer, ...(module !== undefined && { module: module.compiled ?? 'empty' }) };
}

/** The policies in force and those with some layers replaced, in a thread of their own. Layers that both have are there once. */
export function comparedPolicies(
  { revision, layers, replaced, same }: ComparedLayers,
  opaBuiltins: OpaBuiltins,
): ComparedPolicies {
  const names = new Set(replaced.map(({ layer }) => layer.layer));
  const open = (portable: PortableLayer): LayerInForce => opened(portable, opaBuiltins);
  const shared = layers.filter(({ layer }) => !names.has(layer.layer)).map(open);
  const before = layers.filter(({ layer }) => names.has(layer.layer)).map(open);
  return {
    replaced: names,
    same,
    current: policiesInForce(revision, [...shared, ...before]),
    proposed: policiesInForce(revision + 1, [...shared, ...replaced.map(open)]),
  };
}

export interface ComparedPolicies {
  readonly current: PoliciesInForce;
  readonly proposed: PoliciesInForce;
  /** The layers in which they differ. */
  readonly replaced: ReadonlySet<Layer>;
  /** Of those layers, the policies that are the same in both; none of one that is not named. */
  readonly same: ReadonlyMap<Layer, ReadonlySet<string>>;
}

/** What is in force, and what would take the place of some of it. */
export interface ComparedLayers {
  readonly revision: number;
  readonly layers: readonly PortableLayer[];
  readonly replaced: readonly PortableLayer[];
  /** By layer: see `ComparedPolicies`. */
  readonly same: ReadonlyMap<Layer, ReadonlySet<string>>;
}

function opened({ layer, module }: PortableLayer, opaBuiltins: OpaBuiltins): LayerInForce {
  if (module === undefined) return layer;
  return {
    ...layer,
    module:
      module === 'empty' ? WITHOUT_POLICIES : createPolicyModule(module.code, module.data, { opaBuiltins }),
  };
}
