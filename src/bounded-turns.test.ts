import { expect, it } from 'vitest';
import { boundedTurns } from './bounded-turns.js';

it('runs one act at a time, in order, and refuses what comes when too many wait', async () => {
  const turn = boundedTurns({ waitingMax: 2, what: 'acts' });
  const log: string[] = [];
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const act = (name: string) =>
    turn(async () => {
      log.push(`${name} begins`);
      await held;
      log.push(`${name} ends`);
      return name;
    });
  const running = [act('a'), act('b'), act('c')];
  await expect(act('d')).rejects.toMatchObject({
    code: 'overloaded',
    message: '2 acts are waiting already; try again',
  });
  release();
  expect(await Promise.all(running)).toEqual(['a', 'b', 'c']);
  expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
  expect(await act('e')).toBe('e');
});

it('goes on after an act that failed', async () => {
  const turn = boundedTurns({ waitingMax: 0, what: 'acts' });
  await expect(turn(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await turn(() => Promise.resolve(1))).toBe(1);
});
