import type { CountField, RecordCounts, RecordFilter } from '../audit/query.js';
import { isObject, writeJson } from '../document/json.js';
import { WitanError } from '../errors.js';
import type { CommandNeeds } from './command.js';
import { withRecords, type FoundRecord, type RecordSourceOptions } from './record-source.js';
import { count, plain, styleOf, type Style } from './style.js';
import { table } from './table.js';
import { EXIT, type ExitCode } from './terminal.js';

interface QueryOptions extends RecordSourceOptions {
  readonly filter: RecordFilter;
  readonly order: 'newest' | 'oldest';
  readonly limit: string;
  readonly cursor: string | undefined;
  /** Every page, not only the first. */
  readonly all: boolean;
  readonly counts: CountField | undefined;
  readonly json: boolean;
}

const LIMIT_MAX = 1000;
const COLUMNS = ['time', 'decision', 'code', 'action', 'resource', 'subject', 'domain', 'id'] as const;

/** Finds records and shows them, page by page, or counts them. */
export async function runAuditQuery(options: QueryOptions, { terminal }: CommandNeeds): Promise<ExitCode> {
  const { filter, order, limit, all, counts, json } = options;
  const size = all ? LIMIT_MAX : limitOf(limit);
  const style = styleOf(terminal);
  return withRecords(options, async (source) => {
    if (counts !== undefined) {
      const counted = await source.count(filter, counts);
      terminal.out(json ? `${writeJson(counted, 2)}\n` : countsText(counted));
      return EXIT.fine;
    }
    let shown = 0;
    let next = options.cursor;
    do {
      const page = await source.query({
        ...filter,
        order,
        limit: size,
        ...(next !== undefined && { cursor: next }),
      });
      terminal.out(json ? page.records.map(line).join('') : recordTable(page.records, style));
      shown += page.records.length;
      next = page.next;
    } while (all && next !== undefined);
    if (next !== undefined) terminal.err(`more follow: --cursor ${next}, or --all\n`);
    else terminal.err(`${count(shown, 'record')}\n`);
    return EXIT.fine;
  });
}

function limitOf(text: string): number {
  const limit = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= LIMIT_MAX) return limit;
  throw new WitanError(
    'invalid_request',
    `\`--limit\` is \`${text}\`; expected a whole number from 1 to ${LIMIT_MAX}`,
  );
}

function line({ sequence, record }: FoundRecord): string {
  return `${writeJson({ sequence, record })}\n`;
}

function recordTable(records: readonly FoundRecord[], style: Style): string {
  const rows = records.map(({ record }) => rowOf(record));
  const lines = table(
    COLUMNS.map((title) => ({ title })),
    rows,
  ).split('\n');
  // Colours come last: they would count as characters.
  return lines
    .map((text, at) => {
      const word = rows[at - 1]?.[1];
      if (at === 0) return style.dim(text);
      if (word === 'permit') return text.replace('permit', style.green('permit'));
      return word === 'deny' ? text.replace('deny', style.red('deny')) : text;
    })
    .join('\n');
}

/** An act has no decision: its kind, and what became of it, stand there. */
function rowOf(record: FoundRecord['record']): readonly string[] {
  const { time, kind, decision, code, domain, id, evaluation, event } = record;
  const asked = isObject(evaluation) ? evaluation : {};
  const said = typeof decision === 'boolean' ? (decision ? 'permit' : 'deny') : text(kind);
  return [
    text(time),
    said,
    text(code ?? event),
    member(asked['action'], 'name'),
    member(asked['resource'], 'id'),
    member(asked['subject'], 'id'),
    text(domain),
    text(id),
  ];
}

function countsText({ total, by }: RecordCounts): string {
  const rows = (by?.values ?? []).map(({ value, count }) => [plain(value), String(count)]);
  const left = by?.others === undefined ? '' : `  and ${by.values_total - by.values.length} more values\n`;
  const counted = table([{ title: by?.field ?? '' }, { title: 'records', align: 'right' }], rows);
  return `${counted}${left}${count(total, 'record')} in all\n`;
}

function member(value: unknown, name: string): string {
  return isObject(value) ? text(value[name]) : '';
}

function text(value: unknown): string {
  return typeof value === 'string' ? plain(value) : '';
}
