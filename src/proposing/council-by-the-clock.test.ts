import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { councilByTheClock, type ClockPart } from './council-by-the-clock.js';

const START = Date.parse('2026-06-01T00:00:00Z');
const nowMs = (): number => Date.now();
let warnings: string[];
let ticks: string[];
let stop: () => Promise<void>;

beforeEach(() => {
  vi.useFakeTimers({ now: START });
  [warnings, ticks] = [[], []];
  stop = () => Promise.resolve();
});
afterEach(async () => {
  await stop();
  vi.useRealTimers();
});

function start(...parts: readonly ClockPart[]): void {
  ({ stop } = councilByTheClock(parts, { nowMs, warn: (message) => warnings.push(message) }));
}

function part(
  name: string,
  { due, fail = false }: { due?: () => number | undefined; fail?: boolean } = {},
): ClockPart {
  return {
    name,
    nextDueMs: due ?? (() => undefined),
    tick: (now) => {
      ticks.push(`${name} ${(now - START) / 1000}`);
      return fail ? Promise.reject(new Error('the disk is full')) : Promise.resolve();
    },
  };
}

describe('what is due by the clock', () => {
  it('is done at start, one part after the other, and then once a minute', async () => {
    start(part('votes'), part('activations'));
    await vi.advanceTimersByTimeAsync(121_000);
    expect(ticks).toEqual([
      'votes 0',
      'activations 0',
      'votes 60',
      'activations 60',
      'votes 120',
      'activations 120',
    ]);
  });

  it('is done when it is due, within a second', async () => {
    let due: number | undefined = START + 10_500;
    start(part('votes', { due: () => due }));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(ticks).toEqual(['votes 0']);
    await vi.advanceTimersByTimeAsync(1000);
    expect(ticks).toEqual(['votes 0', 'votes 11']);
    due = undefined;
    await vi.advanceTimersByTimeAsync(30_000);
    expect(ticks).toHaveLength(2);
  });

  it('is told of where it fails, keeps nothing else back, and is tried again after a minute', async () => {
    start(part('votes', { due: () => START, fail: true }), part('activations'));
    await vi.advanceTimersByTimeAsync(59_000);
    expect(ticks).toEqual(['votes 0', 'activations 0']);
    expect(warnings).toEqual(['what was due for votes could not be done: the disk is full']);
    await vi.advanceTimersByTimeAsync(1000);
    expect(ticks).toHaveLength(4);
  });

  it('is not begun again before it has ended', async () => {
    let end: () => void = () => undefined;
    start({
      name: 'slow',
      nextDueMs: () => START,
      tick: () => {
        ticks.push('slow');
        return new Promise((resolve) => (end = resolve));
      },
    });
    await vi.advanceTimersByTimeAsync(180_000);
    expect(ticks).toEqual(['slow']);
    let stopped = false;
    const stopping = stop().then(() => (stopped = true));
    await vi.advanceTimersByTimeAsync(1000);
    expect(stopped).toBe(false);
    end();
    await stopping;
    expect(ticks).toEqual(['slow']);
  });

  it('goes on when the clock is put back', async () => {
    start(part('votes'));
    await vi.advanceTimersByTimeAsync(1000);
    vi.setSystemTime(START - 3_600_000);
    await vi.advanceTimersByTimeAsync(1000);
    expect(ticks).toHaveLength(2);
  });

  it('is nothing without parts', async () => {
    start();
    await vi.advanceTimersByTimeAsync(121_000);
    expect(ticks).toEqual([]);
  });
});
