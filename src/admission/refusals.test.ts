import { afterEach, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../test/service.js';
import type { Acting } from '../audit/act.js';
import type { AuditEntry } from '../audit/log.js';
import type { RefusalRecord } from '../audit/record.js';
import { WitanError } from '../errors.js';
import { uuidv7 } from '../ids.js';
import { createRefusals, type Refusals } from './refusals.js';
import { openStore } from '../store/sqlite/open-store.js';

const NOW_MS = Date.parse('2026-06-01T00:00:00Z');
const ann: Acting = { caller: { id: 'ann', roles: ['steward:sales'] }, correlation: { request_id: 'r-1' } };
const attempt = {
  attempt: 'POST /v1/proposals',
  code: 'forbidden',
  reason: 'not steward',
  domain: 'finance',
};

let ended: () => Promise<void> = () => Promise.resolve();
afterEach(() => ended());

/** Refusals that are recorded in a real log, which fails so many times before. */
async function opened({ failures = 0 } = {}) {
  const store = await openStore({ dataDir: temporaryFolder(), queueEntriesMax: 1000, warn: () => undefined });
  ended = () => store.close();
  let [left, nowMs] = [failures, NOW_MS];
  const warned: string[] = [];
  const refusals: Refusals = createRefusals({
    audit: {
      ...store.audit,
      append: (entry: AuditEntry) => {
        left -= 1;
        return left < 0
          ? store.audit.append(entry)
          : Promise.reject(new WitanError('audit_unavailable', 'no disk'));
      },
    },
    revision: () => 3,
    nowMs: () => nowMs,
    newId: uuidv7(() => nowMs),
    warn: (message) => warned.push(message),
  });
  return {
    refusals,
    warned,
    pass: (ms: number) => {
      nowMs += ms;
    },
    recorded: async (): Promise<readonly RefusalRecord[]> => {
      const { records } = await store.records.query({ kind: 'refusal', order: 'oldest', limit: 1000 });
      return records.map(({ bytes }) => JSON.parse(bytes.toString('utf8')));
    },
  };
}

const sum = (records: readonly RefusalRecord[]): number =>
  records.reduce((all, { attempts = 1 }) => all + attempts, 0);

describe('refused attempts', () => {
  test('are on record with who attempted what, and why not', async () => {
    const { refusals, recorded } = await opened();
    refusals.note({ ...attempt, reason: 'x'.repeat(2000) }, ann);
    await refusals.close();
    expect(await recorded()).toEqual([
      {
        id: expect.any(String),
        time: '2026-06-01T00:00:00.000Z',
        revision: 3,
        kind: 'refusal',
        ...ann,
        ...attempt,
        reason: 'x'.repeat(1024),
      },
    ]);
  });

  test('in a flood are told in few records, the last when the service stops', async () => {
    const { refusals, recorded } = await opened();
    for (let n = 0; n < 500; n += 1) refusals.note(attempt, ann);
    await refusals.close();
    const records = await recorded();
    expect(records).toHaveLength(21);
    expect(sum(records)).toBe(500);
    expect(records.at(-1)?.attempts).toBe(480);
  });

  test('in a flood are told within a second of there being room', async () => {
    const { refusals, recorded, pass } = await opened();
    for (let n = 0; n < 30; n += 1) refusals.note(attempt, ann);
    pass(1000);
    await expect.poll(async () => sum(await recorded()), { timeout: 5000 }).toBe(30);
    expect(await recorded()).toHaveLength(21);
    await refusals.close();
  });

  test('that the log did not take are told later, and the operator is warned', async () => {
    const { refusals, recorded, warned } = await opened({ failures: 3 });
    for (let n = 0; n < 10; n += 1) refusals.note(attempt, ann);
    await expect.poll(() => warned).toHaveLength(3);
    expect(warned[0]).toBe('that `POST /v1/proposals` was refused to `ann` could not be recorded: no disk');
    await refusals.close();
    expect(sum(await recorded())).toBe(10);
  });

  test('that cannot be recorded at the end are said to be lost', async () => {
    const { refusals, recorded, warned } = await opened({ failures: Number.POSITIVE_INFINITY });
    for (let n = 0; n < 30; n += 1) refusals.note(attempt, ann);
    await refusals.close();
    expect(warned.at(-1)).toMatch(/could not be recorded: 30 are not on record: no disk/);
    expect(await recorded()).toEqual([]);
  });
});
