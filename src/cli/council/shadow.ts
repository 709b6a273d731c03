import type { Command } from 'commander';
import { isObject, writeJson } from '../../document/json.js';
import type { ProgramOptions } from '../command-options.js';
import { plain, styleOf, type Style } from '../style.js';
import { table } from '../table.js';
import { EXIT } from '../terminal.js';
import { objectsIn } from './answers.js';
import { proposalPath } from './proposal-paths.js';
import { textSection } from './sections.js';
import { serviceOf, withService, type ServiceFlags } from '../service-flags.js';

/** Adds `shadow`: how a bundle that runs beside the law would have decided. */
export function addShadow(program: Command, options: ProgramOptions): void {
  withService(
    program
      .command('shadow')
      .description('say how often a proposal that runs in shadow would have decided otherwise')
      .argument('<id>', 'id of the proposal'),
    options,
  )
    .addHelpText('after', '\nExample: witan shadow 12\n')
    .action(async (id: string, { json = false, ...flags }: ServiceFlags) => {
      const { terminal } = options.needs;
      const answer = await serviceOf(flags, options).get(proposalPath(id, 'shadow'));
      terminal.out(json ? `${writeJson(answer, 2)}\n` : shadowText(answer, styleOf(terminal)));
      options.ended(EXIT.fine);
    });
}

function shadowText(answer: unknown, style: Style): string {
  const { since, until, evaluated, divergent, skipped, counted_since, by_domain, fault } = isObject(answer)
    ? answer
    : {};
  const end = typeof until === 'string' ? ` until ${until}` : '';
  const left = typeof skipped === 'number' && skipped > 0 ? `, ${skipped} were not looked at` : '';
  const counted = counted_since === since ? '' : `; looked at since ${text(counted_since)}`;
  const domains = Object.entries(isObject(by_domain) ? by_domain : {}).map(([domain, counts]) => [
    plain(domain),
    text(isObject(counts) ? counts['evaluated'] : undefined),
    text(isObject(counts) ? counts['divergent'] : undefined),
  ]);
  const samples = objectsIn(answer, 'samples').map((sample) => [
    sample['was'] === undefined ? '(pruned)' : inWords(sample['was']),
    inWords(sample['would_be']),
    text(sample['decision']),
    text(sample['shadow']),
  ]);
  return [
    `${style.bold(`${text(divergent)} of ${text(evaluated)} decisions would have been otherwise`)}${left}\n`,
    `${style.dim(plain(`since ${text(since)}${end}${counted}`))}\n`,
    typeof fault === 'string' ? `${style.red('it cannot be evaluated:')} ${plain(fault)}\n` : '',
    textSection('by domain', table(DOMAIN_COLUMNS, domains), style),
    textSection('the last of them', table(SAMPLE_COLUMNS, samples), style),
  ].join('');
}

const DOMAIN_COLUMNS = [
  { title: 'domain' },
  { title: 'decisions', align: 'right' },
  { title: 'otherwise', align: 'right' },
] as const;
const SAMPLE_COLUMNS = ['was', 'would be', 'decision', 'shadow record'].map((title) => ({ title }));

/** An answer in short: `permit permitted`. */
function inWords(answer: unknown): string {
  if (!isObject(answer)) return text(answer);
  const { decision, code } = answer;
  const word = typeof decision === 'boolean' ? (decision ? 'permit' : 'deny') : '';
  return plain(`${word} ${text(code)}`.trim());
}

function text(value: unknown): string {
  if (value === undefined || value === null) return '';
  return plain(typeof value === 'string' ? value : writeJson(value));
}
