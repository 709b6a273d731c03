import type { AuditEntry } from '../audit/log.js';
import type { DecisionRecord, LayerDigest } from '../audit/record.js';
import { replaceAt } from '../document/json.js';
import type { PoliciesInForce } from '../policy/in-force.js';
import type { Kind } from '../policy/kind.js';
import { GLOBAL, layerChain, type Layer } from '../policy/layer.js';
import type { NormalForm } from '../product/metadata.js';
import type { Registry } from '../registry/registry.js';
import { moduleInput } from '../rego/policy-module.js';
import { combine, type Question } from './combine.js';
import type { Decision, Finding } from './decision.js';
import { evaluateLayer, layerError, type EvaluationMoment } from './evaluate.js';
import type { PolicyInput } from './input.js';
import type { Quarantine } from './quarantine.js';
import type { Evaluation } from './request.js';
import { gather, type SubjectMatter } from './subject-matter.js';
import type { Waiver } from './waiver.js';

/** What a decision is made from; nothing else is read. */
export interface DecisionBasis {
  readonly policies: PoliciesInForce;
  readonly registry: Registry;
  readonly waivers: readonly Waiver[];
  /** Which policies are not asked for a while; a decision may add to it. */
  readonly quarantine: Quarantine;
}

/** Who asks, and what ties the answer to the caller's own records. */
export interface Asking {
  readonly caller: DecisionRecord['caller'];
  readonly correlation?: DecisionRecord['correlation'];
  /** Metadata that were read already and stand for those of the request. */
  readonly metadata?: NormalForm;
}

/** Who asks, when, and under which id the answer is recorded. */
export interface DecisionCall extends Asking {
  /** UUIDv7. */
  readonly id: string;
  /** Unix time in milliseconds. */
  readonly nowMs: number;
}

/** One layer, and what its policies saw. */
export interface AskedLayer {
  readonly layer: Layer;
  readonly kind: Kind;
  readonly input: PolicyInput;
}

export interface Decided {
  readonly decision: Decision;
  readonly revision: number;
  /** What the findings were combined to answer. */
  readonly question: Question;
  /** Every layer that was asked, in order, with or without a bundle in force. */
  readonly asked: readonly AskedLayer[];
  /** What goes into the log before the decision is answered. */
  readonly entry: AuditEntry;
}

/**
 * Decides one evaluation, synchronously: gathers what it is about, asks every layer, combines, and makes the
 * record. Equal evaluations, policies, registry and moment give byte-equal decisions.
 *
 * @throws WitanError `invalid_request` and `descriptor_*` for metadata that cannot be read; never for what a policy does.
 */
export function decide(basis: DecisionBasis, evaluation: Evaluation, call: DecisionCall): Decided {
  const matter = gather(evaluation, basis.registry, call.metadata);
  const moment = { nowMs: call.nowMs, waivers: basis.waivers, quarantine: basis.quarantine };
  const now = new Date(call.nowMs).toISOString();
  const findings: Finding[] = matter.unknown.map(({ layer, kind, message }) =>
    layerError(layer, kind, message),
  );
  const asked: AskedLayer[] = [];
  const digests: LayerDigest[] = [];

  const ask = (layers: readonly Layer[], kind: Kind, input: PolicyInput): void => {
    const encoded = moduleInput(input);
    for (const layer of layers) {
      const { finding, digest } = askLayer(basis.policies, layer, kind, encoded, moment);
      findings.push(...finding);
      asked.push({ layer, kind, input });
      digests.push({ layer, ...(digest !== undefined && { digest }) });
    }
  };
  const own = ownChain(matter);
  const input = policyInput(evaluation, matter, now, parametersOf(basis.policies, own));
  ask(matter.owningLayers, matter.kind, input);
  if (matter.consumingLayers.length > 0) {
    const parameters = parametersOf(basis.policies, [GLOBAL, ...matter.consumingLayers]);
    ask(matter.consumingLayers, 'consume', { ...input, kind: 'consume', parameters });
  }

  const question = { kind: matter.kind, action: evaluation.action.name, grantingLayers: own };
  const decision = combine(findings, question);
  return {
    decision,
    revision: basis.policies.revision,
    question,
    asked,
    entry: entryOf(matter, decision, input, digests, call, basis.policies),
  };
}

function askLayer(
  policies: PoliciesInForce,
  layer: Layer,
  kind: Kind,
  input: ReturnType<typeof moduleInput>,
  moment: EvaluationMoment,
): { readonly finding: readonly Finding[]; readonly digest?: string } {
  const inForce = policies.layers.get(layer);
  if (inForce !== undefined) {
    return { finding: evaluateLayer(inForce, kind, input, moment), digest: inForce.digest };
  }
  const silent = policies.layersWithoutBundle === 'abstain';
  return {
    finding: silent ? [] : [layerError(layer, kind, `the layer \`${layer}\` has no bundle in force`)],
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

/** The owning domain's own chain: another domain that is merely claimed sets no parameters for it and grants nothing. */
function ownChain({ domain, owningLayers }: SubjectMatter): readonly Layer[] {
  const chain: readonly Layer[] = domain === undefined ? [GLOBAL] : layerChain(domain);
  return owningLayers.filter((layer) => chain.includes(layer));
}

function parametersOf(policies: PoliciesInForce, chain: readonly Layer[]): Record<string, unknown> {
  const resolved = policies.parametersUnder(chain);
  return Object.fromEntries([...resolved].map(([name, { value }]) => [name, value]));
}

function entryOf(
  matter: SubjectMatter,
  decision: Decision,
  input: PolicyInput,
  layers: readonly LayerDigest[],
  call: DecisionCall,
  policies: PoliciesInForce,
): AuditEntry {
  const { metadata, previous, domain, consumerDomain } = matter;
  const masked = mask(
    {
      subject: input.subject,
      action: input.action,
      resource: input.resource,
      context: input.context,
    },
    policies.mask,
  );
  const record: DecisionRecord = {
    id: call.id,
    time: input.now,
    kind: 'decision',
    caller: call.caller,
    ...(call.correlation !== undefined && { correlation: call.correlation }),
    revision: policies.revision,
    decision_kind: matter.kind,
    evaluation: masked.evaluation,
    ...(domain !== undefined && { domain }),
    ...(consumerDomain !== undefined && { consumer_domain: consumerDomain }),
    ...(metadata !== undefined && { metadata: metadata.digest }),
    ...(previous !== undefined && { previous_metadata: previous.digest }),
    parameters: input.parameters,
    layers,
    findings: decision.findings,
    decision: decision.decision,
    code: decision.code,
    reasons: decision.reasons,
    obligations: decision.obligations,
    advice: decision.advice,
    masked: masked.pointers,
  };
  const documents = [metadata, previous].filter((document) => document !== undefined);
  return documents.length === 0
    ? { record }
    : { record, documents: new Map(documents.map((document) => [document.digest, () => document.text()])) };
}

/** Replaces what the global manifest masks before anything is hashed or stored. */
function mask(
  evaluation: DecisionRecord['evaluation'],
  pointers: readonly string[],
): { readonly evaluation: DecisionRecord['evaluation']; readonly pointers: readonly string[] } {
  const applied: string[] = [];
  const result = pointers.reduce<unknown>(
    (document, pointer) =>
      replaceAt(document, pointer, () => {
        applied.push(pointer);
        return { masked: true };
      }),
    evaluation,
  );
  return { evaluation: result as DecisionRecord['evaluation'], pointers: applied };
}
