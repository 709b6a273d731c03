import { heldLines } from '../decision/causes.js';
import type { DecisiveRule } from '../decision/decisive-rules.js';
import type { PolicyExplained } from '../decision/explain-policy.js';
import type { Explanation, LayerExplained } from '../decision/explanation.js';
import { placeOf } from '../errors.js';
import { ruleOf } from './compliance-report.js';
import { definitionLines, MARKS, type LineStyle } from './definition-lines.js';
import { obligationInWords } from './decide.js';
import { count, plain } from './style.js';

interface TextOptions extends LineStyle {
  /** Show every policy line by line, also those that abstained. */
  readonly all: boolean;
}

/** Grants that are shown, of those that could have permitted. */
const GRANTS_MAX = 6;
/** Parts of what a policy says that are shown in its line. */
const PARTS_MAX = 4;

/** An explanation for someone who has never seen Rego: the answer and why, what decided it, then everyone who was asked. */
export function explanationText(explanation: Explanation, options: TextOptions): string {
  const { style, all } = options;
  const { decision, code, summary, decisive, layers } = explanation;
  const word = decision ? style.green(style.bold('PERMIT')) : style.red(style.bold('DENY'));
  const lines = decisive.some(({ definition }) => definition !== undefined) || all;
  return [
    `${word} ${code}\n`,
    `${plain(summary)}\n`,
    ...warnings(explanation, options),
    ...decisiveSections(decisive, options),
    `\n${style.bold('who was asked')}\n`,
    ...layers.map((layer) => layerText(layer, options)),
    lines ? `\n${style.dim(LEGEND)}\n` : '',
  ].join('');
}

const LEGEND = `${MARKS.true} holds   ${MARKS.undefined_or_false} does not hold   ${MARKS.not_reached} not reached`;

function warnings({ layers, truncated }: Explanation, { style }: TextOptions): readonly string[] {
  const mark = style.yellow('!');
  return [
    ...layers.flatMap(({ layer, policies }) =>
      policies.flatMap(({ policy, differs }) =>
        differs === undefined
          ? []
          : [
              `${mark} the trace of ${layer}/${policy} differs from the decision, which is the module's:\n` +
                `    the module that decided: ${plain(differs.module)}\n` +
                `    OPA's interpreter:       ${plain(differs.interpreter)}\n`,
            ],
      ),
    ),
    ...layers.flatMap(({ layer, untraced }) =>
      untraced === undefined ? [] : [`${mark} ${layer} could not be traced: ${plain(untraced)}\n`],
    ),
    ...(truncated
      ? [`${mark} the trace was too long and was cut: what is not reached below may have been\n`]
      : []),
  ];
}

function decisiveSections(decisive: readonly DecisiveRule[], options: TextOptions): readonly string[] {
  const { style, all } = options;
  if (decisive.length === 0) return [];
  const shown = all ? decisive : withoutFarGrants(decisive);
  const left = decisive.length - shown.length;
  const sections = shown.filter((rule, index) => !isSamePolicy(rule, shown[index - 1]));
  const granting = decisive.some(({ role }) => role === 'could_permit');
  return [
    `\n${style.bold(granting ? 'what could have permitted it' : 'what decided it')}\n`,
    ...sections.map((first) =>
      sectionText(
        shown.filter((rule) => isSamePolicy(rule, first)),
        options,
      ),
    ),
    left === 0 ? '' : style.dim(`\n  and ${count(left, 'grant')} that came less far, which --all shows\n`),
  ];
}

/** Without the grants of which no condition held, where there are others; and never many. */
function withoutFarGrants(decisive: readonly DecisiveRule[]): readonly DecisiveRule[] {
  const grants = decisive.filter(({ role }) => role === 'could_permit');
  const near = grants.filter(({ definition }) => heldLines(definition)[0] > 0);
  const shown = (near.length > 0 ? near : grants).slice(0, GRANTS_MAX);
  return decisive.filter((rule) => rule.role !== 'could_permit' || shown.includes(rule));
}

function isSamePolicy(a: DecisiveRule, b: DecisiveRule | undefined): boolean {
  return a.layer === b?.layer && a.kind === b.kind && a.policy === b.policy && a.role === b.role;
}

/** What one policy decided by, definition by definition. */
function sectionText(rules: readonly DecisiveRule[], options: TextOptions): string {
  const { style } = options;
  const [first] = rules;
  if (first === undefined) return '';
  const alone = rules.length === 1 ? saidIn(first) : '';
  const remedy = first.role === 'could_permit' || first.role === 'permits' ? undefined : first.remedy;
  return [
    `\n  ${style.bold(ruleOf(first))} (${first.enforcement}) ${verbOf(first, options)}${alone === '' ? '' : `: ${alone}`}\n`,
    ...rules.map((rule) => decisiveText(rule, rules.length > 1, options)),
    remedy === undefined ? '' : `    ${style.dim(plain(`remedy: ${remedy}`))}\n`,
  ].join('');
}

function decisiveText(rule: DecisiveRule, several: boolean, options: TextOptions): string {
  const { style, pathOf } = options;
  const { failed_at: failure, definition, causes } = rule;
  const [held, lines] = heldLines(definition);
  const note =
    rule.role === 'could_permit' && lines > 0 ? `${held} of ${count(lines, 'condition')} held` : saidIn(rule);
  return [
    failure === undefined
      ? ''
      : `    ${style.dim(plain(`failed at ${placeOf({ ...failure, file: pathOf(failure.file ?? '') })}: ${failure.message}`))}\n`,
    definition === undefined
      ? ''
      : definitionLines(definition, causes, {
          ...options,
          indent: '    ',
          note: several || rule.role === 'could_permit' ? note : '',
        }),
  ].join('');
}

/** What a definition says, in words. */
function saidIn({ messages, obligations = [] }: DecisiveRule): string {
  return plain([...messages, ...obligations.map(obligationInWords)].join('; '));
}

function verbOf({ role }: DecisiveRule, { style }: TextOptions): string {
  return {
    errs: style.red('could not be evaluated'),
    denies: style.red('denies'),
    permits: style.green('permits'),
    obliges: 'obliges',
    could_permit: 'does not permit',
    permits_in_vain: style.yellow('permits, but does not bind'),
  }[role];
}

function layerText(layer: LayerExplained, options: TextOptions): string {
  const { style, all } = options;
  const { policies, errors } = layer;
  const silent = policies.filter(({ mattered }) => !mattered);
  const names = silent.map(({ policy }) => policy).join(', ');
  const number = policies.length === 0 ? 'no policies' : count(policies.length, 'policy', 'policies');
  return [
    `  ${style.bold(layer.layer)} ${style.dim(`(${layer.kind}): ${number}`)}\n`,
    ...errors.map((error) => `    ${style.red('✗')} ${plain(error)}\n`),
    ...policies.filter((policy) => policy.mattered || all).map((policy) => policyText(policy, options)),
    silent.length === 0 || all ? '' : style.dim(`    - ${silent.length} had nothing to say: ${names}\n`),
  ].join('');
}

function policyText(policy: PolicyExplained, options: TextOptions): string {
  const { style, all } = options;
  const mark = {
    error: style.red('✗'),
    deny: style.red('✗'),
    permit: style.green('✓'),
    abstain: policy.mattered ? style.yellow('+') : '-',
  }[policy.outcome];
  const line = `    ${mark} ${policy.policy} (${bindingOf(policy)}) ${plain(saidBy(policy, all))}\n`;
  if (!all) return line;
  return [
    line,
    ...policy.rules
      .filter(({ outcome }) => outcome !== 'not_reached')
      .map((rule) => definitionLines(rule, [], { ...options, indent: '        ' })),
  ].join('');
}

/** How it binds, and what keeps it from binding. */
function bindingOf({ enforcement, waiver, enforced_from }: PolicyExplained): string {
  return [
    enforcement,
    ...(waiver === undefined ? [] : [`waived by ${waiver}`]),
    ...(enforced_from === undefined ? [] : [`binds from ${enforced_from}`]),
  ].join(', ');
}

function saidBy(
  { outcome, error, denials = [], obligations = [], advice = [] }: PolicyExplained,
  all: boolean,
): string {
  const some = (items: readonly string[]): string =>
    items.length <= PARTS_MAX || all
      ? items.join('; ')
      : `${items.slice(0, PARTS_MAX).join('; ')}; and ${items.length - PARTS_MAX} more`;
  const parts = [
    outcome === 'error' ? `could not be evaluated: ${error ?? ''}` : '',
    outcome === 'deny' ? `denies: ${some(denials.map(({ message }) => message))}` : '',
    outcome === 'permit' ? 'permits' : '',
    obligations.length === 0 ? '' : `obliges: ${some(obligations.map(obligationInWords))}`,
    advice.length === 0 ? '' : `advises: ${some(advice.map(({ message }) => message))}`,
  ].filter((part) => part !== '');
  return parts.length === 0 ? 'had nothing to say' : parts.join('; ');
}
