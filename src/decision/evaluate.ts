import { isObject, valueAt } from '../document/json.js';
import type { LayerInForce, PolicyInForce } from '../policy/in-force.js';
import type { Kind } from '../policy/kind.js';
import { exhausts, type ModuleInput, type ModuleResult, type PolicyModule } from '../rego/policy-module.js';
import type { Finding, Outcome } from './decision.js';
import type { PolicyInput } from './input.js';
import { heldMessage, type Quarantine } from './quarantine.js';
import { readSaid } from './said.js';
import type { Waivers } from './waiver.js';

/** What one evaluation is about, beside the input: the moment, what exempts from it, and what is not asked. */
export interface EvaluationMoment {
  readonly nowMs: number;
  readonly waivers: Waivers;
  /** Whose waivers count: the domain that a refusal would concern. */
  readonly domain: string | undefined;
  readonly quarantine: Quarantine;
}

/** A policy that says nothing abstains, which leaves no trace. */
const SILENT: readonly never[] = [];

/**
 * Asks one layer: every policy of it that applies to the kind and says something gives one finding. The layer's module runs
 * once for all of them; only when it throws is each policy asked alone, so that the one at fault is found
 * and the others are still heard. Nothing is thrown: what goes wrong is a finding.
 */
export function evaluateLayer(
  layer: LayerInForce,
  kind: Kind,
  input: ModuleInput,
  moment: EvaluationMoment,
): readonly Finding[] {
  const policies = layer.byKind[kind];
  if (layer.module === undefined)
    return [layerError(layer.layer, kind, layer.fault ?? 'the bundle did not load')];
  if (policies.length === 0) return [];
  const module = layer.module;
  if (!moment.quarantine.holdsAny(layer.digest, moment.nowMs)) {
    const together = module.evaluate(`witan/${kind}`, input, moment.nowMs);
    if (together.ok && isObject(together.value)) {
      const said = together.value;
      return policies.flatMap((policy) => {
        const value = said[policy.name];
        return value === undefined ? SILENT : finding(layer, policy, kind, input, moment, value);
      });
    }
    if (together.ok)
      return [layerError(layer.layer, kind, 'the bundle answered something that is not an object')];
  }
  return policies.map((policy) => {
    const alone = askAlone(module, layer, policy, input, moment);
    return alone.ok
      ? finding(layer, policy, kind, input, moment, withoutPermit(kind, alone.value))
      : settle(layer, policy, kind, input, moment, {
          outcome: 'error',
          error: alone.error.message,
          error_code: alone.error.code,
        });
  });
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
  { nowMs, quarantine }: EvaluationMoment,
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

function finding(
  layer: LayerInForce,
  policy: PolicyInForce,
  kind: Kind,
  input: ModuleInput,
  moment: EvaluationMoment,
  value: unknown,
): Finding {
  return settle(layer, policy, kind, input, moment, hear(value, input));
}

/** The outcome of what a policy said: error before deny before permit before abstain. */
export function hear(value: unknown, input: Pick<ModuleInput, 'value'>): Heard {
  const said = readSaid(value);
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
  input: ModuleInput,
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
