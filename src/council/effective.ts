import { KINDS, type Kind } from '../policy/kind.js';
import type { CurrentLaw } from '../policy/current-policies.js';
import type { PolicyInForce } from '../policy/in-force.js';
import { bindsAs, levelAt } from '../policy/level.js';
import { GLOBAL, layerChain, type Layer } from '../policy/layer.js';
import type { Enforcement, Manifest } from '../policy/manifest.js';
import { policyTexts } from '../policy/policy-text.js';
import { councilOf } from './council.js';
import { councilBody, type CouncilBody } from './council-body.js';
import type { Proposal, ProposalState } from './proposal.js';
import { isInForce } from './waivers.js';
import type { WaiverRequest } from './waiver-request.js';

/** Everything that binds the products of a domain today, or all of them for `global`. */
export interface EffectivePolicy {
  readonly layer: Layer;
  readonly revision: number;
  /** RFC 3339: the moment that it holds for. */
  readonly at: string;
  /** `global`, then the domains from the outermost in. */
  readonly chain: readonly ChainLayer[];
  /** In the order of the chain, then of the manifest. */
  readonly policies: readonly EffectiveRule[];
  readonly parameters: readonly EffectiveParameter[];
  /** Proposals that would change it, oldest first. */
  readonly proposals: readonly PendingProposal[];
}

export interface ChainLayer {
  readonly layer: Layer;
  readonly digest?: string;
  readonly version?: string;
  readonly title?: string;
  /** Where there is no bundle: what the layer says to every evaluation then. */
  readonly without_bundle?: 'deny' | 'abstain';
  /** Why the bundle could not be loaded: then the layer denies everything. */
  readonly fault?: string;
  readonly council: CouncilBody;
}

export interface EffectiveRule {
  readonly layer: Layer;
  readonly policy: string;
  readonly title: string;
  readonly description: string;
  /** As the manifest sets it. */
  readonly enforcement: Enforcement;
  /** How it binds now. */
  readonly level: Enforcement;
  /** Whether it decides now. */
  readonly binds: boolean;
  /** RFC 3339: it is advisory until then, and binds from then on. */
  readonly binds_from?: string;
  readonly applies_to: readonly Kind[];
  readonly controls: readonly string[];
  readonly remedy?: string;
  readonly owner?: string;
  /** Those in force that lift its denials: of the domain; for `global` all. */
  readonly waivers: readonly EffectiveWaiver[];
}

export interface EffectiveWaiver {
  readonly id: string;
  readonly domain: string;
  readonly category: WaiverRequest['category'];
  readonly resources?: readonly string[];
  readonly subjects?: readonly string[];
  /** RFC 3339. */
  readonly until: string;
}

export interface EffectiveParameter {
  readonly name: string;
  readonly value: unknown;
  /** The layer whose word it is. */
  readonly set_by: Layer;
  readonly description?: string;
  /** Each layer that delegates it, outermost first: a value lies within all of these. */
  readonly bounds: readonly { readonly layer: Layer; readonly schema: object }[];
}

export interface PendingProposal {
  readonly id: string;
  readonly title: string;
  readonly layer: Layer;
  readonly state: ProposalState;
  /** RFC 3339: when it comes into force by itself. */
  readonly activate_at?: string;
  /** RFC 3339: when voting ends. */
  readonly closes_at?: string;
}

export interface EffectiveInput {
  readonly law: CurrentLaw;
  readonly waivers: Iterable<WaiverRequest>;
  readonly proposals: Iterable<Proposal>;
  /** Unix time in milliseconds. */
  readonly nowMs: number;
}

/** States of proposals that may yet become law. */
const PENDING: ReadonlySet<ProposalState> = new Set<ProposalState>(['open', 'approved', 'shadow']);

/** What binds the products that lie under a layer now: that is what decisions about them read. */
export function effectivePolicy(
  layer: Layer,
  { law, waivers, proposals, nowMs }: EffectiveInput,
): EffectivePolicy {
  const { policies, bundles } = law;
  const chain = layer === GLOBAL ? [GLOBAL] : layerChain(layer);
  const manifests = new Map([...bundles].map(([each, { manifest }]) => [each, manifest]));
  const standing = [...waivers].filter((waiver) => isInForce(waiver, nowMs));
  const granted = layer === GLOBAL ? standing : standing.filter(({ domain }) => domain === layer);
  return {
    layer,
    revision: policies.revision,
    at: new Date(nowMs).toISOString(),
    chain: chain.map((each) => chainLayer(each, law, manifests)),
    policies: chain.flatMap((each) => rulesOf(each, law, granted, nowMs)),
    parameters: parametersUnder(chain, law, manifests),
    proposals: [...proposals]
      .filter((proposal) => PENDING.has(proposal.state) && chain.includes(proposal.layer))
      .map(pendingProposal),
  };
}

function chainLayer(
  layer: Layer,
  { policies }: CurrentLaw,
  manifests: ReadonlyMap<Layer, Manifest>,
): ChainLayer {
  const council = councilBody(councilOf(layer, manifests));
  const inForce = policies.layers.get(layer);
  if (inForce === undefined) return { layer, without_bundle: policies.layersWithoutBundle, council };
  const { digest, manifest, module, fault } = inForce;
  return {
    layer,
    digest,
    version: manifest.version,
    ...(manifest.title !== undefined && { title: manifest.title }),
    ...(module === undefined && { fault: fault ?? 'the bundle did not load' }),
    council,
  };
}

function rulesOf(
  layer: Layer,
  { policies, bundles }: CurrentLaw,
  waivers: readonly WaiverRequest[],
  nowMs: number,
): readonly EffectiveRule[] {
  const inForce = policies.layers.get(layer);
  if (inForce === undefined) return [];
  const bundle = bundles.get(layer);
  const texts = bundle === undefined ? undefined : policyTexts(bundle);
  return Object.keys(inForce.manifest.policies).flatMap((name) => {
    const policy = inForce.policies.get(name);
    if (policy === undefined) return [];
    return ruleOf(layer, policy, texts?.get(name)?.owner, waivers, nowMs);
  });
}

function ruleOf(
  layer: Layer,
  policy: PolicyInForce,
  owner: string | undefined,
  waivers: readonly WaiverRequest[],
  nowMs: number,
): EffectiveRule {
  const { name, title, description, enforcement, appliesTo, controls, remedy, enforcedFrom } = policy;
  const level = levelAt({ enforcement, enforced_from: enforcedFrom?.text }, nowMs);
  return {
    layer,
    policy: name,
    title,
    description,
    enforcement,
    level,
    binds: bindsAs(level),
    ...(level !== enforcement && enforcedFrom !== undefined && { binds_from: enforcedFrom.text }),
    applies_to: KINDS.filter((kind) => appliesTo.has(kind)),
    controls,
    ...(remedy !== undefined && { remedy }),
    ...(owner !== undefined && { owner }),
    // A waiver lifts what is soft alone.
    waivers: waivers
      .filter((waiver) => enforcement === 'soft' && waiver.layer === layer && waiver.policy === name)
      .map(({ id, domain, category, resources, subjects, until }) => ({
        id,
        domain,
        category,
        ...(resources !== undefined && { resources }),
        ...(subjects !== undefined && { subjects }),
        until,
      })),
  };
}

function parametersUnder(
  chain: readonly Layer[],
  { policies }: CurrentLaw,
  manifests: ReadonlyMap<Layer, Manifest>,
): readonly EffectiveParameter[] {
  const resolved = policies.parametersUnder(chain);
  return [...resolved].map(([name, { value, setBy }]) => {
    const delegations = chain.flatMap((layer) => {
      const { delegations: own = {} } = manifests.get(layer) ?? {};
      const delegation = Object.hasOwn(own, name) ? own[name] : undefined;
      return delegation === undefined ? [] : [{ layer, ...delegation }];
    });
    const description = delegations.findLast((each) => each.description !== undefined)?.description;
    return {
      name,
      value,
      set_by: setBy,
      ...(description !== undefined && { description }),
      bounds: delegations.map(({ layer, schema }) => ({ layer, schema })),
    };
  });
}

function pendingProposal({ id, title, layer, state, activate_at, closes_at }: Proposal): PendingProposal {
  return {
    id,
    title,
    layer,
    state,
    ...(activate_at !== undefined && { activate_at }),
    ...(closes_at !== undefined && { closes_at }),
  };
}
