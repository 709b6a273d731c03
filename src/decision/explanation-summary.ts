import { stopOf, heldLines } from './causes.js';
import type { Question } from './combine.js';
import type { Decision, Reason } from './decision.js';
import type { DecisiveRule } from './decisive-rules.js';

/**
 * Why, in one sentence.
 *
 * @param asked how many policies were asked
 */
export function summaryOf(
  decision: Decision,
  question: Question,
  asked: number,
  decisive: readonly DecisiveRule[],
): string {
  switch (decision.code) {
    case 'permitted':
      return permitted(decision, question, asked, decisive);
    case 'not_permitted':
      return notPermitted(question, decisive);
    case 'forbidden':
      return `denied, because ${refusal(decision.reasons, 'forbids it')}`;
    case 'policy_error':
      return `denied, because ${refusal(decision.reasons, 'could not be evaluated')}`;
  }
}

function permitted(
  { obligations }: Decision,
  { kind }: Question,
  asked: number,
  decisive: readonly DecisiveRule[],
): string {
  const granted = named(decisive.filter(({ role }) => role === 'permits'));
  const because =
    kind === 'publish' || granted.length === 0
      ? `none of the ${asked} policies that were asked forbids it`
      : `${listed(granted)} ${granted.length === 1 ? 'permits' : 'permit'} it and none of the ${asked} policies that were asked forbids it`;
  const duties =
    obligations.length === 0
      ? ''
      : `; ${counted(obligations.length, 'obligation')} ${obligations.length === 1 ? 'comes' : 'come'} with it`;
  return `permitted, because ${because}${duties}`;
}

/** The first reason, which stands for the policy that is nearest to all, and how many more there are. */
function refusal(reasons: readonly Reason[], verb: string): string {
  const [first, ...others] = reasons;
  if (first === undefined) return `it ${verb}`;
  const more = others.length === 0 ? '' : `, and for ${counted(others.length, 'more reason')}`;
  const who =
    first.policy === undefined
      ? `\`${first.layer}\` cannot vouch for it`
      : `${placed(first.policy, first.layer)} ${verb}`;
  return `${who}: ${first.message}${more}`;
}

function notPermitted({ action, grantingLayers }: Question, decisive: readonly DecisiveRule[]): string {
  const layers = listed(
    grantingLayers.map((layer) => `\`${layer}\``),
    'or',
  );
  const nobody = `denied, because no policy of ${layers} permits \`${action}\` here`;
  const vain = named(decisive.filter(({ role }) => role === 'permits_in_vain'));
  if (vain.length > 0) {
    return `${nobody} with binding force; ${listed(vain)} would, but ${vain.length === 1 ? 'does' : 'do'} not bind`;
  }
  const grants = decisive.flatMap(({ role, definition, ...rule }) =>
    role === 'could_permit' && definition !== undefined ? [{ ...rule, definition }] : [],
  );
  const [closest] = grants;
  if (closest === undefined) return `${nobody}: none of them grants anything`;
  const stop = stopOf(closest.definition);
  const [held, lines] = heldLines(closest.definition);
  if (held === 0 || stop === undefined) {
    const none =
      grants.length === 1 ? 'the only grant does not' : `none of the ${grants.length} grants there are`;
    return `${nobody}; ${none} ${grants.length === 1 ? 'get' : 'gets'} past its first condition`;
  }
  return `${nobody}; ${placed(closest.policy, closest.layer)} came closest, with ${held} of ${lines} conditions, and stopped at \`${stop.text}\``;
}

function named(rules: readonly DecisiveRule[]): readonly string[] {
  return [...new Set(rules.map(({ policy, layer }) => placed(policy, layer)))];
}

function placed(policy: string, layer: string): string {
  return `\`${policy}\` of \`${layer}\``;
}

function listed(items: readonly string[], word = 'and'): string {
  const last = items.at(-1) ?? '';
  return items.length < 2 ? last : `${items.slice(0, -1).join(', ')} ${word} ${last}`;
}

function counted(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
