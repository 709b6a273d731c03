import type { Bundle } from '../policy/bundle.js';
import { domainChain, GLOBAL, type Layer } from '../policy/layer.js';
import type { Manifest } from '../policy/manifest.js';
import { domainChanges, withManifest, type DomainChanges } from './domain-changes.js';
import { fallingWaivers, type FallingWaiver } from './falling-waivers.js';
import { fileWords } from './file-changes.js';
import { manifestChanges, type ManifestChange } from './manifest-changes.js';
import { policyChanges, type PolicyChange } from './policy-changes.js';
import type { WaiverRequest } from './waiver-request.js';
import { named } from './words.js';

/** A change of one layer, and the mesh that it would be made in. */
export interface MeaningInput {
  readonly layer: Layer;
  /** Absent when the layer has no bundle. */
  readonly before: Bundle | undefined;
  readonly after: Bundle | undefined;
  /** The manifests in force; that of the layer itself is not read. */
  readonly manifests: ReadonlyMap<Layer, Manifest>;
  /** Paths of the domains that are registered. */
  readonly domains: readonly Layer[];
  readonly waivers: Iterable<WaiverRequest>;
  /** Unix time in milliseconds. */
  readonly nowMs: number;
}

/** What a change means, as data and in words. All is empty for a bundle that changes nothing. */
export interface Meaning {
  /** All sentences, the weightiest first. */
  readonly words: readonly string[];
  readonly policies: readonly PolicyChange[];
  readonly manifest: readonly ManifestChange[];
  readonly waivers: readonly FallingWaiver[];
  /** By path: every domain that lies under the layer. */
  readonly domains: Readonly<Record<Layer, DomainChanges>>;
}

/** What it means to put one bundle of a layer in the place of another. */
export function meaningOf(input: MeaningInput): Meaning {
  const { layer, before, after, manifests, waivers: all, nowMs } = input;
  const policies = policyChanges(before, after, nowMs);
  const manifest = manifestChanges(before?.manifest, after?.manifest, layer, manifests);
  const waivers = fallingWaivers(layer, policies, all, nowMs);
  const both = {
    before: withManifest(manifests, layer, before),
    after: withManifest(manifests, layer, after),
  };
  const domains = Object.fromEntries(
    domainsUnder(layer, input.domains).map((domain) => [
      domain,
      domainChanges(domain, layer, both, { policies, waivers }, nowMs),
    ]),
  );
  return {
    words: [
      ...bundleWords(layer, before, after),
      ...policies.flatMap(({ words }) => words),
      ...manifest.flatMap(({ words }) => words),
      ...domainWords(layer, domains),
      ...waivers.map(({ words }) => words),
      ...fileWords(before, after),
    ],
    policies,
    manifest,
    waivers,
    domains,
  };
}

/** The domains whose products a layer holds for: of those that are registered, and the layer itself. */
function domainsUnder(layer: Layer, registered: readonly Layer[]): readonly Layer[] {
  if (layer === GLOBAL) return [...registered].sort();
  return [...new Set([layer, ...registered.filter((domain) => domainChain(domain).includes(layer))])].sort();
}

function bundleWords(layer: Layer, before: Bundle | undefined, after: Bundle | undefined): readonly string[] {
  if (before === undefined && after !== undefined) return [`${layer} has no bundle yet: this is its first`];
  if (before !== undefined && after === undefined) return [`${layer} no longer has a bundle`];
  return [];
}

/** What parameters come to, each sentence once with the domains that it holds for. The layer's own are said of its manifest. */
function domainWords(layer: Layer, domains: Readonly<Record<Layer, DomainChanges>>): readonly string[] {
  const under = Object.keys(domains).filter((domain) => domain !== layer);
  const byWords = new Map<string, string[]>();
  for (const domain of under) {
    for (const { words } of domains[domain]?.parameters ?? [])
      byWords.set(words, [...(byWords.get(words) ?? []), domain]);
  }
  return [...byWords].map(([words, of]) =>
    of.length === under.length && under.length > 1
      ? `for every domain ${words}`
      : `for ${named(of)} ${words}`,
  );
}
