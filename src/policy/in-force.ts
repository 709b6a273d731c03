import type { PolicyModule } from '../rego/policy-module.js';
import type { Kind } from './kind.js';
import { GLOBAL, type Layer } from './layer.js';
import type { Enforcement, Manifest } from './manifest.js';
import { parametersOf, type ResolvedParameters } from './parameters.js';

/** One policy as it binds now. */
export interface PolicyInForce {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly appliesTo: ReadonlySet<Kind>;
  readonly controls: readonly string[];
  readonly remedy?: string;
  readonly enforcement: Enforcement;
  /** RFC 3339 and the same in Unix milliseconds; the policy is advisory until then. */
  readonly enforcedFrom?: { readonly text: string; readonly ms: number };
}

/** One layer's bundle, compiled. */
export interface LayerInForce {
  readonly layer: Layer;
  readonly digest: string;
  readonly manifest: Manifest;
  /** By name. */
  readonly policies: ReadonlyMap<string, PolicyInForce>;
  readonly byKind: Readonly<Record<Kind, readonly PolicyInForce[]>>;
  /** `sha256:<hex>` of the compiled module; absent for a bundle without policies. */
  readonly moduleDigest?: string;
  /** Absent when the bundle did not load; `fault` then says why and the layer answers `policy_error`. */
  readonly module?: PolicyModule;
  readonly fault?: string;
}

/** The immutable snapshot of all bundles at one revision: everything that a decision reads, but the registry. */
export interface PoliciesInForce {
  readonly revision: number;
  readonly layers: ReadonlyMap<Layer, LayerInForce>;
  /** What a layer without a bundle says; the global manifest sets it, `deny` unless it does. */
  readonly layersWithoutBundle: 'deny' | 'abstain';
  /** JSON pointers into the evaluation whose values never reach a record. */
  readonly mask: readonly string[];
  /** The parameters that hold under a chain of layers. */
  parametersUnder(chain: readonly Layer[]): ResolvedParameters;
}

/** Puts loaded layers together; the result never changes. */
export function policiesInForce(revision: number, loaded: Iterable<LayerInForce>): PoliciesInForce {
  const layers = new Map([...loaded].map((layer) => [layer.layer, layer]));
  const global = layers.get(GLOBAL)?.manifest;
  const resolved = new Map<string, ResolvedParameters>();
  return Object.freeze({
    revision,
    layers,
    layersWithoutBundle: global?.layers_without_bundle ?? 'deny',
    mask: global?.audit?.mask ?? [],
    parametersUnder(chain: readonly Layer[]): ResolvedParameters {
      // INVARIANT: a layer's manifest never changes within a snapshot, so its parameters are resolved once.
      const key = chain.join(' ');
      const known = resolved.get(key);
      if (known !== undefined) return known;
      const manifests = chain.flatMap((layer) => layers.get(layer)?.manifest ?? []);
      const parameters = parametersOf(manifests);
      resolved.set(key, parameters);
      return parameters;
    },
  });
}
