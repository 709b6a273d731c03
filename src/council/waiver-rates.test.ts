import { describe, expect, it } from 'vitest';
import { policiesInForce } from '../policy/in-force.js';
import { byPolicy, compareRates, waiverRate, type WaiverRate } from './waiver-rates.js';
import type { WaiverRequest } from './waiver-request.js';

const NOW_MS = Date.parse('2026-06-01T00:00:00.000Z');
const waiver = (id: string, more: Partial<WaiverRequest> = {}): WaiverRequest => ({
  id,
  version: 1,
  layer: 'global',
  policy: 'soft',
  domain: 'finance',
  category: 'waiver',
  reason: 'r',
  resources: ['ledger'],
  until: '2026-07-01T00:00:00.000Z',
  state: 'granted',
  asked_by: 'fay',
  asked_at: '2026-05-01T00:00:00.000Z',
  decided_at: '2026-05-02T00:00:00.000Z',
  ...more,
});
const policies = (enforcement: 'soft' | 'hard') => {
  const soft = {
    name: 'soft',
    title: '',
    description: '',
    appliesTo: new Set([]),
    controls: [],
    enforcement,
  };
  return policiesInForce(1, [
    {
      layer: 'global',
      digest: '',
      manifest: { layer: 'global', version: '1.0.0', policies: {} },
      policies: new Map([['soft', soft]]),
      byKind: { access: [], publish: [], consume: [] },
    },
  ]);
};
const WAIVERS = [
  waiver('1'),
  waiver('2', { domain: 'sales' }),
  waiver('3', { domain: 'sales' }),
  waiver('4', { until: '2026-06-01T00:00:00.000Z' }),
  waiver('5', { state: 'refused' }),
  waiver('6', { state: 'revoked' }),
];
const rate = (denied: number, waived: number, enforcement: 'soft' | 'hard' = 'soft'): WaiverRate =>
  waiverRate(
    { layer: 'global', policy: 'soft', waivers: WAIVERS },
    { denied, waived },
    { policies: policies(enforcement), domains: 8, nowMs: NOW_MS },
  );

describe('how often a rule is waived', () => {
  it('counts what was asked, granted, refused and is in force, and what share of domains has one', () => {
    expect(rate(10, 4)).toEqual({
      layer: 'global',
      policy: 'soft',
      asked: 6,
      granted: 5,
      refused: 1,
      in_force: 3,
      denied: 10,
      waived: 4,
      waived_share: 0.4,
      domains_share: 0.25,
      note: '`soft` is waived in 40 % of its denials: the rule may be the wrong one',
    });
  });

  it('has none in force of a rule that is hard now', () => {
    expect(rate(10, 4, 'hard')).toMatchObject({ granted: 5, in_force: 0, domains_share: 0 });
  });

  it.each([
    [0, 0, undefined],
    [9, 3, undefined],
    [1000, 334, '`soft` is waived in 33 % of its denials: the rule may be the wrong one'],
    [1, 1, '`soft` is waived in 100 % of its denials: the rule may be the wrong one'],
  ])('says what follows only above a third: %i denied, %i waived', (denied, waived, note) => {
    expect(rate(denied, waived).note).toBe(note);
  });

  it('sorts those that are waived most often first', () => {
    const named = (policy: string, denied: number, waived: number) => ({ ...rate(denied, waived), policy });
    const rates = [
      named('d', 10, 0),
      named('c', 10, 0),
      named('b', 10, 5),
      named('a', 100, 50),
      named('e', 3, 3),
    ];
    expect(rates.sort(compareRates).map(({ policy }) => policy)).toEqual(['e', 'a', 'b', 'c', 'd']);
  });

  it('puts waivers of one policy together, and no other of its name', () => {
    const groups = byPolicy([waiver('1'), waiver('2', { layer: 'finance' }), waiver('3')]);
    expect(groups.map(({ layer, waivers }) => [layer, waivers.map(({ id }) => id)])).toEqual([
      ['global', ['1', '3']],
      ['finance', ['2']],
    ]);
  });
});
