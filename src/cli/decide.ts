import { writeJson } from '../document/json.js';
import type { Advice, Obligation, Reason } from '../decision/decision.js';
import { decide } from '../decision/decide.js';
import type { Evaluation } from '../decision/request.js';
import { WitanError } from '../errors.js';
import { askServer, type Answer, type Server } from './ask-server.js';
import type { CommandNeeds } from './command.js';
import { ruleOf } from './compliance-report.js';
import { openMesh, type MeshOptions } from './offline-mesh.js';
import { progressOn } from './progress.js';
import { readEvaluation, unrecorded, type EvaluationOptions } from './read-evaluation.js';
import { plain, styleOf, type Style } from './style.js';
import { EXIT, type ExitCode } from './terminal.js';

export const DECIDE_FORMATS = ['pretty', 'json'] as const;

interface DecideOptions extends MeshOptions, EvaluationOptions {
  /** A running service; offline unless given. */
  readonly server?: Server | undefined;
  readonly format: (typeof DECIDE_FORMATS)[number];
}

/** Decides one evaluation, offline or by asking a running service. */
export async function runDecide(options: DecideOptions, needs: CommandNeeds): Promise<ExitCode> {
  const { server, now, format } = options;
  const { terminal } = needs;
  if (server !== undefined && now !== undefined) {
    throw new WitanError('invalid_request', '`--now` cannot be used with `--server`: a service decides now');
  }
  const { evaluation, nowMs } = await readEvaluation(options, needs);
  const answer =
    server === undefined
      ? await decideOffline(evaluation, options, { ...needs, nowMs: () => nowMs })
      : await askServer(server, evaluation);
  if (server === undefined) terminal.err('decided offline: this decision is not recorded\n');
  terminal.out(format === 'json' ? `${writeJson(answer, 2)}\n` : pretty(answer, styleOf(terminal)));
  return answer.decision ? EXIT.fine : EXIT.no;
}

async function decideOffline(
  evaluation: Evaluation,
  options: DecideOptions,
  needs: CommandNeeds,
): Promise<Answer> {
  const progress = progressOn(needs.terminal);
  progress.say('compiling policies');
  const basis = await openMesh(options, needs).finally(() => {
    progress.end();
  });
  const { decision } = decide(basis, evaluation, unrecorded(needs.nowMs()));
  const { code, reasons, obligations, advice } = decision;
  return { decision: decision.decision, context: { code, reasons, obligations, advice } };
}

function pretty({ decision, context }: Answer, style: Style): string {
  const { code, id, reasons, obligations, advice } = context;
  const word = decision ? style.green(style.bold('PERMIT')) : style.red(style.bold('DENY'));
  const recorded = id === undefined ? '' : ` ${style.dim(`recorded as ${id}`)}`;
  return [
    `${word} ${code}${recorded}\n`,
    ...reasons.map((reason) => said(reason, style.red('✗'), style)),
    ...(obligations.length === 0 ? [] : ['obligations:\n']),
    ...obligations.map((obligation) => `  - ${plain(obligationInWords(obligation))}\n`),
    ...(advice.length === 0 ? [] : ['advice:\n']),
    ...advice.map((one) => said(one, style.yellow('!'), style)),
  ].join('');
}

function said(one: Reason | Advice, mark: string, style: Style): string {
  const enforcement = one.enforcement === undefined ? '' : ` (${one.enforcement})`;
  const path = one.path === undefined ? '' : `      ${style.dim(plain(`at ${one.path}`))}\n`;
  const remedy = one.remedy === undefined ? '' : `      ${style.dim(plain(`remedy: ${one.remedy}`))}\n`;
  return `  ${mark} ${ruleOf(one)}${enforcement}: ${plain(one.message)}\n${path}${remedy}`;
}

const OPERATORS: Readonly<Record<string, string>> = {
  eq: 'is',
  neq: 'is not',
  in: 'is one of',
  not_in: 'is none of',
  lt: '<',
  gt: '>',
  lte: '<=',
  gte: '>=',
};

/** What the enforcement point must do, as a person would say it. */
export function obligationInWords({ type, properties }: Obligation): string {
  const text = (value: unknown): string =>
    Array.isArray(value) ? value.map(text).join(', ') : typeof value === 'string' ? value : writeJson(value);
  const table = properties['table'] === undefined ? '' : text(properties['table']);
  const column = `${table === '' ? '' : `${table}.`}${text(properties['column'] ?? '')}`;
  switch (type) {
    case 'mask_column':
      return `mask column ${column}: ${text(properties['method'])}`;
    case 'filter_rows': {
      const operator = text(properties['operator']);
      const value = properties['values'] ?? properties['value'] ?? '';
      return `keep only rows where ${column} ${OPERATORS[operator] ?? operator} ${text(value)}`;
    }
    case 'allow_columns':
      return `show only the columns ${text(properties['columns'])}${table === '' ? '' : ` of ${table}`}`;
    case 'limit_rows':
      return `answer at most ${text(properties['max'])} rows`;
    case 'expire':
      return `end the access at ${text(properties['at'])}`;
    default: {
      const members = Object.entries(properties).map(([name, value]) => `${name} ${text(value)}`);
      return `${type.replaceAll('_', ' ')}${members.length === 0 ? '' : `: ${members.join(', ')}`}`;
    }
  }
}
