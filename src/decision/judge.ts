import { ByObjects } from '../document/by-objects.js';
import { keptBeside } from '../document/kept-beside.js';
import { NO_MEMBERS } from '../document/recurring.js';
import type { AskedLayerDigest } from '../audit/record.js';
import type { LayerInForce, PoliciesInForce } from '../policy/in-force.js';
import type { Kind } from '../policy/kind.js';
import type { ResolvedParameters } from '../policy/parameters.js';
import { GLOBAL, layerChain, type Layer } from '../policy/layer.js';
import { moduleInput } from '../rego/policy-module.js';
import type { Question } from './combine.js';
import { combineAgain } from './combine-again.js';
import type { Decision, Finding } from './decision.js';
import { evaluateLayer, layerError } from './evaluate.js';
import { METADATA, type PolicyInput } from './input.js';
import type { Quarantine } from './quarantine.js';
import type { Evaluation } from './request.js';
import type { SubjectMatter } from './subject-matter.js';
import type { Waivers } from './waiver.js';

/** One layer, and what its policies saw. */
export interface AskedLayer {
  readonly layer: Layer;
  readonly kind: Kind;
  readonly input: PolicyInput;
}

/** What an evaluation is judged by, once it is known what it is about. */
export interface Judging {
  readonly policies: PoliciesInForce;
  /** Unix time in milliseconds. */
  readonly nowMs: number;
  readonly waivers: Waivers;
  /** Which policies are not asked as a kind. */
  readonly quarantine: (kind: Kind) => Quarantine;
}

export interface Judged {
  readonly decision: Decision;
  /** What the findings were combined to answer. */
  readonly question: Question;
  /** Every layer that was asked, in order, with or without a bundle in force. */
  readonly asked: readonly AskedLayer[];
  /** The same layers, as a record names them. */
  readonly layers: readonly AskedLayerDigest[];
  /** What the owning layers saw. */
  readonly input: PolicyInput;
}

/**
 * Asks every layer about what was gathered, and combines what they say. Nothing else is read, so that a decision and
 * its replay come to the same. Nothing is thrown: what goes wrong in a policy is a finding.
 */
export function judge(evaluation: Evaluation, matter: SubjectMatter, judging: Judging): Judged {
  const { policies, nowMs, waivers } = judging;
  const findings: Finding[] = [...unknownLayers(matter)];
  const asked: AskedLayer[] = [];
  const hearings = hearingsOf(evaluation, matter, policies, nowMs);
  for (const { kind, layers, domain, input } of hearings) {
    const encoded = moduleInput(input, METADATA);
    const moment = { nowMs, waivers, domain, quarantine: judging.quarantine(kind) };
    for (const layer of layers) {
      const inForce = policies.layers.get(layer);
      findings.push(
        ...(inForce === undefined
          ? withoutBundle(policies, layer, kind)
          : evaluateLayer(inForce, kind, encoded, moment)),
      );
      asked.push({ layer, kind, input });
    }
  }
  const question = questionOf(evaluation, matter);
  const { input } = hearings[0];
  const layers = digestsOf(policies, hearings);
  return { decision: combineAgain(findings, question), question, asked, layers, input };
}

const NO_LAYERS: readonly Layer[] = [];
/** By the law, the owning and the consuming layers. */
const askedDigests = new ByObjects<readonly AskedLayerDigest[]>(4096);

/** The layers that were asked, as a record names them. */
function digestsOf(
  policies: PoliciesInForce,
  hearings: readonly [Hearing, ...Hearing[]],
): readonly AskedLayerDigest[] {
  const [{ layers: owning }, { layers: consuming } = { layers: NO_LAYERS }] = hearings;
  return askedDigests.of([policies, owning, consuming], () =>
    hearings.flatMap((hearing) => digestsIn(policies, hearing)),
  );
}

function digestsIn({ layers: inForce }: PoliciesInForce, { kind, layers }: Hearing): AskedLayerDigest[] {
  return layers.map((layer) => ({
    layer,
    ...(kind === 'consume' && { kind }),
    ...bundleOf(inForce.get(layer)),
  }));
}

/** Layers that are asked as one kind, and what their policies see. */
export interface Hearing {
  readonly kind: Kind;
  readonly layers: readonly Layer[];
  /** Whose waivers count. */
  readonly domain: string | undefined;
  readonly input: PolicyInput;
}

/** Who is asked what: the owning layers and, of a request from another domain, those of that domain. */
export function hearingsOf(
  evaluation: Evaluation,
  matter: SubjectMatter,
  policies: PoliciesInForce,
  nowMs: number,
): readonly [Hearing, ...Hearing[]] {
  const { kind, owningLayers, consumingLayers, consumerDomain } = matter;
  const input = policyInput(evaluation, matter, momentText(nowMs), parametersOf(policies, ownChain(matter)));
  const own = { kind, layers: owningLayers, domain: ownerOf(matter), input };
  if (consumingLayers.length === 0) return [own];
  const parameters = parametersOf(policies, [GLOBAL, ...consumingLayers]);
  return [
    own,
    {
      kind: 'consume',
      layers: consumingLayers,
      domain: consumerDomain,
      input: { ...input, kind: 'consume', parameters },
    },
  ];
}

let lastMoment = { ms: Number.NaN, text: '' };

/** RFC 3339; written once for the decisions of a millisecond. */
function momentText(ms: number): string {
  if (lastMoment.ms !== ms) lastMoment = { ms, text: new Date(ms).toISOString() };
  return lastMoment.text;
}

/** What the findings are combined to answer. */
export function questionOf({ action }: Evaluation, matter: SubjectMatter): Question {
  return { kind: matter.kind, action: action.name, grantingLayers: ownChain(matter) };
}

/** One finding for each layer that would have to be asked and is not known. */
export function unknownLayers({ unknown }: SubjectMatter): readonly Finding[] {
  return unknown.map(({ layer, kind, message }) => layerError(layer, kind, message));
}

/** What a layer says that has no bundle in force. */
export function withoutBundle(
  { layersWithoutBundle }: PoliciesInForce,
  layer: Layer,
  kind: Kind,
): readonly Finding[] {
  if (layersWithoutBundle === 'abstain') return [];
  return [layerError(layer, kind, `the layer \`${layer}\` has no bundle in force`)];
}

function bundleOf(inForce: LayerInForce | undefined): Omit<AskedLayerDigest, 'layer' | 'kind'> {
  if (inForce === undefined) return {};
  const { digest, module, fault } = inForce;
  return { digest, ...(module === undefined && fault !== undefined && { fault }) };
}

/** What policies see. Members that are `undefined` are not written, so that a policy reads them as undefined. */
function policyInput(
  { subject, action, resource, context }: Evaluation,
  matter: SubjectMatter,
  now: string,
  parameters: PolicyInput['parameters'],
): PolicyInput {
  const { metadata, previous, domain, subjectRegistered, resourceRegistered } = matter;
  return {
    kind: matter.kind,
    now,
    subject: {
      type: subject.type,
      id: subject.id,
      properties: subject.properties ?? NO_MEMBERS,
      registered: subjectRegistered,
    },
    action: { name: action.name, properties: action.properties ?? NO_MEMBERS },
    resource: {
      type: resource.type,
      id: resource.id,
      properties: matter.resourceProperties,
      registered: resourceRegistered,
    },
    context: context ?? NO_MEMBERS,
    product: metadata?.form.product,
    contracts: metadata?.form.contracts,
    previous: previous?.form,
    domain,
    parameters,
  };
}

/**
 * Whose resource it is, for those who exempt from a refusal: one that is registered in another domain than the one it
 * is evaluated for is nobody's, since neither may answer for the other.
 */
function ownerOf({ domain, resourceRegistered }: SubjectMatter): string | undefined {
  return resourceRegistered === undefined || resourceRegistered['domain'] === domain ? domain : undefined;
}

/** The owning domain's own chain: another domain that is merely claimed sets no parameters for it and grants nothing. */
function ownChain({ domain, owningLayers }: SubjectMatter): readonly Layer[] {
  if (domain === undefined) return owningLayers.filter((layer) => layer === GLOBAL);
  const chain = layerChain(domain);
  return chain === owningLayers ? chain : owningLayers.filter((layer) => chain.includes(layer));
}

/** By what they were resolved to, which is the same for every decision under the same chain. */
const parameterValues = new WeakMap<ResolvedParameters, PolicyInput['parameters']>();

function parametersOf(policies: PoliciesInForce, chain: readonly Layer[]): PolicyInput['parameters'] {
  const resolved = policies.parametersUnder(chain);
  return keptBeside(parameterValues, resolved, () =>
    Object.fromEntries([...resolved].map(([name, { value }]) => [name, value])),
  );
}
