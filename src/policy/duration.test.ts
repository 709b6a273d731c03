import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { afterTime, beforeTime } from './duration.js';

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
    ['PT36H', '2026-03-02T00:00:00.000Z', '2026-02-28T12:00:00.000Z'],
    ['P1MT1H2M3S', '2026-03-31T01:02:03.000Z', '2026-02-28T00:00:00.000Z'],
  ])('%s before %s is %s', (duration, now, expected) => {
    expect(new Date(beforeTime(duration, at(now))).toISOString()).toBe(expected);
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
        expect(beforeTime(duration, now)).toBe(byTheCalendar(now, years * 12 + months, weeks * 7 + days));
      }),
      { numRuns: 500 },
    );
  });

  it('lies the further back, the longer the duration', () => {
    fc.assert(
      fc.property(fc.nat(5000), fc.nat(5000), fc.integer({ min: 0, max: at('2100-01-01') }), (a, b, now) => {
        for (const unit of ['Y', 'M', 'W', 'D']) {
          const [shorter, longer] = [Math.min(a, b), Math.max(a, b)];
          expect(beforeTime(`P${longer}${unit}`, now)).toBeLessThanOrEqual(
            beforeTime(`P${shorter}${unit}`, now),
          );
        }
      }),
    );
  });

  it('is a number for the longest duration that a manifest may say', () => {
    expect(beforeTime('P9999Y99999M999999W999999D', at('2026-01-01'))).toBeLessThan(at('-030000-01-01'));
  });

  it.each(['', 'P', '7Y', 'P7', 'P1D1Y', 'PT', 'P1DT', 'PT1D', 'P-1D', 'P1.5Y', 'p1d', 'P1D '])(
    'is none for `%s`',
    (text) => {
      expect(() => beforeTime(text, 0)).toThrow(RangeError);
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

describe('the time after another', () => {
  it.each([
    ['P1D', '2026-02-28T00:00:00.000Z', '2026-03-01T00:00:00.000Z'],
    ['P1M', '2026-01-31T08:00:00.000Z', '2026-02-28T08:00:00.000Z'],
    ['P13M', '2024-12-15T08:00:00.000Z', '2026-01-15T08:00:00.000Z'],
    ['P1Y', '2024-02-29T00:00:00.000Z', '2025-02-28T00:00:00.000Z'],
    ['PT90M', '2026-12-31T23:00:00.000Z', '2027-01-01T00:30:00.000Z'],
  ])('%s after %s is %s', (duration, now, expected) => {
    expect(new Date(afterTime(duration, at(now))).toISOString()).toBe(expected);
  });

  it('is undone by going back as many weeks, days, hours, minutes and seconds', () => {
    const part = fc.nat(500);
    fc.assert(
      fc.property(
        part,
        part,
        part,
        part,
        part,
        fc.integer({ min: 0, max: at('2100-01-01') }),
        (w, d, h, m, s, ms) => {
          const duration = `P${w}W${d}DT${h}H${m}M${s}S`;
          expect(beforeTime(duration, afterTime(duration, ms))).toBe(ms);
        },
      ),
    );
  });
});
