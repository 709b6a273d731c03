import { describe, expect, it } from 'vitest';
import { WitanError, type Fault } from '../errors.js';
import { readManifest } from './manifest.js';

const HEAD = 'layer: global\nversion: 1.0.0\n';

function faultsOf(yaml: string): readonly Fault[] {
  try {
    readManifest(yaml, 'global/manifest.yaml');
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(WitanError);
    expect((thrown as WitanError).code).toBe('manifest_invalid');
    return (thrown as WitanError).faults;
  }
  return [];
}

describe('reading a manifest', () => {
  it('reads a right one', () => {
    const text = `${HEAD}policies:\n  p: { enforcement: soft, enforced_from: '2027-03-01T00:00:00Z' }\ndelegations:\n  days: { default: 5, schema: { type: integer, maximum: 9 } }\nlayers_without_bundle: abstain\naudit: { mask: [/context/token] }\n`;
    expect(faultsOf(text)).toEqual([]);
    expect(readManifest(text)).toMatchObject({
      layer: 'global',
      policies: { p: { enforcement: 'soft', enforced_from: '2027-03-01T00:00:00Z' } },
      layers_without_bundle: 'abstain',
    });
    expect(readManifest('layer: finance/risk\nversion: 0.1.0-rc.1\npolicies: {}\n').policies).toEqual({});
  });

  it.each<[string, string, string, number]>([
    [
      'an unknown enforcement',
      `${HEAD}policies:\n  p: { enforcement: firm }\n`,
      '/policies/p/enforcement',
      4,
    ],
    ['no enforcement', `${HEAD}policies:\n  p: {}\n`, '/policies/p/enforcement', 4],
    [
      'an unknown member of a policy',
      `${HEAD}policies:\n  p: { enforcement: hard, owner: me }\n`,
      '/policies/p/owner',
      4,
    ],
    [
      'a date that is no time',
      `${HEAD}policies:\n  p: { enforcement: hard, enforced_from: 2027-03-01 }\n`,
      '/policies/p/enforced_from',
      4,
    ],
    [
      'a leap second, which is no moment',
      `${HEAD}policies:\n  p: { enforcement: hard, enforced_from: '2026-12-31T23:59:60Z' }\n`,
      '/policies/p/enforced_from',
      4,
    ],
    ['an unknown member', `${HEAD}policies: {}\ncolour: red\n`, '/colour', 4],
    ['a version that is not semantic', 'layer: global\nversion: "1"\npolicies: {}\n', '/version', 2],
    ['a layer that is none', 'layer: Finance\nversion: 1.0.0\npolicies: {}\n', '/layer', 1],
    ['a reserved word as layer', 'layer: finance/policy\nversion: 1.0.0\npolicies: {}\n', '/layer', 1],
    [
      '`audit.mask` outside global',
      'layer: finance\nversion: 1.0.0\npolicies: {}\naudit: { mask: [/context] }\n',
      '/audit/mask',
      4,
    ],
    [
      '`layers_without_bundle` outside global',
      'layer: finance\nversion: 1.0.0\npolicies: {}\nlayers_without_bundle: abstain\n',
      '/layers_without_bundle',
      4,
    ],
    ['a mask that is no pointer', `${HEAD}policies: {}\naudit:\n  mask: [context]\n`, '/audit/mask/0', 5],
    ['a quorum above the whole', `${HEAD}policies: {}\ncouncil: { quorum: 1.1 }\n`, '/council/quorum', 4],
    ['a threshold of nothing', `${HEAD}policies: {}\ncouncil: { threshold: 0 }\n`, '/council/threshold', 4],
    [
      'a delegation without schema',
      `${HEAD}policies: {}\ndelegations:\n  d: { default: 1 }\n`,
      '/delegations/d/schema',
      5,
    ],
    [
      'a schema that is none',
      `${HEAD}policies: {}\ndelegations:\n  d: { schema: { type: number of days } }\n`,
      '/delegations/d/schema',
      5,
    ],
    [
      'a schema with an unknown keyword',
      `${HEAD}policies: {}\ndelegations:\n  d: { schema: { type: integer, maximun: 5 } }\n`,
      '/delegations/d/schema',
      5,
    ],
    [
      'a schema that refers to nothing',
      `${HEAD}policies: {}\ndelegations:\n  d: { schema: { $ref: '#/definitions/none' } }\n`,
      '/delegations/d/schema',
      5,
    ],
    [
      'an asynchronous schema, whose promise would pass for yes',
      `${HEAD}policies: {}\ndelegations:\n  d: { default: x, schema: { $async: true, type: integer } }\n`,
      '/delegations/d/schema',
      5,
    ],
    [
      'a default outside its own bounds',
      `${HEAD}policies: {}\ndelegations:\n  d: { default: 10, schema: { type: integer, maximum: 9 } }\n`,
      '/delegations/d/default',
      5,
    ],
  ])('refuses %s and says where', (_, yaml, pointer, row) => {
    const faults = faultsOf(yaml);
    expect(faults[0]).toMatchObject({ file: 'global/manifest.yaml', pointer, row });
    expect(faults).toHaveLength(1);
  });

  it('names everything that is missing at once', () => {
    expect(faultsOf('title: empty\n').map(({ pointer }) => pointer)).toEqual([
      '/layer',
      '/version',
      '/policies',
    ]);
  });

  it.each<[string, string]>([
    ['no YAML', 'layer: [\n'],
    ['a list', '- a\n'],
    ['a text', 'manifest\n'],
    ['nothing', ''],
    ['a name that is none', `${HEAD}policies:\n  P-1: { enforcement: hard }\n`],
    ['a key twice', `${HEAD}policies: {}\npolicies: {}\n`],
  ])('refuses %s', (_, yaml) => {
    expect(faultsOf(yaml).length).toBeGreaterThan(0);
  });
});
