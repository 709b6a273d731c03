import fc from 'fast-check';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { layerChain } from '../policy/layer.js';
import { beforeTime } from '../policy/duration.js';
import { openStore } from '../store/sqlite/open-store.js';
import type { Store } from '../store/store.js';
import { generatedRecord, numbersFrom } from '../store/testing/generated-records.js';
import { matchesNaively } from '../store/testing/naive-filter.js';
import type { Hold } from './evidence.js';
import { retentionOfLog, type KeptFor, type PruneNeeds } from './prune-log.js';
import { parseFilterText } from './record-filter.js';

const RECORDS = 1100;
const START_MS = Date.parse('2026-01-01T00:00:00Z');
const DAY_MS = 86_400_000;
const LAYERS = ['global', 'finance', 'finance/risk', 'sales', 'marketing'] as const;
const DOMAINS = ['finance', 'finance/risk', 'sales', 'marketing', 'platform'];

const folder = mkdtempSync(join(tmpdir(), 'witan-prune-'));
const records: Record<string, unknown>[] = [];
let store: Store;

beforeAll(async () => {
  store = await openStore({ dataDir: folder, queueEntriesMax: RECORDS });
  const below = numbersFrom(20_260_601);
  for (let n = 0; n < RECORDS; n += 1) {
    // Long stretches of one domain, so that what is kept longer stands now here, now there.
    const domain = DOMAINS[Math.floor(n / 97) % DOMAINS.length];
    const consumer = n % 211 === 200 ? DOMAINS[below(DOMAINS.length)] : undefined;
    const { domain: _, consumer_domain: __, ...rest } = generatedRecord(n, below) as Record<string, unknown>;
    records.push({
      ...rest,
      // Hours apart, and not in order: clocks are set back.
      time: new Date(START_MS + n * 3_600_000 - below(5) * DAY_MS).toISOString(),
      ...(n % 10 !== 0 && domain !== undefined && { domain }),
      ...(consumer !== undefined && { consumer_domain: consumer }),
    });
  }
  await Promise.all(records.map((record) => store.audit.append({ record: record as never })));
});
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

type Said = Readonly<Partial<Record<string, string>>>;

function wantsOf(said: Said, domains: readonly string[]): readonly KeptFor[] {
  return [...new Set(['global', ...domains.flatMap(layerChain)])].flatMap((layer) => {
    const duration = said[layer];
    return duration === undefined ? [] : [{ layer, duration, sinceMs: 0 }];
  });
}

function needsOf(said: Said, holds: readonly Hold[], sealed: number, nowMs: number): PruneNeeds {
  return {
    ...store,
    tree: {
      ...store.tree,
      checkpoint: () => Promise.resolve({ size: sealed, root: Buffer.alloc(32), note: '' }),
    },
    evidence: { ...store.evidence, holds: () => Promise.resolve(holds) },
    law: () => {
      throw new Error('nothing is put on record');
    },
    newId: () => '',
    nowMs: () => nowMs,
    keptFor: (domains) => {
      const wants = wantsOf(said, domains).map((want) => ({
        ...want,
        sinceMs: beforeTime(want.duration, nowMs),
      }));
      return wants.sort((a, b) => a.sinceMs - b.sinceMs)[0];
    },
  };
}

/** Why a record is kept, told layer by layer and hold by hold; `undefined` when nobody wants it. */
function keptBecause(record: any, said: Said, holds: readonly Hold[], nowMs: number): string | undefined {
  if (holds.some(({ query }) => matchesNaively(record, parseFilterText(query)))) return 'hold';
  const domains = [record.domain, record.consumer_domain].filter((each) => each !== undefined);
  const wants = wantsOf(said, domains);
  if (wants.length === 0) return 'no_retention';
  const isWanted = wants.some(({ duration }) => Date.parse(record.time) >= beforeTime(duration, nowMs));
  return isWanted ? 'retention' : undefined;
}

const duration = fc.oneof(
  fc.integer({ min: 1, max: 60 }).map((days) => `P${days}D`),
  fc.constantFrom('P2W', 'P1M', 'P1M1D', 'P4Y'),
);
const perhaps = fc.option(duration, { nil: undefined, freq: 2 });
const saidOf = fc.record({
  ...Object.fromEntries(LAYERS.map((layer) => [layer, perhaps])),
  global: fc.option(duration, { nil: undefined, freq: 12 }),
});
const holdQuery = fc.oneof(
  fc.nat(RECORDS - 1).map((n) => ({ n })),
  fc.constantFrom(
    'domain=sales',
    'consumer_domain=marketing',
    'kind=activation',
    'decision=false',
    'subject=nobody',
  ),
);

describe('how far the log can be pruned', () => {
  it('is never past a record that a layer or a hold wants kept, nor past the checkpoint, and always as far as that', async () => {
    const holdsOf = fc.array(holdQuery, { maxLength: 1 });
    const sealedOf = fc.integer({ min: 0, max: RECORDS });
    const daysOf = fc.integer({ min: 0, max: 200 });
    let pruned = 0;
    await fc.assert(
      fc.asyncProperty(saidOf, holdsOf, sealedOf, daysOf, async (said, asked, sealed, days) => {
        const nowMs = START_MS + days * DAY_MS;
        const holds = asked.map((each, at): Hold => {
          // A hold of one record: the moment that it was made at.
          const time = typeof each === 'string' ? '' : String(records[each.n]?.['time']);
          const query =
            typeof each === 'string'
              ? each
              : `from=${time}&to=${new Date(Date.parse(time) + 1).toISOString()}`;
          return { id: String(at), query, reason: 'r', placed_at: '' };
        });
        const found = await retentionOfLog(needsOf(said, holds, sealed, nowMs));
        const because = records.slice(0, sealed).map((record) => keptBecause(record, said, holds, nowMs));
        const first = because.findIndex((each) => each !== undefined);
        const end = first === -1 ? sealed : first;
        expect(found.prunable_to).toBe(Math.floor(end / 256) * 256);
        expect(because.slice(0, found.prunable_to).every((each) => each === undefined)).toBe(true);
        expect(found.kept_by?.sequence).toBe(first === -1 ? undefined : first);
        expect(found.kept_by?.because).toBe(first === -1 ? undefined : because[first]);
        if (found.prunable_to > 0) pruned += 1;
      }),
      { numRuns: 150 },
    );
    // Otherwise nothing was shown.
    expect(pruned).toBeGreaterThan(15);
  });

  it('is nowhere without a checkpoint', async () => {
    const needs = needsOf({ global: 'P1D' }, [], 0, START_MS + 400 * DAY_MS);
    const unsealed = { ...needs, tree: { ...needs.tree, checkpoint: () => Promise.resolve(undefined) } };
    expect(await retentionOfLog(unsealed)).toEqual({ minimum_index: 0, prunable_to: 0 });
  });
});
