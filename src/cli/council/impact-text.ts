import {
  impactInWords,
  type DecisionCounts,
  type DecisionSample,
  type ImpactMaterial,
  type ImpactReport,
  type ProductCounts,
  type ProductSample,
} from '../../council/impact.js';
import { isObject } from '../../document/json.js';
import { ServerError } from '../ask-server.js';
import { count, plain, type Style } from '../style.js';
import { paintedTable } from './painted-table.js';
import { section, textSection } from './sections.js';

/** @throws ServerError when the answer is no impact */
export function impactIn(answer: unknown): ImpactReport {
  const { material, decisions, products, touched } = isObject(answer) ? answer : {};
  if (
    isObject(material) &&
    Array.isArray(touched) &&
    [decisions, products].every(
      (part) =>
        isObject(part) &&
        isObject(part['total']) &&
        Array.isArray(part['by_domain']) &&
        Array.isArray(part['samples']),
    )
  ) {
    // INVARIANT: what a command shows of an impact was looked at here.
    return answer as ImpactReport;
  }
  throw new ServerError('the service answered something that is no impact');
}

/** What would change, in a sentence and by domain, and from how much that is known. */
export function impactSection(impact: ImpactReport, style: Style): string {
  const rows = domainRows(impact);
  return [
    section(
      'impact',
      [plain(impactInWords(impact)), ...materialLines(impact.material).map(style.dim)],
      style,
    ),
    rows.length === 0 ? '' : `\n${paintedTable(COLUMNS, rows, style)}`,
  ].join('');
}

const COLUMNS = [
  { title: 'domain' },
  ...['denied', 'permitted', 'obligations', 'in error', 'as consumer', 'not compliant', 'compliant'].map(
    (title) => ({ title, align: 'right' as const }),
  ),
];

/** One row for each domain in which something would change. */
function domainRows({ decisions, products, touched }: ImpactReport): readonly (readonly string[])[] {
  const names = new Set([...decisions.by_domain, ...products.by_domain].map(({ domain }) => domain));
  return [...names].flatMap((domain) => {
    const decided = decisions.by_domain.find((row) => row.domain === domain);
    const described = products.by_domain.find((row) => row.domain === domain);
    if (changesOf(decided?.owning) + changesOf(decided?.consuming) + productChangesOf(described) === 0)
      return [];
    const { owning } = decided ?? {};
    const name = domain ?? '(no domain)';
    return [
      [
        domain !== undefined && touched.includes(domain) ? name : `${name} *`,
        cell(owning?.newly_denied),
        cell(owning?.newly_permitted),
        cell(owning?.obligations_changed),
        cell(owning?.newly_in_error),
        cell(changesOf(decided?.consuming)),
        cell(described?.newly_non_compliant),
        cell(described?.newly_compliant),
      ],
    ];
  });
}

function changesOf(counts: DecisionCounts | undefined): number {
  return counts === undefined ? 0 : counts.records - counts.unchanged;
}

function productChangesOf(counts: ProductCounts | undefined): number {
  return counts === undefined ? 0 : counts.products - counts.unchanged;
}

/** Nothing stands out less than a zero. */
function cell(number = 0): string {
  return number === 0 ? '·' : String(number);
}

/** How old and how complete the material is: an impact is no better than what it was made from. */
function materialLines(material: ImpactMaterial): readonly string[] {
  const { from_time, to_time, records, distinct, sampled, evaluated, older, pruned, masked, moved_since } =
    material;
  const period = from_time === undefined || to_time === undefined ? '' : ` from ${from_time} to ${to_time}`;
  const part = sampled ? `; a sample of ${Math.round(evaluated.share * 100)} % of them was evaluated` : '';
  const unreadable = material.unreadable.reduce((sum, one) => sum + one.records, 0);
  return [
    `made from ${count(records, 'recorded decision')}${period}, ${count(distinct, 'distinct request')}${part}, and ${count(material.products, 'product')}`,
    ...(older > 0 ? [`${count(older, 'older record')} not looked at`] : []),
    ...(pruned > 0 ? [`${count(pruned, 'record')} pruned before`] : []),
    ...(masked.records > 0
      ? [`${count(masked.records, 'record')} with masked values, which a policy may read`]
      : []),
    ...(moved_since > 0
      ? [`${count(moved_since, 'record')} already decided otherwise by the law of today than then`]
      : []),
    ...(unreadable > 0 ? [`${count(unreadable, 'record')} could not be evaluated`] : []),
  ];
}

/** The samples: which decisions on record, and which products, would get another answer, and why. */
export function samplesSection({ decisions, products }: ImpactReport, style: Style): string {
  return [
    textSection(
      'decisions that would change',
      decisions.samples.map((each) => decisionSample(each, style)).join(''),
      style,
    ),
    textSection(
      'products that would change',
      products.samples.map((each) => productSample(each, style)).join(''),
      style,
    ),
  ].join('');
}

function decisionSample(sample: DecisionSample, style: Style): string {
  const { change, record, records, domain, consumer_domain, was, would_be, policies, time } = sample;
  const at = [domain, consumer_domain === undefined ? undefined : `asked from ${consumer_domain}`];
  const where = at.filter((each) => each !== undefined).join(', ');
  const head = `${inWords(change)}: ${was.code} → ${would_be.code}${where === '' ? '' : ` (${where})`}`;
  return [
    `  ${paintChange(change, plain(head), style)}\n`,
    `    ${style.dim(plain(`record ${record}, ${time}, ${count(records, 'record')} like it`))}\n`,
    ...policies.map(
      (each) => `    ${plain(`${each.layer}/${each.policy ?? '*'}: ${each.was} → ${each.would_be}`)}\n`,
    ),
    ...reasonLines(sample),
  ].join('');
}

function productSample(sample: ProductSample, style: Style): string {
  const { change, product, domain = '(no domain)' } = sample;
  return [
    `  ${paintChange(change, plain(`${inWords(change)}: ${product} (${domain})`), style)}\n`,
    ...reasonLines(sample),
  ].join('');
}

function reasonLines({
  reasons,
  reasons_total,
}: Pick<ProductSample, 'reasons' | 'reasons_total'>): readonly string[] {
  const more = reasons_total - reasons.length;
  return [
    ...reasons.map(
      ({ layer, policy, message }) =>
        `    ${plain(`${[layer, policy].filter((each) => each !== undefined).join('/')}: ${message}`)}\n`,
    ),
    ...(more > 0 ? [`    and ${count(more, 'more reason')}\n`] : []),
  ];
}

function inWords(change: string): string {
  return change.replaceAll('_', ' ');
}

const WORSE: ReadonlySet<string> = new Set(['newly_denied', 'newly_in_error', 'newly_non_compliant']);
const BETTER: ReadonlySet<string> = new Set(['newly_permitted', 'newly_compliant']);

function paintChange(change: string, text: string, style: Style): string {
  if (WORSE.has(change)) return style.red(text);
  return BETTER.has(change) ? style.green(text) : style.yellow(text);
}
