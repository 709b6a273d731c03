import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RefusalGuard, type RefusedAttempt, type ToldAttempts } from './refusal-guard.js';

const attemptOf = (caller: string, attempt = 'POST /v1/proposals', domain?: string): RefusedAttempt => ({
  caller: { id: caller, roles: [] },
  attempt,
  code: 'forbidden',
  reason: `\`${caller}\` is not steward`,
  ...(domain !== undefined && { domain }),
});

const sum = (told: readonly ToldAttempts[]): number => told.reduce((all, { attempts }) => all + attempts, 0);

/** Notes so many attempts at once; answers what is told of them. */
function flood(guard: RefusalGuard, count: number, nowMs: number, of = (_n: number) => attemptOf('ann')) {
  return Array.from({ length: count }, (_, n) => guard.note(of(n), nowMs) ?? []).flat();
}

describe('a flood of refused attempts', () => {
  test('is told one by one up to twenty of a caller, then together as there is room', () => {
    const guard = new RefusalGuard(0);
    expect(flood(guard, 500, 0)).toEqual(Array(20).fill({ ...attemptOf('ann'), attempts: 1 }));
    expect(guard.due(999)).toEqual([]);
    expect(guard.due(1000)).toEqual([{ ...attemptOf('ann'), attempts: 480 }]);
    expect(guard.rest()).toEqual([]);
  });

  test('of one caller leaves room for others', () => {
    const guard = new RefusalGuard(0);
    flood(guard, 500, 0);
    expect(guard.note(attemptOf('bob'), 0)).toEqual({ ...attemptOf('bob'), attempts: 1 });
  });

  test('of many callers is told a hundred times, and ten times each second after that', () => {
    const guard = new RefusalGuard(0);
    const told = flood(guard, 300, 0, (n) => attemptOf(`caller-${n}`));
    expect(told).toHaveLength(100);
    expect(guard.due(1000)).toHaveLength(10);
    expect(guard.rest()).toHaveLength(190);
  });

  test('goes on with what waits when an attempt of its kind has room again', () => {
    const guard = new RefusalGuard(0);
    flood(guard, 25, 0);
    expect(guard.note(attemptOf('ann'), 1000)).toEqual({ ...attemptOf('ann'), attempts: 6 });
  });

  test('of more kinds than can wait is told as several', () => {
    const guard = new RefusalGuard(0);
    const told = flood(guard, 1500, 0, (n) => attemptOf(`caller-${n}`));
    const rest = guard.rest();
    expect(rest).toHaveLength(1001);
    expect(sum(rest) + sum(told)).toBe(1500);
    expect(rest.at(-1)).toMatchObject({ attempt: 'several', attempts: 400 });
  });

  test('is in the log to the last attempt, and never in more records than there is room for', () => {
    const step = fc.record({
      caller: fc.constantFrom('ann', 'bob', 'cid'),
      attempt: fc.constantFrom('GET /a', 'GET /b'),
      domain: fc.constantFrom(undefined, 'sales'),
      count: fc.integer({ min: 0, max: 60 }),
      passMs: fc.integer({ min: -500, max: 5000 }),
      look: fc.boolean(),
      fails: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const guard = new RefusalGuard(0);
        let [nowMs, latestMs, made] = [0, 0, 0];
        const records: ToldAttempts[] = [];
        const tell = (told: readonly ToldAttempts[], fails: boolean): void => {
          if (fails) for (const each of told) guard.add(each);
          else records.push(...told);
        };
        for (const { caller, attempt, domain, count, passMs, look, fails } of steps) {
          nowMs += passMs;
          latestMs = Math.max(latestMs, nowMs);
          made += count;
          for (let n = 0; n < count; n += 1) {
            tell([guard.note(attemptOf(caller, attempt, domain), nowMs) ?? []].flat(), fails);
          }
          if (look) tell(guard.due(nowMs), fails);
        }
        const backMs = steps.reduce((all, { passMs }) => all + Math.max(0, -passMs), 0);
        expect(records.length).toBeLessThanOrEqual(100 + ((latestMs + backMs) / 1000) * 10);
        expect(sum(records) + sum(guard.rest())).toBe(made);
      }),
    );
  });
});
