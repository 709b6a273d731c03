import { describe, expect, it } from 'vitest';
import { turns } from './turn.js';

describe('the end of the turn', () => {
  it('comes for all who ask in it, in their order, before the next turn begins', async () => {
    const endOfTurn = turns();
    const went: string[] = [];
    const goes = async (name: string): Promise<void> => {
      await endOfTurn();
      went.push(name);
    };
    const all = [goes('a'), goes('b'), goes('c')];
    await Promise.resolve();
    expect(went).toEqual([]);
    setImmediate(() => went.push('next'));
    await Promise.all(all);
    expect(went).toEqual(['a', 'b', 'c']);
    await goes('d');
    expect(went).toEqual(['a', 'b', 'c', 'next', 'd']);
  });
});
