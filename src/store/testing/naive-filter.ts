import type { CountField, RecordFilter } from '../../audit/query.js';

/** What filters mean, said in the plainest way: the index is held to it. */
export function matchesNaively(record: any, filter: RecordFilter): boolean {
  const { from, to, text, policy, layer, enforcement, outcome, waiver, within, ...single } = filter;
  const time = Date.parse(record.time);
  if (from !== undefined && !(time >= Date.parse(from))) return false;
  if (to !== undefined && !(time < Date.parse(to))) return false;
  for (const [field, value] of Object.entries(single)) {
    if (valueOf(record, field) !== value) return false;
  }
  const own = [record.domain, record.consumer_domain];
  if (within !== undefined && !within.split(',').some((domain) => own.includes(domain))) return false;
  const finding = { policy, layer, enforcement, outcome, waiver };
  const asked = Object.entries(finding).filter(([, value]) => value !== undefined);
  if (asked.length > 0 && findingsLike(record, filter).length === 0) return false;
  if (text !== undefined) {
    const said = new Set(messagesOf(record).flatMap(wordsIn));
    if (!wordsIn(text).every((word) => said.has(word))) return false;
  }
  return true;
}

/** The values that a record counts for, as a filter writes them. */
export function valuesNaively(record: any, field: CountField, filter: RecordFilter): readonly string[] {
  if (['policy', 'layer', 'enforcement', 'outcome', 'waiver'].includes(field)) {
    const values = findingsLike(record, filter).map((finding) => finding[field]);
    return [...new Set(values.filter((value) => typeof value === 'string'))];
  }
  const value = valueOf(record, field);
  return value === undefined ? [] : [`${value as string | number | boolean}`];
}

export function countNaively(records: readonly any[], filter: RecordFilter, field: CountField): object {
  const counts = new Map<string, number>();
  for (const record of records) {
    for (const value of valuesNaively(record, field, filter)) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  const all = [...counts].map(([value, count]) => ({ value, count }));
  all.sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
  const others = all.slice(1000).reduce((sum, { count }) => sum + count, 0);
  return {
    field,
    values: all.slice(0, 1000),
    values_total: all.length,
    ...(all.length > 1000 && { others }),
  };
}

function valueOf(record: any, field: string): unknown {
  const { evaluation = {} } = record;
  switch (field) {
    case 'subject':
    case 'resource':
      return textOf(evaluation[field]?.id);
    case 'action':
      return textOf(evaluation.action?.name);
    case 'caller':
      return textOf(record.caller?.id);
    case 'decision':
      return typeof record.decision === 'boolean' ? record.decision : undefined;
    case 'revision':
      return Number.isSafeInteger(record.revision) ? record.revision : undefined;
    default:
      return textOf(record[field]);
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function findingsLike(record: any, filter: any): readonly any[] {
  const said = listOf(record.findings).filter(
    ({ outcome, obligations, advice }) =>
      (typeof outcome === 'string' && outcome !== 'abstain') || obligations?.length > 0 || advice?.length > 0,
  );
  const { policy, layer, waiver } = record;
  const act = [policy, layer, waiver].some((value) => typeof value === 'string');
  return [...said, ...(act ? [{ policy, layer, waiver }] : [])].filter((finding) =>
    ['policy', 'layer', 'enforcement', 'outcome', 'waiver'].every(
      (name) => filter[name] === undefined || finding[name] === filter[name],
    ),
  );
}

function messagesOf(record: any): readonly string[] {
  const said = listOf(record.findings).filter(
    ({ outcome, obligations, advice }) =>
      (typeof outcome === 'string' && outcome !== 'abstain') || obligations?.length > 0 || advice?.length > 0,
  );
  return [
    ...listOf(record.reasons).map(({ message }) => message),
    ...listOf(record.advice).map(({ message }) => message),
    ...said.flatMap(({ error, denials }) => [error, ...listOf(denials).map(({ message }) => message)]),
    record.reason,
  ].filter((message) => typeof message === 'string');
}

function listOf(value: unknown): readonly any[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'object' && each !== null) : [];
}

function wordsIn(text: string): readonly string[] {
  return text
    .normalize('NFC')
    .toLowerCase()
    .split(/[^\p{L}\p{N}\p{M}]+/u)
    .filter((word) => word !== '');
}
