import { describe, expect, it } from 'vitest';
import type { Caller } from '../identity/caller.js';
import { readManifest, type Manifest } from '../policy/manifest.js';
import { councilOf } from './council.js';
import { requireMayDecide, requireMayRevoke, waiverSight } from './waiver-authority.js';

const manifest = (layer: string, members?: object): [string, Manifest] => [
  layer,
  readManifest(
    JSON.stringify({ layer, version: '1.0.0', policies: {}, ...(members && { council: { members } }) }),
  ),
];

/** `duo` sits for two domains, `finance/risk` has no council of its own, `sales` has none at all. */
const MANIFESTS = new Map([
  manifest('global', {
    sales: ['sal', 'duo'],
    marketing: ['mia', 'duo'],
    finance: ['fay'],
    'finance/risk': ['rik'],
  }),
  manifest('finance', ['fay', 'fred']),
  manifest('finance/risk'),
  manifest('marketing', ['mia']),
  manifest('sales'),
]);
const who = (id: string, ...roles: string[]): Caller => ({ id, roles });
const asked = (layer: string, domain: string, by: string) => ({ id: '1', layer, domain, asked_by: by });
const may = (check: () => void): string | undefined => {
  try {
    check();
    return undefined;
  } catch (thrown) {
    return (thrown as Error).message;
  }
};

describe('who decides a waiver', () => {
  it.each<[string, string, string, string, Caller, RegExp | undefined]>([
    // what, policy's layer, domain that asks, who asked, who decides
    [
      'who sits for another domain',
      'global',
      'sales',
      'sam',
      who('mia', 'representative:marketing'),
      undefined,
    ],
    [
      'who sits for the asking domain',
      'global',
      'sales',
      'sam',
      who('sal', 'representative:sales'),
      /sits for another/,
    ],
    [
      'who sits for the asking domain and another',
      'global',
      'sales',
      'sam',
      who('duo', 'representative:sales', 'representative:marketing'),
      /sits for another/,
    ],
    [
      'who sits for two others',
      'global',
      'finance',
      'fred',
      who('duo', 'representative:marketing'),
      undefined,
    ],
    [
      'who asked, as a steward, and decides in a second role',
      'global',
      'sales',
      'mia',
      who('mia', 'steward:sales', 'representative:marketing'),
      /whoever asks/,
    ],
    [
      'a member without the role',
      'global',
      'sales',
      'sam',
      who('mia', 'steward:marketing'),
      /needs the role/,
    ],
    [
      'a member with the role of another domain',
      'global',
      'sales',
      'sam',
      who('mia', 'representative:finance'),
      /`representative:marketing`/,
    ],
    [
      'who has the role and no seat',
      'global',
      'sales',
      'sam',
      who('eve', 'representative:marketing'),
      /only members/,
    ],
    ['an operator', 'global', 'sales', 'sam', who('eve', 'operator', 'auditor'), /only members/],
    [
      'who sits for the domain around it',
      'global',
      'finance/risk',
      'rob',
      who('fay', 'representative:finance'),
      undefined,
    ],
    [
      'who sits for a domain within it',
      'global',
      'finance',
      'fred',
      who('rik', 'representative:finance/risk'),
      undefined,
    ],

    ['another member of the domain', 'finance', 'finance', 'fay', who('fred', 'steward:finance'), undefined],
    ['the member who asked', 'finance', 'finance', 'fay', who('fay', 'steward:finance'), /whoever asks/],
    [
      'the member who asked, with every role',
      'finance',
      'finance',
      'fay',
      who('fay', 'steward:finance', 'representative:finance', 'operator'),
      /whoever asks/,
    ],
    ['a steward without a seat', 'finance', 'finance', 'fay', who('gus', 'steward:finance'), /only members/],
    [
      'a member as representative alone',
      'finance',
      'finance',
      'fred',
      who('fay', 'representative:finance'),
      /needs the role/,
    ],
    [
      'a member of the outer domain, asked from within',
      'finance',
      'finance/risk',
      'rob',
      who('fred', 'steward:finance'),
      undefined,
    ],
    [
      'a steward of the inner domain that asks',
      'finance',
      'finance/risk',
      'rob',
      who('rik', 'steward:finance/risk'),
      /only members of the council of `finance`/,
    ],
    [
      'the outer council, where the inner domain has none',
      'finance/risk',
      'finance/risk',
      'rik',
      who('fay', 'steward:finance'),
      undefined,
    ],
    [
      'the outer council, with the role of the inner domain',
      'finance/risk',
      'finance/risk',
      'rik',
      who('fay', 'steward:finance/risk'),
      /`steward:finance`/,
    ],
    [
      'another domain, where `global` decides for one without a council',
      'sales',
      'sales',
      'sam',
      who('mia', 'representative:marketing'),
      undefined,
    ],
    [
      'its own seat, where `global` decides for it',
      'sales',
      'sales',
      'sam',
      who('sal', 'representative:sales', 'steward:sales'),
      /sits for another/,
    ],
    [
      'a council of one, whose member asked',
      'marketing',
      'marketing',
      'mia',
      who('mia', 'steward:marketing'),
      /whoever asks/,
    ],
  ])('%s (%s for %s)', (_, layer, domain, by, caller, refused) => {
    const council = councilOf(layer, MANIFESTS);
    const why = may(() => {
      requireMayDecide(asked(layer, domain, by), caller, council);
    });
    if (refused === undefined) expect(why).toBeUndefined();
    else expect(why).toMatch(refused);
  });
});

describe('who ends a waiver before its time', () => {
  it.each<[string, string, string, Caller, boolean]>([
    ['a steward of the domain that has it', 'global', 'sales', who('sam', 'steward:sales'), true],
    ['a steward of another domain', 'global', 'sales', who('mia', 'steward:marketing'), false],
    ['a steward of the domain around it', 'global', 'finance/risk', who('gus', 'steward:finance'), false],
    ['a steward of a domain within it', 'global', 'finance', who('rik', 'steward:finance/risk'), false],
    [
      'a member of the council, whoever it sits for',
      'global',
      'sales',
      who('sal', 'representative:sales'),
      true,
    ],
    ['a member of the council without the role', 'global', 'sales', who('mia', 'auditor'), false],
    ['the council of its layer', 'finance', 'finance/risk', who('fred', 'steward:finance'), true],
    [
      'a representative, of a domain policy',
      'finance',
      'finance/risk',
      who('sal', 'representative:sales'),
      false,
    ],
    ['an operator', 'global', 'sales', who('eve', 'operator'), false],
  ])('%s', (_, layer, domain, caller, allowed) => {
    const council = councilOf(layer, MANIFESTS);
    const why = may(() => {
      requireMayRevoke(asked(layer, domain, 'sam'), caller, council);
    });
    expect(why === undefined).toBe(allowed);
  });
});

describe('who sees which waivers', () => {
  const waivers = [
    ['global', 'sales'],
    ['global', 'finance/risk'],
    ['finance', 'finance'],
    ['finance', 'finance/risk'],
    ['finance/risk', 'finance/risk'],
    ['marketing', 'marketing'],
    ['sales', 'sales'],
  ] as const;
  const sightOf = (caller: Caller) => waiverSight(caller, (layer) => councilOf(layer, MANIFESTS));

  it.each<[string, Caller, readonly number[]]>([
    ['an auditor of the mesh', who('a', 'auditor'), [0, 1, 2, 3, 4, 5, 6]],
    ['an operator', who('o', 'operator'), [0, 1, 2, 3, 4, 5, 6]],
    ['an auditor of a domain', who('a', 'auditor:finance'), [2]],
    ['a steward', who('m', 'steward:marketing'), [5]],
    ['a steward whose council decides layers within', who('f', 'steward:finance'), [2, 3, 4]],
    ['a steward of an inner domain without a council', who('r', 'steward:finance/risk'), [1, 3, 4]],
    ['a representative, of what `global` decides', who('m', 'representative:marketing'), [0, 1, 5, 6]],
    ['both', who('f', 'steward:finance', 'representative:finance'), [0, 1, 2, 3, 4, 6]],
  ])('%s', (_, caller, seen) => {
    const sight = sightOf(caller);
    const found = waivers.flatMap(([layer, domain], index) =>
      sight.waiver({ layer, domain }) ? [index] : [],
    );
    expect(found).toEqual(seen);
  });

  it.each<[string, Caller, readonly string[]]>([
    ['an auditor of the mesh', who('a', 'auditor'), ['global', 'finance', 'finance/risk', 'marketing']],
    ['a steward of an inner domain', who('r', 'steward:finance/risk'), ['global', 'finance', 'finance/risk']],
    ['a steward', who('m', 'steward:marketing'), ['global', 'marketing']],
  ])('rates: %s', (_, caller, seen) => {
    const sight = sightOf(caller);
    const layers = ['global', 'finance', 'finance/risk', 'marketing'];
    expect(layers.filter((layer) => sight.ratesOf(layer))).toEqual(seen);
  });

  it('refuses who reads nothing', () => {
    expect(() => sightOf(who('p', 'enforcement_point'))).toThrow(/none of steward/);
  });
});
