import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { judge } from '../decision/judge.js';
import { createQuarantine } from '../decision/quarantine.js';
import { gather } from '../decision/subject-matter.js';
import { load, testToolchain } from '../decision/testing/load-for-test.js';
import { descriptorOf, sampleRegistry } from '../decision/testing/sample-mesh.js';
import { createBundle, type Bundle } from '../policy/bundle.js';
import { policiesInForce, type LayerInForce } from '../policy/in-force.js';
import type { Manifest } from '../policy/manifest.js';
import { effectivePolicy } from './effective.js';
import type { Proposal } from './proposal.js';
import type { WaiverRequest } from './waiver-request.js';

const NOW = Date.parse('2026-06-01T00:00:00Z');
const registry = sampleRegistry();
const toolchain = testToolchain();
afterAll(() => toolchain.close());

/** Every policy denies, so that every one is heard. */
const rego = (layer: string, name: string, kinds: string) => `# METADATA
# title: The ${name}
# description: Denies whatever comes.
# custom:
#   applies_to: [${kinds}]
#   controls: [house rules]
#   remedy: Ask.
#   owner: the house
package mesh.${layer.replaceAll('/', '.')}.policy.${name}

deny contains {"message": "no"}
`;
const bundleOf = (layer: string, manifest: string, policies: Readonly<Record<string, string>>): Bundle =>
  createBundle([
    {
      path: 'manifest.yaml',
      text: `layer: ${layer}\nversion: 1.0.0\npolicies: { ${Object.keys(policies)
        .map((name) => `${name}: { enforcement: hard }`)
        .join(', ')} }\n${manifest}`,
    },
    ...Object.entries(policies).map(([name, kinds]) => ({
      path: `policy/${name}.rego`,
      text: rego(layer, name, kinds),
    })),
  ]);
const bundles = [
  bundleOf(
    'global',
    'council: { members: { finance: [ada], marketing: [bob] } }\ndelegations:\n  days: { description: How long., default: 30, schema: { type: integer, maximum: 90 } }\n  hours: { default: 8, schema: { type: integer } }\n',
    { one: 'access', two: 'access, publish' },
  ),
  bundleOf(
    'finance',
    'title: Finance\nparameters: { days: 60 }\ndelegations:\n  days: { schema: { type: integer, maximum: 80 } }\n',
    { one: 'access', three: 'publish' },
  ),
  bundleOf('finance/risk', 'parameters: { days: 10 }\n', { four: 'access' }),
];
const loaded = load(toolchain, ...bundles);

const waiver = (more: Partial<WaiverRequest>): WaiverRequest => ({
  id: '1',
  version: 2,
  layer: 'global',
  policy: 'one',
  domain: 'finance/risk',
  category: 'waiver',
  reason: 'a test',
  resources: ['exposure'],
  until: '2026-07-01T00:00:00Z',
  state: 'granted',
  asked_by: 'ana',
  asked_at: '2026-05-01T00:00:00Z',
  ...more,
});

/** The layers with what their manifests say of their policies replaced. */
function withPolicies(layers: readonly LayerInForce[], says: Manifest['policies']): readonly LayerInForce[] {
  return layers.map((layer) => {
    const policies = new Map(
      [...layer.policies].map(([name, policy]) => {
        const { enforcement = 'hard', enforced_from } = says[`${layer.layer}.${name}`] ?? {};
        const enforcedFrom = enforced_from && { text: enforced_from, ms: Date.parse(enforced_from) };
        return [
          name,
          {
            ...policy,
            enforcement,
            ...(enforcedFrom !== undefined && enforcedFrom !== '' && { enforcedFrom }),
          },
        ];
      }),
    );
    const of = (kind: 'publish' | 'access' | 'consume') =>
      [...policies.values()].filter(({ appliesTo }) => appliesTo.has(kind));
    return {
      ...layer,
      policies,
      byKind: { publish: of('publish'), access: of('access'), consume: of('consume') },
    };
  });
}

const lawOf = (layers: readonly LayerInForce[]) => ({
  policies: policiesInForce(3, layers),
  bundles: new Map(bundles.map((bundle) => [bundle.layer, bundle])),
});

describe('the effective policy', () => {
  const says = fc.dictionary(
    fc.constantFrom('global.one', 'global.two', 'finance.one', 'finance.three', 'finance/risk.four'),
    fc.record({
      enforcement: fc.constantFrom('hard' as const, 'soft' as const, 'advisory' as const, 'shadow' as const),
      enforced_from: fc.constantFrom(
        '2026-01-01T00:00:00Z',
        '2026-06-01T00:00:00Z',
        '2026-06-01T00:00:01Z',
        '2027-01-01T00:00:00Z',
      ),
    }),
    { noNullPrototype: true },
  );
  const waivers = fc.array(
    fc.record({
      layer: fc.constantFrom('global', 'finance'),
      policy: fc.constantFrom('one', 'two'),
      state: fc.constantFrom('granted' as const, 'revoked' as const),
      until: fc.constantFrom('2026-06-01T00:00:00Z', '2026-07-01T00:00:00Z'),
    }),
    { maxLength: 3 },
  );

  it('is what an evaluation is judged by', async () => {
    const layers = await loaded;
    fc.assert(
      fc.property(says, waivers, fc.constantFrom('read', 'publish'), (manifest, asked, action) => {
        const law = lawOf(withPolicies(layers, manifest));
        const requests = asked.map((each, index) => waiver({ id: String(index + 1), ...each }));
        const effective = effectivePolicy('finance/risk', {
          law,
          waivers: requests,
          proposals: [],
          nowMs: NOW,
        });
        const evaluation = {
          subject: { type: 'user', id: 'ada' },
          action: { name: action },
          resource: {
            type: 'data_product',
            id: 'exposure',
            properties: { descriptor: descriptorOf('exposure', 'finance/risk') },
          },
        };
        const judged = judge(evaluation, gather(evaluation, registry), {
          policies: law.policies,
          nowMs: NOW,
          waivers: requests
            .filter(({ state }) => state === 'granted')
            .map(({ id, layer, policy, until }) => ({
              id,
              layer,
              policy,
              fromMs: 0,
              toMs: Date.parse(until),
            })),
          quarantine: () => createQuarantine(),
        });
        const kind = action === 'publish' ? 'publish' : 'access';
        const found = judged.decision.findings
          .filter((finding) => finding.kind === kind)
          .map(({ layer, policy, enforcement, binding, enforced_from, waiver: id }) => ({
            layer,
            policy,
            enforcement,
            binds: binding,
            binds_from: enforced_from,
            waiver: id,
          }));
        const expected = effective.policies
          .filter(({ applies_to }) => applies_to.includes(kind))
          .map(({ layer, policy, enforcement, binds, binds_from, waivers: lifting }) => ({
            layer,
            policy,
            enforcement,
            binds,
            binds_from,
            waiver: lifting[0]?.id,
          }));
        const byPlace = (a: { layer: string; policy?: string | undefined }, b: typeof a) =>
          `${a.layer} ${a.policy ?? ''}` < `${b.layer} ${b.policy ?? ''}` ? -1 : 1;
        expect(expected.sort(byPlace)).toEqual(found.sort(byPlace));
        expect(Object.fromEntries(effective.parameters.map(({ name, value }) => [name, value]))).toEqual(
          judged.input.parameters,
        );
      }),
      { numRuns: 60 },
    );
  });

  const proposal = (id: string, layer: string, state: Proposal['state']): Proposal => ({
    id,
    version: 1,
    layer,
    title: `proposal ${id}`,
    author: 'ada',
    digest: 'sha256:0',
    base: { revision: 3 },
    state,
    created_at: '2026-05-01T00:00:00Z',
    ballots: [],
    comments: [],
    timeline: [],
  });

  it('tells the chain, the parameters with their bounds, and what would change it', async () => {
    const law = lawOf(await loaded);
    const proposals = [
      proposal('1', 'global', 'open'),
      proposal('2', 'finance/risk', 'approved'),
      proposal('3', 'marketing', 'open'),
      proposal('4', 'finance', 'failed'),
      proposal('5', 'finance', 'superseded'),
    ];
    const effective = effectivePolicy('finance/risk', { law, waivers: [], proposals, nowMs: NOW });
    expect(effective).toMatchObject({ layer: 'finance/risk', revision: 3, at: '2026-06-01T00:00:00.000Z' });
    expect(effective.chain).toMatchObject([
      { layer: 'global', council: { of: 'global', seats: [{ id: 'finance' }, { id: 'marketing' }] } },
      { layer: 'finance', title: 'Finance', version: '1.0.0', council: { of: 'global' } },
      { layer: 'finance/risk', digest: bundles[2]?.digest },
    ]);
    expect(effective.policies[0]).toEqual({
      layer: 'global',
      policy: 'one',
      title: 'The one',
      description: 'Denies whatever comes.',
      enforcement: 'hard',
      level: 'hard',
      binds: true,
      applies_to: ['access'],
      controls: ['house rules'],
      remedy: 'Ask.',
      owner: 'the house',
      waivers: [],
    });
    expect(effective.parameters).toEqual([
      {
        name: 'days',
        value: 10,
        set_by: 'finance/risk',
        description: 'How long.',
        bounds: [
          { layer: 'global', schema: { type: 'integer', maximum: 90 } },
          { layer: 'finance', schema: { type: 'integer', maximum: 80 } },
        ],
      },
      {
        name: 'hours',
        value: 8,
        set_by: 'global',
        bounds: [{ layer: 'global', schema: { type: 'integer' } }],
      },
    ]);
    expect(effective.proposals.map(({ id, state }) => [id, state])).toEqual([
      ['1', 'open'],
      ['2', 'approved'],
    ]);
  });

  it('of global is its own layer alone, with the waivers of all', async () => {
    const law = lawOf(withPolicies(await loaded, { 'global.one': { enforcement: 'soft' } }));
    const waivers = [waiver({}), waiver({ id: '2', domain: 'marketing' })];
    const { chain, policies } = effectivePolicy('global', { law, waivers, proposals: [], nowMs: NOW });
    expect(chain.map(({ layer }) => layer)).toEqual(['global']);
    expect(policies.map(({ policy, waivers: all }) => [policy, all.map(({ id }) => id)])).toEqual([
      ['one', ['1', '2']],
      ['two', []],
    ]);
  });

  it('says what a layer without a bundle means', async () => {
    const law = lawOf(await loaded);
    const { chain } = effectivePolicy('marketing', { law, waivers: [], proposals: [], nowMs: NOW });
    expect(chain[1]).toMatchObject({ layer: 'marketing', without_bundle: 'deny' });
    expect(chain[1]).not.toHaveProperty('digest');
  });
});
