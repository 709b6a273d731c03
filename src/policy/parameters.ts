import { writeJson } from '../document/json.js';
import { withinTime } from '../document/within-time.js';
import type { ValidateFunction } from 'ajv';
import type { Fault } from '../errors.js';
import { createAjv } from '../schema.js';
import { BOUNDS_MS_MAX, whyOutOfBounds } from './bounds.js';
import { GLOBAL, type Layer } from './layer.js';
import type { Manifest } from './manifest.js';

/** A parameter as resolved for one domain, and the layer whose word it is. */
export interface ResolvedParameter {
  readonly value: unknown;
  readonly setBy: Layer;
}

export type ResolvedParameters = ReadonlyMap<string, ResolvedParameter>;

export interface ParameterResolution {
  readonly parameters: ResolvedParameters;
  /** What is wrong, by layer and pointer into its manifest; a layer with a fault never loads. */
  readonly faults: readonly (Fault & { readonly layer: Layer })[];
}

interface Bound {
  readonly layer: Layer;
  readonly schema: object;
}

/**
 * Resolves the parameters that hold under a chain of layers, outermost first.
 *
 * A layer's delegation gives a default and bounds; the bounds of every layer above stay in force, so a layer
 * can tighten them for those below and never loosen them. A layer's `parameters` set a value within all of them.
 */
export function resolveParameters(chain: readonly Manifest[]): ParameterResolution {
  // Without a schema there is nothing that could take long.
  if (chain.every(({ delegations }) => delegations === undefined)) return resolve(chain, boundFaults);
  const checked = withinTime(() => resolve(chain, boundFaults), BOUNDS_MS_MAX);
  if (checked !== undefined) return checked.value;
  const message = `the parameters take longer than ${BOUNDS_MS_MAX} ms to check: a pattern or a reference of what is delegated does not come to an end`;
  const layer = chain.at(-1)?.layer ?? GLOBAL;
  const fault = { layer, pointer: '/parameters', code: 'parameter_out_of_bounds', message };
  return { parameters: parametersOf(chain), faults: [fault] };
}

/** The parameters that hold under a chain of layers which were checked before: decisions wait for nothing else. */
export function parametersOf(chain: readonly Manifest[]): ResolvedParameters {
  return resolve(chain, () => []).parameters;
}

function resolve(chain: readonly Manifest[], check: typeof boundFaults): ParameterResolution {
  const parameters = new Map<string, ResolvedParameter>();
  const bounds = new Map<string, Bound[]>();
  const faults: (Fault & { layer: Layer })[] = [];

  for (const manifest of chain) {
    const { layer } = manifest;
    for (const [name, delegation] of Object.entries(manifest.delegations ?? {})) {
      bounds.set(name, [...(bounds.get(name) ?? []), { layer, schema: delegation.schema }]);
      const inherited = parameters.get(name);
      if (delegation.default !== undefined) parameters.set(name, { value: delegation.default, setBy: layer });
      const current = parameters.get(name);
      // A value that this layer sets itself is checked below.
      if (current === undefined || Object.hasOwn(manifest.parameters ?? {}, name)) continue;
      const pointer = `/delegations/${name}${current === inherited ? '/schema' : '/default'}`;
      faults.push(...check(name, current, bounds.get(name) ?? [], layer, pointer));
    }
    for (const [name, value] of Object.entries(manifest.parameters ?? {})) {
      const pointer = `/parameters/${name}`;
      const outer = bounds.get(name);
      if (outer === undefined) {
        const known = [...bounds.keys()].map((key) => `\`${key}\``).join(', ') || 'none';
        faults.push({
          layer,
          pointer,
          message: `no layer above delegates \`${name}\`; delegated are: ${known}`,
        });
        continue;
      }
      parameters.set(name, { value, setBy: layer });
      faults.push(...check(name, { value, setBy: layer }, outer, layer, pointer));
    }
  }
  return { parameters, faults };
}

/** One ajv for each schema, so that names that two of them give themselves never meet. */
function compiled(schema: object): ValidateFunction {
  // INVARIANT: a manifest never changes, so its schemas are compiled once: it takes tens of milliseconds, and decisions wait for it.
  const known = validators.get(schema);
  if (known !== undefined) return known;
  const validate = createAjv().compile(schema);
  validators.set(schema, validate);
  return validate;
}

const validators = new WeakMap<object, ValidateFunction>();

function boundFaults(
  name: string,
  { value, setBy }: ResolvedParameter,
  bounds: readonly Bound[],
  layer: Layer,
  pointer: string,
): (Fault & { layer: Layer })[] {
  return bounds.flatMap((bound) => {
    const why = whyOutOfBounds(compiled(bound.schema), value, name);
    if (why === undefined) return [];
    return [
      {
        layer,
        pointer,
        code: 'parameter_out_of_bounds',
        message: `${writeJson(value)} (set by \`${setBy}\`) lies outside what \`${bound.layer}\` delegates: ${why}`,
      },
    ];
  });
}
