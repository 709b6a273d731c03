import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GLOBAL, layerChain, type Layer } from './layer.js';
import { readManifest } from './manifest.js';
import { WitanError } from '../errors.js';
import type { PoliciesInForce } from './in-force.js';
import { beforeNow, retentionOf } from './retention.js';

const at = (text: string): number => Date.parse(text);

describe('the time before another', () => {
  it.each([
    ['P1D', '2026-03-01T00:00:00.000Z', '2026-02-28T00:00:00.000Z'],
    ['P1D', '2028-03-01T12:34:56.789Z', '2028-02-29T12:34:56.789Z'],
    ['P2W', '2026-01-05T23:59:59.999Z', '2025-12-22T23:59:59.999Z'],
    ['P1M', '2026-03-31T08:00:00.000Z', '2026-02-28T08:00:00.000Z'],
    ['P1M', '2028-03-31T08:00:00.000Z', '2028-02-29T08:00:00.000Z'],
    ['P1M', '2026-01-31T08:00:00.000Z', '2025-12-31T08:00:00.000Z'],
    ['P13M', '2026-01-15T08:00:00.000Z', '2024-12-15T08:00:00.000Z'],
    ['P1Y', '2028-02-29T00:00:00.000Z', '2027-02-28T00:00:00.000Z'],
    ['P4Y', '2028-02-29T00:00:00.000Z', '2024-02-29T00:00:00.000Z'],
    ['P100Y', '2000-02-29T00:00:00.000Z', '1900-02-28T00:00:00.000Z'],
    ['P1950Y', '2026-06-01T00:00:00.000Z', '0076-06-01T00:00:00.000Z'],
    ['P1Y1M1W1D', '2026-03-31T00:00:00.000Z', '2025-02-20T00:00:00.000Z'],
    ['P0D', '2026-03-31T00:00:00.001Z', '2026-03-31T00:00:00.001Z'],
  ])('%s before %s is %s', (duration, now, expected) => {
    expect(new Date(beforeNow(duration, at(now))).toISOString()).toBe(expected);
  });

  it('is what going back by the calendar comes to', () => {
    const parts = fc.record({
      years: fc.nat(30),
      months: fc.nat(40),
      weeks: fc.nat(60),
      days: fc.nat(400),
      now: fc.integer({ min: at('1970-01-01'), max: at('2100-01-01') }),
    });
    fc.assert(
      fc.property(parts, ({ years, months, weeks, days, now }) => {
        const duration = `P${years}Y${months}M${weeks}W${days}D`;
        expect(beforeNow(duration, now)).toBe(byTheCalendar(now, years * 12 + months, weeks * 7 + days));
      }),
      { numRuns: 500 },
    );
  });

  it('lies the further back, the longer the duration', () => {
    fc.assert(
      fc.property(fc.nat(5000), fc.nat(5000), fc.integer({ min: 0, max: at('2100-01-01') }), (a, b, now) => {
        for (const unit of ['Y', 'M', 'W', 'D']) {
          const [shorter, longer] = [Math.min(a, b), Math.max(a, b)];
          expect(beforeNow(`P${longer}${unit}`, now)).toBeLessThanOrEqual(
            beforeNow(`P${shorter}${unit}`, now),
          );
        }
      }),
    );
  });

  it('is a number for the longest duration that a manifest may say', () => {
    expect(beforeNow('P9999Y99999M999999W999999D', at('2026-01-01'))).toBeLessThan(at('-030000-01-01'));
  });

  it.each(['', 'P', '7Y', 'P7', 'P1D1Y', 'PT1H', 'P-1D', 'P1.5Y', 'p1d', 'P1D '])(
    'is none for `%s`',
    (text) => {
      expect(() => beforeNow(text, 0)).toThrow(RangeError);
    },
  );
});

/** Month by month to a day that there is, and then day by day. */
function byTheCalendar(nowMs: number, months: number, days: number): number {
  let [year = 0, month = 0, day = 0] = new Date(nowMs).toISOString().slice(0, 10).split('-').map(Number);
  for (let left = months; left > 0; left -= 1) {
    month -= 1;
    if (month === 0) [year, month] = [year - 1, 12];
  }
  const time = new Date(nowMs).toISOString().slice(10);
  for (;;) {
    const text = `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}${time}`;
    const found = new Date(text);
    if (!Number.isNaN(found.getTime()) && found.toISOString() === text) {
      for (let left = days; left > 0; left -= 1) found.setUTCDate(found.getUTCDate() - 1);
      return found.getTime();
    }
    day -= 1;
  }
}

function inForce(retentions: Readonly<Record<Layer, string | undefined>>): Pick<PoliciesInForce, 'layers'> {
  const layers = Object.entries(retentions).map(([layer, retention]) => {
    const audit = retention === undefined ? '' : `audit: { retention: ${retention} }\n`;
    return [layer, { manifest: readManifest(`layer: ${layer}\nversion: 1.0.0\npolicies: {}\n${audit}`) }];
  });
  // INVARIANT: only the manifests of layers are looked at.
  return { layers: new Map(layers as []) };
}

const now = at('2026-06-01T00:00:00Z');

describe('how long a record is kept', () => {
  const law = inForce({ global: 'P30D', finance: 'P1Y', 'finance/risk': 'P2M', sales: undefined });

  it.each([
    ['an act of the mesh', [], { layer: 'global', duration: 'P30D' }],
    ['a domain that says nothing', ['sales'], { layer: 'global', duration: 'P30D' }],
    ['a domain without a bundle', ['platform'], { layer: 'global', duration: 'P30D' }],
    ['a domain that says more', ['finance'], { layer: 'finance', duration: 'P1Y' }],
    ['a domain that lies in one that says more', ['finance/risk'], { layer: 'finance', duration: 'P1Y' }],
    ['an access from a domain that says more', ['sales', 'finance'], { layer: 'finance', duration: 'P1Y' }],
  ])('%s', (_, domains, expected) => {
    expect(retentionOf(law, domains, now)).toEqual(expected);
  });

  it('is for good where no layer says anything', () => {
    const silent = inForce({ global: undefined, sales: undefined, finance: 'P1D' });
    expect(retentionOf(silent, ['sales'], now)).toBeUndefined();
    expect(retentionOf(silent, [], now)).toBeUndefined();
    expect(retentionOf(silent, ['sales', 'finance'], now)).toEqual({ layer: 'finance', duration: 'P1D' });
  });

  it('is measured by the calendar: a month of February is shorter than 30 days', () => {
    const months = inForce({ global: 'P30D', sales: 'P1M' });
    expect(retentionOf(months, ['sales'], at('2026-03-15'))?.layer).toBe('global');
    expect(retentionOf(months, ['sales'], at('2026-08-15'))?.layer).toBe('sales');
  });

  it('is never shorter than what a layer of the chain says', () => {
    const duration = fc.option(
      fc
        .tuple(fc.integer({ min: 1, max: 500 }), fc.constantFrom('Y', 'M', 'W', 'D'))
        .map(([count, unit]) => `P${count}${unit}`),
      { nil: undefined },
    );
    const layers = ['global', 'finance', 'finance/risk', 'sales'] as const;
    const retentions = fc.tuple(duration, duration, duration, duration);
    const domains = fc.subarray(['finance', 'finance/risk', 'sales', 'platform']);
    fc.assert(
      fc.property(retentions, domains, (said, asked) => {
        const byLayer = Object.fromEntries(layers.map((layer, index) => [layer, said[index]]));
        const kept = retentionOf(inForce(byLayer), asked, now);
        const chain = [GLOBAL, ...asked.flatMap(layerChain)];
        const wanted = chain.flatMap((layer) => byLayer[layer] ?? []);
        expect(kept === undefined).toBe(wanted.length === 0);
        if (kept === undefined) return;
        expect(wanted).toContain(kept.duration);
        expect(byLayer[kept.layer]).toBe(kept.duration);
        for (const each of wanted) {
          expect(beforeNow(kept.duration, now)).toBeLessThanOrEqual(beforeNow(each, now));
        }
      }),
    );
  });
});

describe('retention in a manifest', () => {
  const manifest = (layer: string, audit: string): unknown =>
    readManifest(`layer: ${layer}\nversion: 1.0.0\npolicies: {}\naudit: ${audit}\n`);

  it.each(['global', 'finance', 'finance/risk'])('may be said by `%s`', (layer) => {
    expect(manifest(layer, '{ retention: P7Y }')).toMatchObject({ audit: { retention: 'P7Y' } });
  });

  it.each(['P', '7Y', 'PT1H', 'P1D1Y', 'P-1D', 'P1.5Y', 'forever', 'P99999Y', '7'])('is not `%s`', (text) => {
    expect(() => manifest('global', `{ retention: ${text} }`)).toThrow(WitanError);
  });

  it('is no reason to let a domain mask', () => {
    expect(() => manifest('finance', '{ retention: P7Y, mask: [/context/token] }')).toThrow(
      'only `global` may set this',
    );
  });
});
