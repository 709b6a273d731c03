import { isObject } from '../document/json.js';
import type { Fault } from '../errors.js';
import type { Kind } from '../policy/kind.js';
import type { Layer } from '../policy/layer.js';
import type { Enforcement } from '../policy/manifest.js';
import type { RuleTrace } from '../policy/trace-layer.js';
import { causesOf, heldLines, type Cause } from './causes.js';
import type { Question } from './combine.js';
import type { Decision } from './decision.js';
import type { PolicyExplained } from './explain-policy.js';

/**
 * - `errs`: could not be evaluated, or lacks what it requires
 * - `denies`
 * - `permits`, `obliges`: why it is permitted, and what comes with it
 * - `could_permit`: would have granted, had its rule held
 * - `permits_in_vain`: grants, but does not bind
 */
export type DecisiveRole = 'errs' | 'denies' | 'permits' | 'obliges' | 'could_permit' | 'permits_in_vain';

/** One definition that decided, with its lines; or a policy, where there is no trace of it. */
export interface DecisiveRule {
  readonly role: DecisiveRole;
  readonly layer: Layer;
  readonly kind: Kind;
  readonly policy: string;
  readonly enforcement: Enforcement;
  /** What it says: messages of denials, the error, types of obligations. */
  readonly messages: readonly string[];
  readonly remedy?: string;
  /** Where an evaluation failed. */
  readonly failed_at?: Fault;
  readonly definition?: RuleTrace;
  /** Why lines of the definition are as they are, where other rules tell. */
  readonly causes: readonly Cause[];
}

/** The definitions that decided, by the row of the truth table that did. */
export function decisiveRules(
  { code }: Pick<Decision, 'code'>,
  question: Question,
  policies: readonly PolicyExplained[],
): readonly DecisiveRule[] {
  const blocking = policies.filter(({ binding, waiver }) => binding && waiver === undefined);
  switch (code) {
    case 'policy_error':
      return [
        ...blocking.filter(({ outcome }) => outcome === 'error').flatMap(errs),
        ...blocking.filter(({ outcome }) => outcome === 'deny').flatMap(denies),
      ];
    case 'forbidden':
      return blocking.filter(({ outcome }) => outcome === 'deny').flatMap(denies);
    case 'not_permitted': {
      const granting = policies.filter(
        ({ kind, layer }) => kind === 'access' && question.grantingLayers.includes(layer),
      );
      return [
        ...granting.filter(({ outcome }) => outcome === 'permit').flatMap(held('permit', 'permits_in_vain')),
        ...granting
          .filter(({ binding }) => binding)
          .flatMap(couldPermit)
          .sort(byCloseness),
      ];
    }
    case 'permitted':
      return [
        ...(question.kind === 'access'
          ? blocking
              .filter(
                ({ outcome, kind, layer }) =>
                  outcome === 'permit' && kind === 'access' && question.grantingLayers.includes(layer),
              )
              .flatMap(held('permit', 'permits'))
          : []),
        ...policies
          .filter(({ binding, obligations = [] }) => binding && obligations.length > 0)
          .flatMap(held('obligations', 'obliges')),
      ];
  }
}

function errs(policy: PolicyExplained): readonly DecisiveRule[] {
  const { error = 'could not be evaluated', failed_at: failedAt } = policy;
  const at = (rule: RuleTrace): boolean =>
    failedAt !== undefined &&
    rule.file === failedAt.file &&
    rule.row <= (failedAt.row ?? 0) &&
    (failedAt.row ?? 0) <= rule.end_row;
  const definitions =
    failedAt === undefined
      ? ownDefinitions(policy, 'requires').filter(({ gave = [] }) =>
          gave.some((pointer) => error.includes(`\`${String(pointer)}\``)),
        )
      : policy.rules.filter(at).slice(0, 1);
  const rule = {
    ...decisive(policy, 'errs', [error]),
    ...(failedAt !== undefined && { failed_at: failedAt }),
  };
  return definitions.length === 0
    ? [rule]
    : definitions.map((definition) => withDefinition(rule, definition, policy));
}

function denies(policy: PolicyExplained): readonly DecisiveRule[] {
  return held('deny', 'denies')(policy);
}

/** The definitions of a rule that held, each with what it says; the policy as a whole where none is known. */
function held(rule: string, role: DecisiveRole): (policy: PolicyExplained) => readonly DecisiveRule[] {
  return (policy) => {
    const definitions = ownDefinitions(policy, rule).filter(({ outcome }) => outcome === 'held');
    if (definitions.length === 0) return [decisive(policy, role, messagesOf(policy, role))];
    return definitions.map((definition) =>
      withDefinition(decisive(policy, role, saidBy(definition)), definition, policy),
    );
  };
}

function couldPermit(policy: PolicyExplained): readonly DecisiveRule[] {
  return ownDefinitions(policy, 'permit')
    .filter(({ outcome, head }) => outcome !== 'held' && !head.startsWith('default '))
    .map((definition) => withDefinition(decisive(policy, 'could_permit', []), definition, policy));
}

/** The more lines held, the closer; of equal ones, that which lacks less. */
function byCloseness(a: DecisiveRule, b: DecisiveRule): number {
  const [heldA, linesA] = heldLines(a.definition);
  const [heldB, linesB] = heldLines(b.definition);
  return heldB - heldA || linesA - heldA - (linesB - heldB);
}

function ownDefinitions({ rules, layer, policy }: PolicyExplained, name: string): readonly RuleTrace[] {
  return rules.filter((rule) => rule.name === name && rule.file === `${layer}/policy/${policy}.rego`);
}

function decisive(policy: PolicyExplained, role: DecisiveRole, messages: readonly string[]): DecisiveRule {
  const { layer, kind, enforcement, remedy } = policy;
  return {
    role,
    layer,
    kind,
    policy: policy.policy,
    enforcement,
    messages,
    ...(remedy !== undefined && { remedy }),
    causes: [],
  };
}

function withDefinition(rule: DecisiveRule, definition: RuleTrace, { rules }: PolicyExplained): DecisiveRule {
  return { ...rule, definition, causes: causesOf(definition, rules) };
}

function saidBy({ gave = [] }: RuleTrace): readonly string[] {
  return gave.flatMap((item) => {
    const said = isObject(item) ? (item['message'] ?? item['type']) : undefined;
    return typeof said === 'string' ? [said] : [];
  });
}

function messagesOf(
  { denials = [], obligations = [] }: PolicyExplained,
  role: DecisiveRole,
): readonly string[] {
  if (role === 'denies') return denials.map(({ message }) => message);
  return role === 'obliges' ? obligations.map(({ type }) => type) : [];
}
