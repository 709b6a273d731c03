import { WitanError } from '../errors.js';
import { policiesInForce, type LayerInForce, type PoliciesInForce } from '../policy/in-force.js';
import type { Layer } from '../policy/layer.js';
import { moduleDigest } from '../policy/load.js';
import { createPolicyModule } from '../rego/evaluator.js';
import type { ModuleBytes } from '../rego/module-bytes.js';
import type { OpaBuiltins } from '../rego/opa-builtins.js';
import { WITHOUT_POLICIES } from '../rego/policy-module.js';

/** The policies in force as another process can be handed them. */
export interface LawReplica {
  readonly revision: number;
  /** In their order. A name alone stands for a layer that is as it was in the law that was handed over before. */
  readonly layers: readonly (Layer | LayerReplica)[];
}

interface LayerReplica {
  readonly layer: Omit<LayerInForce, 'module'>;
  /** `empty` for a bundle without policies; absent for one that did not load. */
  readonly module?: { readonly wasm: Uint8Array; readonly data: string } | 'empty';
}

/**
 * What is handed over of the policies in force.
 *
 * @param before what was handed over last
 */
export function lawReplica(
  { revision, layers }: PoliciesInForce,
  before: PoliciesInForce | undefined,
  bytes: ModuleBytes,
): LawReplica {
  return {
    revision,
    layers: [...layers].map(([name, layer]) =>
      before?.layers.get(name) === layer ? name : layerReplica(layer, bytes),
    ),
  };
}

function layerReplica({ module, ...layer }: LayerInForce, bytes: ModuleBytes): LayerReplica {
  if (module === undefined) return { layer };
  if (module.compiled === undefined) return { layer, module: 'empty' };
  const wasm = bytes.of(module);
  if (wasm === undefined) {
    throw new WitanError('internal_error', `what \`${layer.layer}\` was compiled to is not kept`);
  }
  return { layer, module: { wasm, data: module.compiled.data } };
}

/**
 * The policies in force, made of what was handed over. Between two modules others have their turn.
 *
 * @param before what was made of the law that was handed over last
 * @throws WitanError `internal_error` for a module that is not the one that its digest names; `evaluation_failed`
 */
export async function lawOfReplica(
  { revision, layers }: LawReplica,
  before: PoliciesInForce | undefined,
  opaBuiltins: OpaBuiltins,
): Promise<PoliciesInForce> {
  const made: LayerInForce[] = [];
  for (const each of layers) {
    if (typeof each === 'string') {
      const known = before?.layers.get(each);
      if (known === undefined)
        throw new WitanError('internal_error', `there was no layer \`${each}\` before`);
      made.push(known);
    } else {
      made.push(layerOfReplica(each, opaBuiltins));
      await new Promise(setImmediate);
    }
  }
  return policiesInForce(revision, made);
}

function layerOfReplica({ layer, module }: LayerReplica, opaBuiltins: OpaBuiltins): LayerInForce {
  if (module === undefined) return layer;
  if (module === 'empty') return { ...layer, module: WITHOUT_POLICIES };
  const found = moduleDigest(module.wasm);
  if (found !== layer.moduleDigest) {
    throw new WitanError(
      'internal_error',
      `the module of \`${layer.layer}\` is ${found}, but ${layer.moduleDigest ?? 'none'} is in force`,
    );
  }
  return { ...layer, module: createPolicyModule(module.wasm, module.data, { opaBuiltins }) };
}
