import { expect, it } from 'vitest';
import { mayReadLayer, mayReadProposals } from './visible-layers.js';

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

it.each([
  [['enforcement_point'], 'global', false],
  [['steward:sales'], 'global', true],
  [['steward:sales'], 'sales', true],
  [['steward:finance/risk'], 'finance', false],
  [['steward:finance'], 'finance/risk', false],
  [['auditor'], 'sales', true],
  [[], 'global', false],
] as const)('with %j whoever asks for proposals of `%s` is answered: %s', (roles, layer, expected) => {
  expect(mayReadProposals({ id: 'x', roles }, layer)).toBe(expected);
});
