import { expect, it } from 'vitest';
import { Gate } from './gate.js';

it('holds back while an act runs, and opens whatever becomes of it', async () => {
  const gate = new Gate();
  expect(gate.closed).toBeUndefined();
  const order: string[] = [];
  let finish = (): void => undefined;
  const act = gate.whileClosed(async () => {
    await new Promise<void>((resolve) => (finish = resolve));
    order.push('act');
  });
  const waiting = (gate.closed ?? Promise.reject(new Error('open'))).then(() => order.push('waited'));
  await expect(gate.whileClosed(() => Promise.resolve())).rejects.toThrow('closed already');
  finish();
  await act;
  await waiting;
  expect(order).toEqual(['act', 'waited']);
  await expect(gate.whileClosed(() => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
  expect(gate.closed).toBeUndefined();
});
