import type { Ledger } from '../faults/ledger.js';
import type { Ask } from './asker.js';

const EXPORTED_MS = 20_000;

interface Shown {
  readonly record: {
    readonly kind: string;
    readonly decision?: boolean;
    readonly domain?: string;
    readonly evaluation?: { readonly subject: { readonly id: string } };
  };
}

/** What an auditor asks for, with what must hold of every record that is found. */
const QUESTIONS: readonly { readonly query: string; readonly holds: (shown: Shown) => boolean }[] = [
  { query: 'subject=reader-7', holds: ({ record }) => record.evaluation?.subject.id === 'reader-7' },
  { query: 'decision=false', holds: ({ record }) => record.decision === false },
  {
    query: 'decision=true&subject=reader-9&resource=urn%3Amesh%3Asales%3Aorders',
    holds: ({ record }) => record.decision === true && record.evaluation?.subject.id === 'reader-9',
  },
  { query: 'policy=residency&outcome=deny', holds: ({ record }) => record.decision === false },
  { query: 'kind=activation', holds: ({ record }) => record.kind === 'activation' },
  { query: 'text=purpose', holds: ({ record }) => record.decision === false },
];

/** Asks one question after the other, for a page and for a count. */
export function auditQueries(ask: Ask): () => Promise<void> {
  let turn = 0;
  return async () => {
    const { query, holds } = QUESTIONS[turn++ % QUESTIONS.length]!;
    const { records } = (await ask(`/v1/records?${query}&limit=100`, [200])) as { records: Shown[] };
    const wrong = records.find((shown) => !holds(shown));
    if (wrong !== undefined) throw new Error(`\`${query}\` found ${JSON.stringify(wrong).slice(0, 500)}`);
    const { total } = await ask(`/v1/records/counts?${query}`, [200]);
    if (total < records.length)
      throw new Error(`\`${query}\` counts ${String(total)}, and found ${records.length}`);
  };
}

/** Fetches the record that a client was told of last, which must be there at once. */
export function newestRecords(ask: Ask, ledger: Ledger): () => Promise<void> {
  return async () => {
    const id = ledger.newest;
    if (id === undefined || ledger.texts.has(id)) return;
    const shown = await ask(`/v1/records/${id}`, [200]);
    // A record is written without spaces and in its own order, so this is its text again.
    ledger.texts.set(id, JSON.stringify(shown));
  };
}

/** Exports what was decided last, in each format in turn. */
export function exportsOf(ask: Ask): () => Promise<void> {
  let turn = 0;
  return async () => {
    const format = ['ndjson', 'csv', 'parquet'][turn++ % 3];
    const from = new Date(Date.now() - EXPORTED_MS).toISOString();
    const text = await ask(`/v1/records/export?format=${String(format)}&from=${from}`, [200]);
    const isWhole =
      format === 'ndjson' ? text.trimEnd().split('\n').at(-1).startsWith('{"export":') : text !== '';
    if (!isWhole) throw new Error(`the export as ${String(format)} is not whole`);
  };
}

/** Keeps a checkpoint, as an auditor does. */
export function checkpoints(ask: Ask, ledger: Ledger): () => Promise<void> {
  return async () => {
    ledger.keys ??= await ask('/log/keys', [200]);
    ledger.checkpoint = await ask('/log/checkpoint', [200]);
  };
}

/** Attempts that must be refused: without a token, with a wrong one, with one that may not. */
export function refusedAttempts(ask: Ask): () => Promise<void> {
  const attempts = [
    () => ask('/v1/records', [401], { token: 'wtn_of_nobody' }),
    () => ask('/v1/records/export', [401], { token: '' }),
    () => ask('/v1/tokens', [403], { as: 'bea', body: { caller: 'bea', roles: ['operator'] } }),
  ];
  let turn = 0;
  return async () => {
    await attempts[turn++ % attempts.length]?.();
  };
}
