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

/** An explanation for someone who has never seen Rego: the answer and why, the lines that decided it, then everyone asked. */
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
  const grants = decisive.filter(({ role }) => role === 'could_permit');
  const shown = all ? decisive : decisive.filter((rule) => grants.indexOf(rule) < GRANTS_MAX);
  const left = decisive.length - shown.length;
  return [
    `\n${style.bold(grants.length > 0 ? 'what could have permitted it' : 'what decided it')}\n`,
    ...shown.map((rule, index) => decisiveText(rule, shown[index - 1], options)),
    left === 0 ? '' : style.dim(`  and ${count(left, 'more grant')} (--all shows them)\n`),
  ];
}

function decisiveText(rule: DecisiveRule, before: DecisiveRule | undefined, options: TextOptions): string {
  const { style, pathOf } = options;
  const samePolicy =
    before?.layer === rule.layer && before.policy === rule.policy && before.role === rule.role;
  const failure = rule.failed_at;
  return [
    samePolicy ? '' : `\n  ${style.bold(ruleOf(rule))} (${rule.enforcement}) ${headline(rule, options)}\n`,
    samePolicy && rule.messages.length > 0 ? `  ${plain(rule.messages.join('; '))}\n` : '',
    failure === undefined
      ? ''
      : `  ${style.dim(`at ${placeOf({ ...failure, file: pathOf(failure.file ?? '') })}`)}\n`,
    rule.definition === undefined ? '' : definitionLines(rule.definition, rule.causes, options),
    rule.remedy === undefined || rule.role === 'could_permit'
      ? ''
      : `  ${style.dim(plain(`remedy: ${rule.remedy}`))}\n`,
  ].join('');
}

function headline({ role, messages, definition }: DecisiveRule, { style }: TextOptions): string {
  const said = messages.length === 0 ? '' : `: ${plain(messages.join('; '))}`;
  switch (role) {
    case 'errs':
      return `${style.red('could not be evaluated')}${said}`;
    case 'denies':
      return `${style.red('denies')}${said}`;
    case 'permits':
      return style.green('permits');
    case 'obliges':
      return `obliges${said}`;
    case 'permits_in_vain':
      return style.yellow('permits, but does not bind');
    case 'could_permit': {
      const [held, lines] = heldLines(definition);
      return lines === 0
        ? 'does not permit'
        : `does not permit: ${held} of ${count(lines, 'condition')} held`;
    }
  }
}

function layerText(layer: LayerExplained, options: TextOptions): string {
  const { style, all } = options;
  const { policies, errors } = layer;
  const silent = policies.filter(({ mattered }) => !mattered);
  const names = silent.map(({ policy }) => policy).join(', ');
  return [
    `  ${style.bold(layer.layer)} ${style.dim(`${layer.kind}, ${count(policies.length, 'policy', 'policies')}`)}\n`,
    ...errors.map((error) => `    ${style.red('✗')} ${plain(error)}\n`),
    ...policies.filter((policy) => policy.mattered || all).map((policy) => policyText(policy, options)),
    silent.length === 0 || all
      ? ''
      : style.dim(`    ${MARKS.not_reached} ${silent.length} had nothing to say: ${names}\n`),
  ].join('');
}

function policyText(policy: PolicyExplained, options: TextOptions): string {
  const { style, all } = options;
  const marks = { error: style.red('✗'), deny: style.red('✗'), permit: style.green('✓'), abstain: '·' };
  const line = `    ${marks[policy.outcome]} ${policy.policy} (${bindingOf(policy)}) ${plain(saidBy(policy))}\n`;
  if (!all) return line;
  return [
    line,
    ...policy.rules
      .filter(({ outcome }) => outcome !== 'not_reached')
      .map((rule) => definitionLines(rule, [], { ...options, indent: '    ' })),
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

function saidBy({ outcome, error, denials = [], obligations = [], advice = [] }: PolicyExplained): string {
  const parts = [
    outcome === 'error' ? `could not be evaluated: ${error ?? ''}` : '',
    outcome === 'deny' ? `denies: ${denials.map(({ message }) => message).join('; ')}` : '',
    outcome === 'permit' ? 'permits' : '',
    obligations.length === 0 ? '' : `obliges: ${obligations.map(obligationInWords).join('; ')}`,
    advice.length === 0 ? '' : `advises: ${advice.map(({ message }) => message).join('; ')}`,
  ].filter((part) => part !== '');
  return parts.length === 0 ? 'had nothing to say' : parts.join('; ');
}
