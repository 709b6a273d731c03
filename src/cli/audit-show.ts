import { isObject, writeJson } from '../document/json.js';
import { WitanError } from '../errors.js';
import type { CommandNeeds } from './command.js';
import { withRecords, type FoundRecord, type RecordSourceOptions } from './record-source.js';
import { plain, styleOf, type Style } from './style.js';
import { EXIT, type ExitCode } from './terminal.js';

interface ShowOptions extends RecordSourceOptions {
  readonly id: string;
  readonly json: boolean;
}

/** What stands in lines of its own, or is there for machines. */
const APART = [
  'id',
  'kind',
  'time',
  'decision',
  'code',
  'evaluation',
  'findings',
  'reasons',
  'obligations',
  'advice',
];

/** Shows one record, for people or as JSON. @throws WitanError `not_found` */
export async function runAuditShow(options: ShowOptions, { terminal }: CommandNeeds): Promise<ExitCode> {
  const { id, json } = options;
  const found = await withRecords(options, (source) => source.byId(id));
  if (found === undefined) throw new WitanError('not_found', `there is no record \`${id}\``);
  terminal.out(json ? `${writeJson(found, 2)}\n` : recordText(found, styleOf(terminal)));
  return EXIT.fine;
}

function recordText({ sequence, record }: FoundRecord, style: Style): string {
  const { decision, kind, code, evaluation, time } = record;
  const word =
    typeof decision !== 'boolean'
      ? style.bold(text(kind))
      : decision
        ? style.green(style.bold('PERMIT'))
        : style.red(style.bold('DENY'));
  const asked = isObject(evaluation) ? evaluation : {};
  return [
    `${[word, text(code)].filter((part) => part !== '').join(' ')}\n`,
    `${style.dim(`record ${sequence}, ${text(record['id'])}, ${text(time)}`)}\n`,
    ...Object.entries(asked).map(([name, value]) => member(name, value)),
    ...Object.entries(record)
      .filter(([name]) => !APART.includes(name))
      .map(([name, value]) => member(name, value)),
    ...list('reasons', record['reasons'], said, style),
    ...list('obligations', record['obligations'], (one) => writeJson(one), style),
    ...list('advice', record['advice'], said, style),
    ...list('findings', record['findings'], finding, style),
  ].join('');
}

function member(name: string, value: unknown): string {
  return `${name.replaceAll('_', ' ').padEnd(16)} ${text(value)}\n`;
}

function list(
  title: string,
  items: unknown,
  inWords: (item: Readonly<Record<string, unknown>>) => string,
  style: Style,
): readonly string[] {
  const objects = Array.isArray(items) ? items.filter(isObject) : [];
  if (objects.length === 0) return [];
  return [`${style.bold(title)}\n`, ...objects.map((item) => `  ${plain(inWords(item))}\n`)];
}

/** A reason or advice: whose it is, and what it says. */
function said(one: Readonly<Record<string, unknown>>): string {
  const rule = [one['layer'], one['policy']].filter((part) => typeof part === 'string').join('/');
  const more = ['path', 'remedy', 'waiver'].flatMap((name) =>
    one[name] === undefined ? [] : [`${name}: ${text(one[name])}`],
  );
  return `${rule}${enforcementOf(one)}: ${text(one['message'])}${more.length === 0 ? '' : ` (${more.join('; ')})`}`;
}

function finding(one: Readonly<Record<string, unknown>>): string {
  const rule = [one['layer'], one['policy']].filter((part) => typeof part === 'string').join('/');
  const waived = one['waiver'] === undefined ? '' : `, waived by ${text(one['waiver'])}`;
  const error = one['error'] === undefined ? '' : `: ${text(one['error'])}`;
  return `${text(one['outcome']).padEnd(7)} ${rule}${enforcementOf(one)}${waived}${error}`;
}

function enforcementOf(one: Readonly<Record<string, unknown>>): string {
  return one['enforcement'] === undefined ? '' : ` (${text(one['enforcement'])})`;
}

function text(value: unknown): string {
  if (value === undefined) return '';
  return plain(typeof value === 'string' ? value : writeJson(value));
}
