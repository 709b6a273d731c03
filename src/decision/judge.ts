import type { AskedLayerDigest } from '../audit/record.js';
import type { PoliciesInForce } from '../policy/in-force.js';
import type { Kind } from '../policy/kind.js';
import type { ResolvedParameters } from '../policy/parameters.js';
import { GLOBAL, layerChain, type Layer } from '../policy/layer.js';
import { moduleInput, type ModuleInput } from '../rego/policy-module.js';
import { combine, type Question } from './combine.js';
import type { Decision, Finding } from './decision.js';
import { evaluateLayer, layerError, type EvaluationMoment } from './evaluate.js';
import type { PolicyInput } from './input.js';
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

const METADATA = ['product', 'contracts'] as const;

/**
 * Asks every layer about what was gathered, and combines what they say. Nothing else is read, so that a decision and
 * its replay come to the same. Nothing is thrown: what goes wrong in a policy is a finding.
 */
export function judge(evaluation: Evaluation, matter: SubjectMatter, judging: Judging): Judged {
  const { policies, nowMs, waivers } = judging;
  const findings: Finding[] = matter.unknown.map(({ layer, kind, message }) =>
    layerError(layer, kind, message),
  );
  const asked: AskedLayer[] = [];
  const digests: AskedLayerDigest[] = [];

  const ask = (layers: readonly Layer[], kind: Kind, input: PolicyInput): void => {
    const encoded = moduleInput(input, matter.metadata?.registered === true ? METADATA : undefined);
    const domain = kind === 'consume' ? matter.consumerDomain : ownerOf(matter);
    const moment = { nowMs, waivers, domain, quarantine: judging.quarantine(kind) };
    for (const layer of layers) {
      const said = askLayer(policies, layer, kind, encoded, moment);
      findings.push(...said.findings);
      asked.push({ layer, kind, input });
      digests.push({ layer, ...(kind === 'consume' && { kind }), ...said.bundle });
    }
  };
  const own = ownChain(matter);
  const now = new Date(nowMs).toISOString();
  const input = policyInput(evaluation, matter, now, parametersOf(policies, own));
  ask(matter.owningLayers, matter.kind, input);
  if (matter.consumingLayers.length > 0) {
    const parameters = parametersOf(policies, [GLOBAL, ...matter.consumingLayers]);
    ask(matter.consumingLayers, 'consume', { ...input, kind: 'consume', parameters });
  }

  const question = { kind: matter.kind, action: evaluation.action.name, grantingLayers: own };
  return { decision: combine(findings, question), question, asked, layers: digests, input };
}

function askLayer(
  policies: PoliciesInForce,
  layer: Layer,
  kind: Kind,
  input: ModuleInput,
  moment: EvaluationMoment,
): { readonly findings: readonly Finding[]; readonly bundle: Omit<AskedLayerDigest, 'layer' | 'kind'> } {
  const inForce = policies.layers.get(layer);
  if (inForce !== undefined) {
    const { digest, module, fault } = inForce;
    return {
      findings: evaluateLayer(inForce, kind, input, moment),
      bundle: { digest, ...(module === undefined && fault !== undefined && { fault }) },
    };
  }
  const silent = policies.layersWithoutBundle === 'abstain';
  return {
    findings: silent ? [] : [layerError(layer, kind, `the layer \`${layer}\` has no bundle in force`)],
    bundle: {},
  };
}

/** What policies see. Members that are absent stay absent, so that a policy reads them as undefined. */
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
      properties: subject.properties ?? {},
      ...(subjectRegistered !== undefined && { registered: subjectRegistered }),
    },
    action: { name: action.name, properties: action.properties ?? {} },
    resource: {
      type: resource.type,
      id: resource.id,
      properties: matter.resourceProperties,
      ...(resourceRegistered !== undefined && { registered: resourceRegistered }),
    },
    context: context ?? {},
    ...(metadata !== undefined && { product: metadata.form.product, contracts: metadata.form.contracts }),
    ...(previous !== undefined && { previous: previous.form }),
    ...(domain !== undefined && { domain }),
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
  const chain: readonly Layer[] = domain === undefined ? [GLOBAL] : layerChain(domain);
  return owningLayers.filter((layer) => chain.includes(layer));
}

/** By what they were resolved to, which is the same for every decision under the same chain. */
const parameterValues = new WeakMap<ResolvedParameters, PolicyInput['parameters']>();

function parametersOf(policies: PoliciesInForce, chain: readonly Layer[]): PolicyInput['parameters'] {
  const resolved = policies.parametersUnder(chain);
  const values =
    parameterValues.get(resolved) ??
    Object.fromEntries([...resolved].map(([name, { value }]) => [name, value]));
  parameterValues.set(resolved, values);
  return values;
}
