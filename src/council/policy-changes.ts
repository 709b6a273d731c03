import { filesIn, type Bundle } from '../policy/bundle.js';
import { levelAt } from '../policy/level.js';
import type { Enforcement } from '../policy/manifest.js';
import { policyTexts, readPolicyText, type PolicyText } from '../policy/policy-text.js';
import { listed, named, without } from './words.js';

/** How a policy binds, and what it says of itself. */
export interface PolicyState {
  readonly enforcement: Enforcement;
  /** RFC 3339: it is advisory until then. */
  readonly enforced_from?: string;
  /** How it binds now. */
  readonly level: Enforcement;
  readonly title: string;
  readonly applies_to: readonly string[];
}

export interface PolicyChange {
  readonly policy: string;
  readonly change: 'added' | 'removed' | 'changed';
  readonly before?: PolicyState;
  readonly after?: PolicyState;
  /** What that means, a sentence each. */
  readonly words: readonly string[];
}

interface Policy {
  readonly name: string;
  readonly state: PolicyState;
  readonly text: PolicyText;
  readonly rego: string;
}

/**
 * What becomes of the policies of a layer, in the order of their names; those that stay as they are are left out.
 *
 * @param nowMs Unix time in milliseconds
 */
export function policyChanges(
  before: Bundle | undefined,
  after: Bundle | undefined,
  nowMs: number,
): readonly PolicyChange[] {
  const old = policiesOf(before, nowMs);
  const young = policiesOf(after, nowMs);
  const names = [...new Set([...old.keys(), ...young.keys()])].sort();
  return names.flatMap((name) => changeOf(name, old.get(name), young.get(name)) ?? []);
}

function policiesOf(bundle: Bundle | undefined, nowMs: number): ReadonlyMap<string, Policy> {
  if (bundle === undefined) return new Map();
  const texts = policyTexts(bundle);
  const files = new Map(filesIn(bundle, 'policy').map(({ path, text }) => [path, text]));
  return new Map(
    Object.entries(bundle.manifest.policies).map(([name, { enforcement, enforced_from }]) => {
      const rego = files.get(`policy/${name}.rego`) ?? '';
      const text = texts.get(name) ?? readPolicyText(rego);
      const state = {
        enforcement,
        ...(enforced_from !== undefined && { enforced_from }),
        level: levelAt({ enforcement, enforced_from }, nowMs),
        title: text.title,
        applies_to: text.appliesTo,
      };
      return [name, { name, state, text, rego }];
    }),
  );
}

function changeOf(
  policy: string,
  before: Policy | undefined,
  after: Policy | undefined,
): PolicyChange | undefined {
  if (before === undefined && after === undefined) return undefined;
  if (before === undefined && after !== undefined) {
    const words = [`\`${policy}\` is new and ${bindingText(after.state)}`];
    return { policy, change: 'added', after: after.state, words };
  }
  if (before !== undefined && after === undefined) {
    const words = [`\`${policy}\`, which ${bindingText(before.state)}, is removed`];
    return { policy, change: 'removed', before: before.state, words };
  }
  // INVARIANT: both are there.
  const [old, young] = [before as Policy, after as Policy];
  const words = [
    ...enforcementWords(policy, old.state, young.state),
    ...textWords(policy, old.text, young.text),
  ];
  if (words.length === 0 && old.rego !== young.rego) words.push(`only comments of \`${policy}\` change`);
  return words.length === 0
    ? undefined
    : { policy, change: 'changed', before: old.state, after: young.state, words };
}

/** How a policy binds, after its name: `binds (soft)`, `is advisory until … and binds (hard) from then on`. */
export function bindingText({ enforcement, enforced_from, level }: PolicyState): string {
  const binds = `binds (${enforcement})`;
  switch (enforcement) {
    case 'shadow':
      return 'is recorded alone (shadow)';
    case 'advisory':
      return 'is advisory';
    default:
      return level === enforcement
        ? binds
        : `is advisory until ${enforced_from ?? ''} and ${binds} from then on`;
  }
}

function enforcementWords(policy: string, before: PolicyState, after: PolicyState): readonly string[] {
  const words: string[] = [];
  if (before.enforcement !== after.enforcement)
    words.push(`\`${policy}\` goes from ${before.enforcement} to ${after.enforcement}`);
  if (before.enforced_from !== after.enforced_from) {
    const instead = before.enforced_from === undefined ? '' : `, instead of ${before.enforced_from}`;
    words.push(
      after.enforced_from === undefined
        ? `\`${policy}\` no longer waits until ${before.enforced_from ?? ''} to be enforced`
        : `\`${policy}\` is enforced from ${after.enforced_from} on${instead}`,
    );
  }
  return words;
}

function textWords(policy: string, before: PolicyText, after: PolicyText): string[] {
  const words: string[] = [];
  const kinds = [
    without(after.appliesTo, before.appliesTo),
    without(before.appliesTo, after.appliesTo),
  ] as const;
  if (kinds[0].length > 0) words.push(`\`${policy}\` applies to ${listed(kinds[0])} too`);
  if (kinds[1].length > 0) words.push(`\`${policy}\` no longer applies to ${listed(kinds[1])}`);
  if (before.code !== after.code) words.push(`the text of \`${policy}\` changes`);
  const said = (['title', 'description', 'remedy', 'owner'] as const).filter(
    (member) => before[member] !== after[member],
  );
  if (said.includes('title'))
    words.push(`the title of \`${policy}\` goes from “${before.title}” to “${after.title}”`);
  const others = said.filter((member) => member !== 'title');
  if (others.length > 0)
    words.push(`the ${listed(others)} of \`${policy}\` ${others.length === 1 ? 'changes' : 'change'}`);
  const gained = without(after.controls, before.controls);
  const lost = without(before.controls, after.controls);
  if (gained.length > 0) words.push(`\`${policy}\` answers for ${named(gained)} too`);
  if (lost.length > 0) words.push(`\`${policy}\` no longer answers for ${named(lost)}`);
  return words;
}
