import { describe, expect, it } from 'vitest';
import { readManifest, type Manifest } from '../policy/manifest.js';
import { sampleRegistry } from '../decision/testing/sample-mesh.js';
import { councilFaults } from './council-faults.js';

/** `ada` and `bob` are registered, and so are `finance`, `finance/risk` and `marketing`. */
const registry = sampleRegistry();
const manifest = (layer: string, members?: string): Manifest =>
  readManifest(
    `layer: ${layer}\nversion: 1.0.0\npolicies: {}\n${members === undefined ? '' : `council: { members: ${members} }\n`}`,
  );
const check = (proposed: Manifest, ...inForce: readonly Manifest[]) =>
  councilFaults(proposed, new Map(inForce.map((each) => [each.layer, each])), registry);

describe('a council', () => {
  it('of members that are known is fine', () => {
    const fine = { faults: [], warnings: [] };
    expect(check(manifest('global', '{ finance: [ada], marketing: [bob] }'))).toEqual(fine);
    expect(check(manifest('finance', '[ada, bob]'))).toEqual(fine);
    expect(check(manifest('finance'), manifest('global', '{ finance: [ada] }'))).toEqual(fine);
  });

  it('is never left without members', () => {
    const before = manifest('global', '{ finance: [ada], marketing: [bob] }');
    const { faults, warnings } = check(manifest('global'), before);
    expect(faults).toMatchObject([{ file: 'manifest.yaml', code: 'council_empty' }]);
    expect(warnings).toEqual([]);
    expect(check(manifest('finance'), manifest('finance', '[ada, bob]')).faults).toMatchObject([
      { code: 'council_empty' },
    ]);
  });

  it('that never was is pointed out, and stands in the way of nothing', () => {
    const { faults, warnings } = check(manifest('global'));
    expect(faults).toEqual([]);
    expect(warnings).toMatchObject([{ code: 'council_empty' }]);
  });

  it.each([
    ['global', '{ finance: [ada], sales: [bob] }', 'domain_not_registered', '/council/members/sales'],
    ['global', '{ finance: [ada, bbo] }', 'member_not_registered', '/council/members/finance/1'],
    [
      'global',
      '{ finance: [ada], finance/risk: [eve] }',
      'member_not_registered',
      '/council/members/finance~1risk/0',
    ],
    ['finance', '[ada, eve]', 'member_not_registered', '/council/members/1'],
    ['finance', '[ada]', 'council_of_one', '/council/members'],
  ])('of %s with %s is doubtful: %s', (layer, members, code, pointer) => {
    const { faults, warnings } = check(manifest(layer, members));
    expect(faults).toEqual([]);
    expect(warnings).toMatchObject([{ file: 'manifest.yaml', code, pointer }]);
  });
});
