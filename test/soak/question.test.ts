import { expect, test } from 'vitest';
import { faultOf, ORDERS } from './question.js';

const asked = { reader: 1, product: ORDERS, purpose: 'ops', region: 'uk', hasContract: true };
const mask = (method: string) => ({ properties: { column: 'email', method } });
const permitted = {
  decision: true,
  context: { code: 'permitted', revision: 4, reasons: [], obligations: [mask('hash')] },
};
const denied = (code: string, ...policies: readonly string[]) => ({
  decision: false,
  context: { code, revision: 4, reasons: policies.map((policy) => ({ policy })), obligations: [] },
});

test.each([
  ['a permit', asked, permitted],
  [
    'a denial',
    { ...asked, purpose: 'x', hasContract: false },
    denied('forbidden', 'sharing_contract', 'purpose'),
  ],
  ['a reader nobody knows', { ...asked, reader: 70, hasContract: false }, denied('not_permitted')],
])('right: %s', (_, question, answer) => {
  expect(faultOf(question, answer)).toBeUndefined();
});

test.each([
  ['the mask of the law before', { ...permitted, context: { ...permitted.context, revision: 5 } }],
  ['no mask', { ...permitted, context: { ...permitted.context, obligations: [] } }],
  ['a denial', denied('forbidden', 'purpose')],
  ['a denial in error', denied('policy_error')],
])('wrong: %s', (_, answer) => {
  expect(faultOf(asked, answer)).toMatch(/was answered .* instead of /);
});
