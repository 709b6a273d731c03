import type { Advice, Reason } from '../decision/decision.js';
import { placeOf } from '../errors.js';
import { faultLine } from './fault-lines.js';
import {
  faultOfReason,
  faultsOfUnreadable,
  ruleOf,
  summaryOf,
  type Checked,
  type ComplianceReport,
  type HolderCount,
  type PolicyCount,
} from './compliance-report.js';
import { bar, count, duration, plain, type Style } from './style.js';
import { table } from './table.js';

const BAR_CHARS = 20;
const HOLDERS_MAX = 15;
const DETAILED_PRODUCTS_MAX = 20;

/** The report for people: what it comes to first, then what to mend. */
export function complianceAsTable(report: ComplianceReport, style: Style, verbose: boolean): string {
  const summary = summaryOf(report);
  const { descriptors, products, compliant, faulty, unreadable } = summary;
  const parts = [
    count(descriptors, 'descriptor'),
    ...(products + unreadable === descriptors ? [] : [count(products, 'product')]),
    style.green(`${compliant} compliant`),
    faulty > 0 ? style.red(`${faulty} with faults`) : '0 with faults',
    unreadable > 0 ? style.red(`${unreadable} unreadable`) : '0 unreadable',
  ];
  const sections = [
    `${style.bold(parts.join(', '))}\n${timesOf(report)}\n`,
    policySection(summary.policies, products, style),
    holderSection(summary.holders, style),
    unreadableSection(report, style),
    detailSection(report, style, verbose),
  ];
  return sections.filter((section) => section !== '').join('\n');
}

function timesOf({ steps }: ComplianceReport): string {
  const slowest = steps.reduce((a, b) => (b.ms > a.ms ? b : a), { name: '', ms: -1 });
  const words = steps.map(
    (step) => `${step.name} ${duration(step.ms)}${step.name === slowest.name ? ' (slowest)' : ''}`,
  );
  return words.join(', ');
}

function policySection(policies: readonly PolicyCount[], products: number, style: Style): string {
  if (policies.length === 0) return '';
  const rows = policies.map(({ policy, enforcement, binding, products: n }) => [
    policy,
    enforcement,
    binding ? 'binds' : 'advises',
    `${n}`,
    `${bar(n, products, BAR_CHARS)} ${`${percent(n, products)}`.padStart(3)} %`,
  ]);
  const columns = [
    { title: 'policy' },
    { title: 'enforcement' },
    { title: 'binding' },
    { title: 'products', align: 'right' as const },
    { title: 'share' },
  ];
  return `${style.bold('policies that were not kept')}\n${table(columns, rows)}`;
}

/** Rounded, but 0 and 100 only when it is none or all. */
function percent(n: number, of: number): number {
  return n === 0 || n === of ? (n / of) * 100 : Math.min(99, Math.max(1, Math.round((n / of) * 100)));
}

function holderSection(holders: readonly HolderCount[], style: Style): string {
  if (holders.length === 0) return '';
  const rest = holders.slice(HOLDERS_MAX);
  const sum = (member: 'compliant' | 'faulty'): number => rest.reduce((total, one) => total + one[member], 0);
  const others =
    rest.length === 0
      ? []
      : [{ holder: `${rest.length} others`, compliant: sum('compliant'), faulty: sum('faulty') }];
  const rows = [...holders.slice(0, HOLDERS_MAX), ...others].map(({ holder, compliant, faulty }) => [
    plain(holder),
    `${compliant}`,
    `${faulty}`,
  ]);
  const columns = [
    { title: 'data holder' },
    { title: 'compliant', align: 'right' as const },
    { title: 'with faults', align: 'right' as const },
  ];
  return `${style.bold('data holders')}\n${table(columns, rows)}`;
}

function unreadableSection({ unreadable }: ComplianceReport, style: Style): string {
  if (unreadable.length === 0) return '';
  const lines = unreadable.flatMap((one) =>
    faultsOfUnreadable(one).map((fault) => `  ${faultLine(fault)}\n`),
  );
  return `${style.bold('descriptors that cannot be read')}\n${lines.join('')}`;
}

function detailSection(report: ComplianceReport, style: Style, verbose: boolean): string {
  const worth = report.checked.filter(
    ({ decision }) => !decision.decision || (decision.advice.length > 0 && verbose),
  );
  if (worth.length === 0) return '';
  if (report.checked.length > DETAILED_PRODUCTS_MAX && !verbose) {
    return `${style.dim(`--verbose shows the faults of each of the ${worth.length} products, with remedies`)}\n`;
  }
  return worth.map((one) => detailsOf(report, one, style)).join('\n');
}

function detailsOf(report: ComplianceReport, one: Checked, style: Style): string {
  const { decision, reasons, advice, code } = one.decision;
  const name = one.product.product.name ?? one.product.product.id ?? '(without id)';
  const verdict = decision ? style.green('compliant') : style.red(`not compliant (${code})`);
  const say = (said: Reason | Advice, mark: string): string => {
    const place = placeOf(faultOfReason(report, one, said));
    const path = said.path === undefined ? '' : ` ${said.path}`;
    const remedy = said.remedy === undefined ? '' : `      ${style.dim(plain(`remedy: ${said.remedy}`))}\n`;
    return `  ${mark} ${ruleOf(said)}: ${plain(said.message)}\n      ${style.dim(plain(`${place}${path}`))}\n${remedy}`;
  };
  return [
    `${style.bold(plain(name))} ${style.dim(plain(one.file))}: ${verdict}\n`,
    ...reasons.map((reason) => say(reason, style.red('✗'))),
    ...advice.map((word) => say(word, style.yellow('!'))),
  ].join('');
}
