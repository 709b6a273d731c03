import { policiesInForce, type LayerInForce, type PoliciesInForce } from '../policy/in-force.js';
import type { Layer } from '../policy/layer.js';
import { createPolicyModule } from '../rego/evaluator.js';
import type { OpaBuiltins } from '../rego/opa-builtins.js';
import type { CompiledModule, ModuleInput, ModuleResult, PolicyModule } from '../rego/policy-module.js';

/** A layer in force as another thread can be handed it. */
export interface PortableLayer {
  readonly layer: Omit<LayerInForce, 'module'>;
  /** `empty` for a bundle without policies; absent for one that did not load. */
  readonly module?: CompiledModule | 'empty';
}

export function portableLayer({ module, ...layer }: LayerInForce): PortableLayer {
  return { layer, ...(module !== undefined && { module: module.compiled ?? 'empty' }) };
}

/**
 * The policies in force and those with some layers replaced, in a thread of their own. The layers that both have are
 * there once, and are not evaluated twice where both are asked the same one after the other.
 */
export function comparedPolicies(
  { revision, layers, replaced }: ComparedLayers,
  opaBuiltins: OpaBuiltins,
): ComparedPolicies {
  const names = new Set(replaced.map(({ layer }) => layer.layer));
  const open = (portable: PortableLayer): LayerInForce => opened(portable, opaBuiltins);
  const shared = layers
    .filter(({ layer }) => !names.has(layer.layer))
    .map((portable) => rememberingLast(open(portable)));
  const before = layers.filter(({ layer }) => names.has(layer.layer)).map(open);
  return {
    replaced: names,
    current: policiesInForce(revision, [...shared, ...before]),
    proposed: policiesInForce(revision + 1, [...shared, ...replaced.map(open)]),
  };
}

export interface ComparedPolicies {
  readonly current: PoliciesInForce;
  readonly proposed: PoliciesInForce;
  /** The layers in which they differ. */
  readonly replaced: ReadonlySet<Layer>;
}

/** What is in force, and what would take the place of some of it. */
export interface ComparedLayers {
  readonly revision: number;
  readonly layers: readonly PortableLayer[];
  readonly replaced: readonly PortableLayer[];
}

function opened({ layer, module }: PortableLayer, opaBuiltins: OpaBuiltins): LayerInForce {
  if (module === undefined) return layer;
  return {
    ...layer,
    module: module === 'empty' ? EMPTY : createPolicyModule(module.code, module.data, { opaBuiltins }),
  };
}

const EMPTY: PolicyModule = {
  entrypoints: new Set<string>(),
  evaluate: () => ({ ok: true, value: {} }),
  warm: () => undefined,
};

/** Answers the same question again without evaluating: a module says the same of the same input at the same moment. */
function rememberingLast(layer: LayerInForce): LayerInForce {
  const { module } = layer;
  if (module === undefined) return layer;
  const last = new Map<string, { bytes: Uint8Array; nowMs: number; result: ModuleResult }>();
  const evaluate = (entrypoint: string, input: ModuleInput, nowMs: number): ModuleResult => {
    const before = last.get(entrypoint);
    if (before !== undefined && before.nowMs === nowMs && Buffer.compare(before.bytes, input.bytes) === 0) {
      return before.result;
    }
    const result = module.evaluate(entrypoint, input, nowMs);
    last.set(entrypoint, { bytes: input.bytes, nowMs, result });
    return result;
  };
  return {
    ...layer,
    module: {
      get entrypoints() {
        return module.entrypoints;
      },
      warm: () => {
        module.warm();
      },
      evaluate,
    },
  };
}
