import { writeJson } from '../../document/json.js';
import type { CommandNeeds } from '../command.js';
import { count, plain, styleOf } from '../style.js';
import { EXIT, type ExitCode } from '../terminal.js';
import { objectsIn } from './answers.js';
import { paintedTable } from './painted-table.js';
import type { Service } from './service.js';

const COLUMNS = [
  { title: 'policy' },
  ...['asked', 'granted', 'refused', 'in force', 'domains', 'denied', 'waived', 'share'].map((title) => ({
    title,
    align: 'right' as const,
  })),
];

/** Shows for each policy how much of what it denies is waived, and which rules that speaks against. */
export async function runWaiverRates(
  json: boolean,
  service: Service,
  { terminal }: Pick<CommandNeeds, 'terminal'>,
): Promise<ExitCode> {
  const answer = await service.get('v1/waivers/rates');
  const rates = objectsIn(answer, 'rates');
  if (json) {
    terminal.out(`${writeJson(answer, 2)}\n`);
    return EXIT.fine;
  }
  const rows = rates.map((rate) => [
    `${text(rate['layer'])}/${text(rate['policy'])}`,
    ...['asked', 'granted', 'refused', 'in_force'].map((name) => text(rate[name])),
    percent(rate['domains_share']),
    ...['denied', 'waived'].map((name) => text(rate[name])),
    percent(rate['waived_share']),
  ]);
  const style = styleOf(terminal);
  terminal.out(paintedTable(COLUMNS, rows, style));
  for (const { note } of rates) {
    if (typeof note === 'string') terminal.out(`${style.yellow('!')} ${plain(note)}\n`);
  }
  terminal.err(`${count(rates.length, 'policy', 'policies')} that a waiver was asked for\n`);
  return EXIT.fine;
}

function percent(value: unknown): string {
  return typeof value === 'number' ? `${Math.round(value * 100)} %` : '';
}

function text(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : writeJson(value);
}
