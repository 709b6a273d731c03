import { writeJson } from '../../document/json.js';
import type { CommandNeeds } from '../command.js';
import { styleOf } from '../style.js';
import { EXIT, type ExitCode } from '../terminal.js';
import { objectsIn } from './answers.js';
import { paintedTable } from './painted-table.js';
import type { Service } from './service.js';

const COLUMNS = [
  { title: 'policy' },
  ...['asked', 'granted', 'in force', 'decisions waived', 'share'].map((title) => ({
    title,
    align: 'right' as const,
  })),
];

/** Shows for each policy how much of it is waived. */
export async function runWaiverRates(
  json: boolean,
  service: Service,
  { terminal }: Pick<CommandNeeds, 'terminal'>,
): Promise<ExitCode> {
  const answer = await service.get('v1/waivers/rates');
  const rows = objectsIn(answer, 'policies').map((rate) => [
    `${text(rate['layer'])}/${text(rate['policy'])}`,
    ...['asked', 'granted', 'in_force', 'decisions_waived'].map((name) => text(rate[name])),
    share(rate['share']),
  ]);
  terminal.out(json ? `${writeJson(answer, 2)}\n` : paintedTable(COLUMNS, rows, styleOf(terminal)));
  return EXIT.fine;
}

function share(value: unknown): string {
  return typeof value === 'number' ? `${Number((value * 100).toFixed(1))} %` : '';
}

function text(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : writeJson(value);
}
