import { canonicalJson } from '../document/json.js';
import type { Bundle } from '../policy/bundle.js';
import { bindsAs, levelAt } from '../policy/level.js';
import { layerChain, type Layer } from '../policy/layer.js';
import type { Enforcement, Manifest } from '../policy/manifest.js';
import { parametersOf } from '../policy/parameters.js';
import type { PolicyChange } from './policy-changes.js';
import type { FallingWaiver } from './falling-waivers.js';
import { valueText } from './words.js';

/** What a change means for one domain that lies under the layer. */
export interface DomainChanges {
  /** How many policies bind its products now, of all layers of its chain. */
  readonly binding: { readonly before: number; readonly after: number };
  /** Policies whose way of binding changes; absent where there is none. */
  readonly policies: readonly {
    readonly layer: Layer;
    readonly policy: string;
    readonly before?: PolicyLevel;
    readonly after?: PolicyLevel;
  }[];
  readonly parameters: readonly ParameterChange[];
  /** Waivers that it asked for and that fall away. */
  readonly waivers: readonly FallingWaiver[];
  /** What is particular to it, a sentence each. */
  readonly words: readonly string[];
}

interface PolicyLevel {
  readonly enforcement: Enforcement;
  readonly enforced_from?: string;
  readonly level: Enforcement;
}

export interface ParameterChange {
  readonly name: string;
  readonly before?: ResolvedValue;
  readonly after?: ResolvedValue;
  readonly words: string;
}

interface ResolvedValue {
  readonly value: unknown;
  /** The layer whose word it is. */
  readonly set_by: Layer;
}

/** The manifests of all layers, before and after. */
export interface ManifestsOfBoth {
  readonly before: ReadonlyMap<Layer, Manifest>;
  readonly after: ReadonlyMap<Layer, Manifest>;
}

/** What a change of a layer means for a domain that lies under it. */
export function domainChanges(
  domain: Layer,
  layer: Layer,
  { before, after }: ManifestsOfBoth,
  change: { readonly policies: readonly PolicyChange[]; readonly waivers: readonly FallingWaiver[] },
  nowMs: number,
): DomainChanges {
  const parameters = parameterChanges(domain, before, after);
  const waivers = change.waivers.filter((waiver) => waiver.domain === domain);
  return {
    binding: { before: bindingCount(domain, before, nowMs), after: bindingCount(domain, after, nowMs) },
    policies: change.policies
      .map(({ policy, before: old, after: young }) => ({
        layer,
        policy,
        ...(old !== undefined && { before: levelOf(old) }),
        ...(young !== undefined && { after: levelOf(young) }),
      }))
      .filter((each) => canonicalJson(each.before ?? null) !== canonicalJson(each.after ?? null)),
    parameters,
    waivers,
    words: [...parameters.map(({ words }) => words), ...waivers.map(({ words }) => words)],
  };
}

function levelOf({ enforcement, enforced_from, level }: PolicyLevel): PolicyLevel {
  return { enforcement, ...(enforced_from !== undefined && { enforced_from }), level };
}

function bindingCount(domain: Layer, manifests: ReadonlyMap<Layer, Manifest>, nowMs: number): number {
  const policies = layerChain(domain).flatMap((layer) => Object.values(manifests.get(layer)?.policies ?? {}));
  return policies.filter((policy) => bindsAs(levelAt(policy, nowMs))).length;
}

function parameterChanges(
  domain: Layer,
  before: ReadonlyMap<Layer, Manifest>,
  after: ReadonlyMap<Layer, Manifest>,
): readonly ParameterChange[] {
  const resolved = (manifests: ReadonlyMap<Layer, Manifest>) =>
    parametersOf(layerChain(domain).flatMap((layer) => manifests.get(layer) ?? []));
  const [old, young] = [resolved(before), resolved(after)];
  return [...new Set([...old.keys(), ...young.keys()])].sort().flatMap((name) => {
    const [was, is] = [old.get(name), young.get(name)];
    if (was !== undefined && is !== undefined) {
      if (was.setBy === is.setBy && canonicalJson(was.value) === canonicalJson(is.value)) return [];
    }
    return {
      name,
      ...(was !== undefined && { before: { value: was.value, set_by: was.setBy } }),
      ...(is !== undefined && { after: { value: is.value, set_by: is.setBy } }),
      words: parameterWords(name, was, is),
    };
  });
}

type Resolved = { readonly value: unknown; readonly setBy: Layer } | undefined;

function parameterWords(name: string, was: Resolved, is: Resolved): string {
  if (is === undefined) return `\`${name}\` has no value any more (it was ${valueText(was?.value)})`;
  const now = `${valueText(is.value)} (set by ${is.setBy})`;
  if (was === undefined) return `\`${name}\` is ${now}`;
  const same = canonicalJson(was.value) === canonicalJson(is.value);
  return same
    ? `\`${name}\` stays ${valueText(is.value)}, set by ${is.setBy} instead of ${was.setBy}`
    : `\`${name}\` goes from ${valueText(was.value)} to ${now}`;
}

/** The manifests of all layers in force, with that of one layer replaced. */
export function withManifest(
  inForce: ReadonlyMap<Layer, Manifest>,
  layer: Layer,
  bundle: Bundle | undefined,
): ReadonlyMap<Layer, Manifest> {
  const manifests = new Map(inForce);
  if (bundle === undefined) manifests.delete(layer);
  else manifests.set(layer, bundle.manifest);
  return manifests;
}
