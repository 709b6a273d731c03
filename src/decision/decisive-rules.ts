import { isObject } from '../document/json.js';
import type { Fault } from '../errors.js';
import type { Kind } from '../policy/kind.js';
import type { Layer } from '../policy/layer.js';
import type { Enforcement } from '../policy/manifest.js';
import type { RuleTrace } from '../policy/trace-layer.js';
import { causesOf, heldLines, type Cause } from './causes.js';
import type { Question } from './combine.js';
import type { Decision, Obligation } from './decision.js';
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
  /** What it says: the messages of its denials, or the error. */
  readonly messages: readonly string[];
  readonly obligations?: readonly Obligation[];
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
  { kind, grantingLayers }: Question,
  policies: readonly PolicyExplained[],
): readonly DecisiveRule[] {
  const blocking = policies.filter(({ binding, waiver }) => binding && waiver === undefined);
  const granting = (policy: PolicyExplained): boolean =>
    kind === 'access' && policy.kind === 'access' && grantingLayers.includes(policy.layer);
  switch (code) {
    case 'policy_error':
      return [
        ...blocking.filter(isIn('error')).flatMap(errs),
        ...blocking.filter(isIn('deny')).flatMap(denies),
      ];
    case 'forbidden':
      return blocking.filter(isIn('deny')).flatMap(denies);
    case 'not_permitted':
      return [
        ...policies.filter(granting).filter(isIn('permit')).flatMap(held('permit', 'permits_in_vain')),
        ...closestFirst(blocking.filter(granting).map(couldPermit)),
      ];
    case 'permitted':
      return [
        ...blocking.filter(granting).filter(isIn('permit')).flatMap(held('permit', 'permits')),
        ...policies
          .filter(({ binding, obligations = [] }) => binding && obligations.length > 0)
          .flatMap(held('obligations', 'obliges')),
      ];
  }
}

function isIn(sought: PolicyExplained['outcome']): (policy: PolicyExplained) => boolean {
  return ({ outcome }) => outcome === sought;
}

/** Where a built-in failed, the definition around it; where required input is missing, the one that requires it. */
function errs(policy: PolicyExplained): readonly DecisiveRule[] {
  const { error = 'could not be evaluated', failed_at: failedAt } = policy;
  const definitions =
    failedAt === undefined
      ? ownDefinitions(policy, 'requires').filter(({ gave = [] }) =>
          gave.some((pointer) => typeof pointer === 'string' && error.includes(`\`${pointer}\``)),
        )
      : policy.rules.filter((rule) => isAround(rule, failedAt)).slice(0, 1);
  const rule = {
    ...decisive(policy, 'errs'),
    messages: [error],
    ...(failedAt !== undefined && { failed_at: failedAt }),
  };
  return definitions.length === 0
    ? [rule]
    : definitions.map((definition) => withDefinition(rule, definition, policy));
}

function isAround({ file, row: first, end_row: last }: RuleTrace, place: Fault): boolean {
  const { row = 0 } = place;
  return file === place.file && first <= row && row <= last;
}

const denies = held('deny', 'denies');

/** The definitions of a rule that held, each with what it says; the policy as a whole where none is known. */
function held(name: string, role: DecisiveRole): (policy: PolicyExplained) => readonly DecisiveRule[] {
  return (policy) => {
    const rule = decisive(policy, role);
    const definitions = ownDefinitions(policy, name).filter(({ outcome }) => outcome === 'held');
    if (definitions.length > 0) {
      return definitions.map((each) => withDefinition({ ...rule, ...saidBy(each) }, each, policy));
    }
    const { denials = [], obligations = [] } = policy;
    return [
      {
        ...rule,
        ...(role === 'denies' && { messages: denials.map(({ message }) => message) }),
        ...(role === 'obliges' && { obligations }),
      },
    ];
  };
}

function couldPermit(policy: PolicyExplained): readonly DecisiveRule[] {
  return ownDefinitions(policy, 'permit')
    .filter(({ outcome, head }) => outcome !== 'held' && !head.startsWith('default '))
    .map((definition) => withDefinition(decisive(policy, 'could_permit'), definition, policy));
}

/**
 * The policy of which most conditions of one grant held comes first, of equal ones that of the inner layer; of a
 * policy, the grant of which most conditions held.
 */
function closestFirst(policies: readonly (readonly DecisiveRule[])[]): readonly DecisiveRule[] {
  const conditions = (rule: DecisiveRule | undefined): number => heldLines(rule?.definition)[0];
  return [...policies]
    .reverse()
    .map((grants) => [...grants].sort((a, b) => conditions(b) - conditions(a)))
    .sort((a, b) => conditions(b[0]) - conditions(a[0]))
    .flat();
}

function ownDefinitions({ rules, file }: PolicyExplained, name: string): readonly RuleTrace[] {
  return rules.filter((rule) => rule.name === name && rule.file === file);
}

function decisive(policy: PolicyExplained, role: DecisiveRole): DecisiveRule {
  const { layer, kind, enforcement, remedy } = policy;
  return {
    role,
    layer,
    kind,
    policy: policy.policy,
    enforcement,
    messages: [],
    ...(remedy !== undefined && { remedy }),
    causes: [],
  };
}

function withDefinition(rule: DecisiveRule, definition: RuleTrace, { rules }: PolicyExplained): DecisiveRule {
  return { ...rule, definition, causes: causesOf(definition, rules) };
}

function saidBy({ gave = [] }: RuleTrace): Pick<DecisiveRule, 'messages' | 'obligations'> {
  const said = gave.filter(isObject);
  const obligations = said.flatMap(({ type, properties }) =>
    typeof type === 'string' && isObject(properties) ? [{ type, properties }] : [],
  );
  return {
    messages: said.flatMap(({ message }) => (typeof message === 'string' ? [message] : [])),
    ...(obligations.length > 0 && { obligations }),
  };
}
