import { expect, it } from 'vitest';
import { mayReadLayer } from './visible-layers.js';

it.each([
  [[], 'global', false],
  [['enforcement_point:sales'], 'global', true],
  [['steward:sales'], 'sales', true],
  [['steward:sales'], 'finance', false],
  [['steward:finance'], 'finance/risk', false],
  [['auditor:finance/risk'], 'finance', true],
  [['auditor:finance/risk'], 'finance/risk', true],
  [['auditor'], 'finance/risk', true],
  [['operator'], 'sales', true],
  [['steward:fin'], 'finance', false],
  [['nobody'], 'global', false],
] as const)('with %j whoever asks for `%s` is answered: %s', (roles, layer, expected) => {
  expect(mayReadLayer({ id: 'x', roles }, layer)).toBe(expected);
});
