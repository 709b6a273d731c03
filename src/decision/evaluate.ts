import { isObject, valueAt } from '../document/json.js';
import { recurring } from '../document/recurring.js';
import type { LayerInForce, PolicyInForce } from '../policy/in-force.js';
import type { Kind } from '../policy/kind.js';
import { exhausts, type ModuleInput, type ModuleResult, type PolicyModule } from '../rego/policy-module.js';
import type { Finding, FindingErrorCode, Outcome } from './decision.js';
import type { PolicyInput } from './input.js';
import { heldMessage, type Quarantine } from './quarantine.js';
import { readSaid, type PolicySaid } from './said.js';
import type { Waivers } from './waiver.js';

/** When policies are asked, and which are not. */
export interface AskedMoment {
  /** Unix time in milliseconds. */
  readonly nowMs: number;
  readonly quarantine: Quarantine;
}

/** What one evaluation is about, beside the input: the moment, what exempts from it, and what is not asked. */
export interface EvaluationMoment extends AskedMoment {
  readonly waivers: Waivers;
  /** Whose waivers count: the domain that a refusal would concern. */
  readonly domain: string | undefined;
}

/** What one policy answers, before it is put to the request that it is about: it depends on what the policy reads alone. */
export type PolicyAnswer =
  /** Text where it is not what a policy may say. */
  | { readonly said: PolicySaid | string }
  | { readonly error: { readonly code: FindingErrorCode; readonly message: string } };

const NONE: readonly never[] = [];
/** Of a policy that says nothing: it abstains, which leaves no trace. */
const SILENT: PolicyAnswer = { said: readSaid(undefined) };

/**
 * Asks one layer: every policy of it that applies to the kind and says something gives one finding. Nothing is thrown:
 * what goes wrong is a finding. Findings that follow from what was said alone are the same objects whenever the layer
 * says the same.
 */
export function evaluateLayer(
  layer: LayerInForce,
  kind: Kind,
  input: ModuleInput,
  moment: EvaluationMoment,
): readonly Finding[] {
  const answers = askLayer(layer, kind, input, moment);
  if (isLayerError(answers)) return [answers];
  const before = lasting.get(answers);
  if (before?.layer === layer && before.kind === kind && before.findings !== undefined)
    return before.findings;
  const findings = layer.byKind[kind].flatMap((policy, at) => {
    // INVARIANT: there is one answer for each policy of the kind.
    const answer = answers[at] as PolicyAnswer;
    return answer === SILENT ? NONE : findingOf(layer, policy, kind, input, moment, answer);
  });
  if (!layer.byKind[kind].every((policy, at) => lasts(policy, answers[at] as PolicyAnswer))) return findings;
  // What is said for the first time may never be said again.
  if (before === undefined) lasting.set(answers, { layer, kind });
  else lasting.set(answers, { layer, kind, findings: findings.map(recurring) });
  return findings;
}

interface LastingFindings {
  readonly layer: LayerInForce;
  readonly kind: Kind;
  /** From the second time on. */
  readonly findings?: readonly Finding[];
}

/** Findings that follow from the answers alone, by these. */
const lasting = new WeakMap<readonly PolicyAnswer[], LastingFindings>();

/** Whether the finding follows from the answer alone: not from the time, a waiver, or what the request must hold. */
function lasts({ enforcement, enforcedFrom }: PolicyInForce, answer: PolicyAnswer): boolean {
  if (answer === SILENT) return true;
  if (!('said' in answer) || typeof answer.said === 'string') return false;
  const { denials, requires } = answer.said;
  const waivable = enforcement === 'soft' && denials.length > 0;
  return enforcedFrom === undefined && requires.length === 0 && !waivable;
}

/**
 * The answers of the layer's policies of a kind, in their order. The layer's module runs once for all of them; only
 * when it throws is each policy asked alone, so that the one at fault is found and the others are still heard.
 *
 * @returns one finding where the layer cannot vouch for anything
 */
export function askLayer(
  layer: LayerInForce,
  kind: Kind,
  input: ModuleInput,
  moment: AskedMoment,
): readonly PolicyAnswer[] | Finding {
  const policies = layer.byKind[kind];
  if (layer.module === undefined)
    return layerError(layer.layer, kind, layer.fault ?? 'the bundle did not load');
  if (policies.length === 0) return [];
  if (!moment.quarantine.holdsAny(layer.digest, moment.nowMs)) {
    const together = layer.module.evaluate(`witan/${kind}`, input, moment.nowMs);
    if (together.ok && isObject(together.value)) {
      return answersIn(together.value, policies);
    }
    if (together.ok)
      return layerError(layer.layer, kind, 'the bundle answered something that is not an object');
  }
  return policies.map((policy) => askPolicy(layer, policy, kind, input, moment));
}

/** What was read of an answer of a module, which may be the same object as before. */
const answered = new WeakMap<
  object,
  { readonly policies: readonly PolicyInForce[]; readonly answers: readonly PolicyAnswer[] }
>();

/** What each policy said, in their order. */
function answersIn(
  said: Readonly<Record<string, unknown>>,
  policies: readonly PolicyInForce[],
): readonly PolicyAnswer[] {
  const before = answered.get(said);
  if (before?.policies === policies) return before.answers;
  const answers = policies.map(({ name }) => {
    const value = said[name];
    return value === undefined ? SILENT : { said: readSaid(value) };
  });
  answered.set(said, { policies, answers });
  return answers;
}

/** Whether a layer was in error as a whole. */
export function isLayerError(answers: readonly unknown[] | Finding): answers is Finding {
  return !Array.isArray(answers);
}

/** What one policy of a layer answers when it is asked alone: the same as with the others. */
export function askPolicy(
  layer: LayerInForce,
  policy: PolicyInForce,
  kind: Kind,
  input: ModuleInput,
  moment: AskedMoment,
): PolicyAnswer {
  // INVARIANT: a layer whose policies are asked has a module.
  const alone = askAlone(layer.module as PolicyModule, layer, policy, input, moment);
  return alone.ok ? { said: readSaid(withoutPermit(kind, alone.value)) } : { error: alone.error };
}

/** The answer for a policy that is not asked. */
interface Held {
  readonly ok: false;
  readonly error: { readonly code: 'quarantined'; readonly message: string };
}

/** What one policy says when it is asked alone. One that takes more than an evaluation may is put into quarantine. */
function askAlone(
  module: PolicyModule,
  { layer, digest }: LayerInForce,
  { name }: PolicyInForce,
  input: ModuleInput,
  { nowMs, quarantine }: AskedMoment,
): ModuleResult | Held {
  const held = quarantine.find(digest, name, nowMs);
  if (held !== undefined) {
    return { ok: false, error: { code: 'quarantined', message: heldMessage(held) } };
  }
  const answered = module.evaluate(`witan/policy/${name}`, input, nowMs);
  if (!answered.ok && exhausts(answered.error)) {
    quarantine.put({ layer, digest, policy: name, reason: answered.error.message }, nowMs);
  }
  return answered;
}

/** A layer that cannot vouch for anything: unregistered, without a bundle, or not loaded. It always binds. */
export function layerError(layer: string, kind: Kind, error: string): Finding {
  return {
    layer,
    kind,
    enforcement: 'hard',
    binding: true,
    outcome: 'error',
    error,
    error_code: 'layer_unavailable',
  };
}

/** `permit` is read for `access` alone; the entrypoint of a single policy does not know the kind. */
function withoutPermit(kind: Kind, value: unknown): unknown {
  if (kind === 'access' || !isObject(value)) return value;
  const { permit: _, ...rest } = value;
  return rest;
}

export type Heard = Pick<Finding, 'outcome' | 'error' | 'error_code' | 'denials' | 'obligations' | 'advice'>;

/** What a policy's answer comes to for one request: also what it requires of it, and whether a waiver lifts it. */
export function findingOf(
  layer: LayerInForce,
  policy: PolicyInForce,
  kind: Kind,
  input: Pick<ModuleInput, 'value'>,
  moment: EvaluationMoment,
  answer: PolicyAnswer,
): Finding {
  const heard: Heard =
    'said' in answer
      ? outcomeOf(answer.said, input)
      : { outcome: 'error', error: answer.error.message, error_code: answer.error.code };
  return settle(layer, policy, kind, input, moment, heard);
}

/** The outcome of what a policy said: error before deny before permit before abstain. */
export function hear(value: unknown, input: Pick<ModuleInput, 'value'>): Heard {
  return outcomeOf(readSaid(value), input);
}

function outcomeOf(said: PolicySaid | string, input: Pick<ModuleInput, 'value'>): Heard {
  if (typeof said === 'string') return { outcome: 'error', error: said, error_code: 'output_malformed' };
  const missing = said.requires.filter((pointer) => valueAt(input.value, pointer) === undefined);
  if (missing.length > 0) {
    const names = [...missing].sort().map((pointer) => `\`${pointer}\``);
    const error = `required input is missing: ${names.join(', ')}`;
    return { outcome: 'error', error, error_code: 'input_missing' };
  }
  const outcome: Outcome = said.denials.length > 0 ? 'deny' : said.permit ? 'permit' : 'abstain';
  return {
    outcome,
    ...(said.denials.length > 0 && { denials: said.denials }),
    ...(said.obligations.length > 0 && { obligations: said.obligations }),
    ...(said.advice.length > 0 && { advice: said.advice }),
  };
}

/**
 * Whether the finding binds: hard or soft, in force now, and not waived. A waiver lifts a denial or an
 * error of a soft policy; obligations of a waived policy stay, since an exemption from a refusal is not
 * one from the duties.
 */
function settle(
  layer: LayerInForce,
  policy: PolicyInForce,
  kind: Kind,
  input: Pick<ModuleInput, 'value'>,
  { nowMs, waivers, domain }: EvaluationMoment,
  heard: Heard,
): Finding {
  const pending = policy.enforcedFrom !== undefined && nowMs < policy.enforcedFrom.ms;
  const enforced = policy.enforcement === 'hard' || policy.enforcement === 'soft';
  const refused = heard.outcome === 'deny' || heard.outcome === 'error';
  // INVARIANT: the value is the PolicyInput that `decide` built.
  const { subject, resource } = input.value as PolicyInput;
  const waiver =
    refused && policy.enforcement === 'soft'
      ? waivers.find({
          layer: layer.layer,
          policy: policy.name,
          kind,
          domain,
          subject: subject.id,
          resource: resource.id,
          nowMs,
        })
      : undefined;
  return {
    policy: policy.name,
    layer: layer.layer,
    kind,
    enforcement: policy.enforcement,
    binding: enforced && !pending,
    ...heard,
    ...(waiver !== undefined && { waiver: waiver.id }),
    ...(enforced && pending && { enforced_from: policy.enforcedFrom.text }),
    ...(refused && policy.remedy !== undefined && { remedy: policy.remedy }),
  };
}
