import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { judge } from '../decision/judge.js';
import type { Evaluation } from '../decision/request.js';
import { gather } from '../decision/subject-matter.js';
import {
  ACTIONS,
  ENFORCED_FROM,
  FLAGS,
  generatedBundle,
  policiesArbitrary,
  SUBJECTS,
  type GeneratedPolicy,
} from '../decision/testing/generated-bundle.js';
import { load, testToolchain } from '../decision/testing/load-for-test.js';
import { sampleRegistry } from '../decision/testing/sample-mesh.js';
import { WaiverIndex } from '../decision/waiver-index.js';
import type { Waiver } from '../decision/waiver.js';
import { createBundle, type Bundle } from '../policy/bundle.js';
import { policiesInForce, type LayerInForce } from '../policy/in-force.js';
import { judgingTwice, NOBODY_HELD } from './judge-twice.js';
import type { ComparedPolicies } from './portable-policies.js';
import { samePolicies } from './same-policies.js';

const SEED = 20_260_701;
const NOW_MS = Date.parse(ENFORCED_FROM) - 1;
const WORLDS = 4;

const registry = sampleRegistry();
const toolchain = testToolchain();
afterAll(() => toolchain.close());

/** Requests of which many agree in what some policies read, and differ in what others do. */
const evaluationArbitrary: fc.Arbitrary<Evaluation> = fc
  .record({
    subject: fc.constantFrom(...SUBJECTS),
    claims: fc.constantFrom(undefined, 'finance', 'marketing', 'nowhere'),
    action: fc.constantFrom(...ACTIONS),
    product: fc.constantFrom('ledger', 'exposure', 'campaigns', 'unknown'),
    context: fc.record(Object.fromEntries(FLAGS.map((flag) => [flag, fc.boolean()])), { requiredKeys: [] }),
  })
  .map(({ subject, claims, action, product, context }) => ({
    subject: { type: 'user', id: subject, ...(claims !== undefined && { properties: { domain: claims } }) },
    action: { name: action },
    resource: { type: 'data_product', id: product },
    context,
  }));

const waiverArbitrary: fc.Arbitrary<Waiver> = fc
  .record({
    id: fc.constantFrom('w1', 'w2'),
    layer: fc.constantFrom('global', 'finance'),
    policy: fc.constantFrom('p0', 'p1', 'p2'),
    domain: fc.constantFrom('finance', 'marketing'),
    subjects: fc.option(fc.subarray([...SUBJECTS]), { nil: undefined }),
  })
  .map(({ subjects, ...rest }) => ({
    ...rest,
    ...{ fromMs: 0, toMs: NOW_MS + 1 },
    ...(subjects !== undefined && { subjects }),
  }));

/** Some policies as they are, some others, one that binds in another way, and one more. */
function changed(
  policies: readonly GeneratedPolicy[],
  others: readonly GeneratedPolicy[],
): readonly GeneratedPolicy[] {
  const kept = policies.map((policy, at) => (at === 1 ? (others[1] ?? policy) : policy));
  const [first, ...rest] = kept;
  return [{ ...first!, enforcement: first!.enforcement === 'hard' ? 'soft' : 'hard' }, ...rest, others[0]!];
}

async function comparedOf(
  before: Bundle,
  after: Bundle,
  shared: readonly LayerInForce[],
): Promise<ComparedPolicies> {
  const [current] = await load(toolchain, before);
  const [proposed] = await load(toolchain, after);
  return {
    replaced: new Set([after.layer]),
    same: new Map([[after.layer, samePolicies(before, after)]]),
    current: policiesInForce(1, [...shared, current!]),
    proposed: policiesInForce(2, [...shared, proposed!]),
  };
}

/**
 * What the quick way says, and what `judge` says by each law.
 *
 * @param before what is asked first, again and again until so many were
 */
function bothWays(
  compared: ComparedPolicies,
  evaluations: readonly Evaluation[],
  {
    waivers = WaiverIndex.of([]),
    before = { evaluations: [], asked: 0 },
  }: {
    readonly waivers?: WaiverIndex;
    readonly before?: { readonly evaluations: readonly Evaluation[]; readonly asked: number };
  } = {},
): readonly [quick: unknown, plain: unknown] {
  const judgeTwice = judgingTwice(compared, { nowMs: NOW_MS, waivers });
  for (let asked = 0; asked < before.asked; asked += before.evaluations.length) {
    for (const evaluation of before.evaluations) judgeTwice(evaluation, gather(evaluation, registry));
  }
  const matters = evaluations.map((evaluation) => gather(evaluation, registry));
  const by = (policies: ComparedPolicies['current'], at: number) =>
    judge(evaluations[at]!, matters[at]!, { policies, nowMs: NOW_MS, waivers, quarantine: () => NOBODY_HELD })
      .decision;
  return [
    evaluations.map((evaluation, at) => judgeTwice(evaluation, matters[at]!)),
    evaluations.map((_, at) => ({ was: by(compared.current, at), wouldBe: by(compared.proposed, at) })),
  ];
}

describe('judging by two laws', () => {
  const worlds: ComparedPolicies[] = [];
  beforeAll(async () => {
    const samples = fc.sample(policiesArbitrary, { seed: SEED, numRuns: 4 * WORLDS });
    for (let world = 0; world < WORLDS; world += 1) {
      const [one, other, ofFinance, ofMarketing] = samples.slice(4 * world);
      const layer = world === WORLDS - 1 ? 'finance' : 'global';
      const beside = layer === 'global' ? 'finance' : 'global';
      const shared = [
        ...(await load(toolchain, generatedBundle(beside, ofFinance!))),
        // One domain has no bundle in some worlds.
        ...(world === 1 ? [] : await load(toolchain, generatedBundle('marketing', ofMarketing!))),
      ];
      const after = generatedBundle(layer, changed(one!, other!));
      worlds.push(await comparedOf(generatedBundle(layer, one!), after, shared));
    }
  }, 300_000);

  it('says what evaluating everything by each of them says, whatever was asked before', () => {
    fc.assert(
      fc.property(
        fc.nat(WORLDS - 1),
        fc.array(evaluationArbitrary, { minLength: 20, maxLength: 60 }),
        fc.array(waiverArbitrary, { maxLength: 3 }),
        (world, evaluations, waivers) => {
          const [quick, plain] = bothWays(worlds[world]!, evaluations, {
            waivers: WaiverIndex.of(waivers),
          });
          expect(quick).toEqual(plain);
        },
      ),
      { seed: SEED, numRuns: 30 },
    );
  });

  it('says the same once it is known which policies are asked the same again and again', () => {
    const evaluationsArbitrary = fc.array(evaluationArbitrary, { minLength: 10, maxLength: 60 });
    fc.assert(
      fc.property(
        fc.nat(WORLDS - 1),
        evaluationsArbitrary,
        evaluationsArbitrary,
        fc.array(waiverArbitrary, { maxLength: 3 }),
        (world, before, evaluations, waivers) => {
          // Some more than after which it is known, of each layer and kind.
          const [quick, plain] = bothWays(worlds[world]!, [...evaluations, ...before, ...evaluations], {
            waivers: WaiverIndex.of(waivers),
            before: { evaluations: before, asked: 6_000 },
          });
          expect(quick).toEqual(plain);
        },
      ),
      { seed: SEED, numRuns: 20 },
    );
  }, 120_000);

  it('evaluates again a policy that builds on one that changes', async () => {
    const policy = (name: string, rules: string) => ({
      path: `policy/${name}.rego`,
      text: `# METADATA\n# title: ${name}\n# description: Made for a test.\n# scope: package\n# custom:\n#   applies_to: [access]\npackage mesh.global.policy.${name}\n\n${rules}\n`,
    });
    const bundle = (limit: string) =>
      createBundle([
        {
          path: 'manifest.yaml',
          text: 'layer: global\nversion: 1.0.0\nlayers_without_bundle: abstain\npolicies: { base: { enforcement: hard }, built: { enforcement: hard }, lone: { enforcement: hard } }\n',
        },
        policy('base', `permit if input.context.n < ${limit}`),
        policy(
          'built',
          'deny contains {"message": "not permitted"} if not data.mesh.global.policy.base.permit',
        ),
        policy('lone', 'deny contains {"message": "too much"} if input.context.n > 100'),
      ]);
    const [before, after] = [bundle('5'), bundle('9')];
    expect(samePolicies(before, after)).toEqual(new Set(['lone']));
    const compared = await comparedOf(before, after, []);
    const evaluations = [1, 7, 7, 20, 200].map((n) => ({
      subject: { type: 'user', id: 'ada' },
      action: { name: 'read' },
      resource: { type: 'topic', id: 'orders' },
      context: { n },
    }));
    const [quick, plain] = bothWays(compared, evaluations);
    expect(quick).toEqual(plain);
  }, 120_000);
});

describe('policies that are the same', () => {
  const before = generatedBundle('global', [
    { enforcement: 'hard', rules: [{ says: 'permit', if: {} }] },
    { enforcement: 'hard', rules: [{ says: 'deny', if: { subject: 'eve' } }] },
  ]);
  const edited = (path: string, edit: (text: string) => string, ...more: Bundle['files']) =>
    createBundle([
      ...before.files.map((file) => (file.path === path ? { path, text: edit(file.text) } : file)),
      ...more,
    ]);

  it('are those with the same text and enforcement', () => {
    expect(samePolicies(before, before)).toEqual(new Set(['p0', 'p1']));
    expect(samePolicies(undefined, before)).toEqual(new Set());
    expect(
      samePolicies(
        before,
        edited('policy/p0.rego', (text) => `${text}\n`),
      ),
    ).toEqual(new Set(['p1']));
    const softer = edited('manifest.yaml', (text) => text.replace('hard', 'soft'));
    expect(samePolicies(before, softer)).toEqual(new Set(['p1']));
  });

  it('are none where what they may build on differs', () => {
    const library = { path: 'lib/more.rego', text: 'package mesh.global.lib.more\n\nx := 1\n' };
    expect(
      samePolicies(
        before,
        edited('', (text) => text, library),
      ),
    ).toEqual(new Set());
  });

  it.each([
    ['a reference', 'x := data.mesh.global.policy.p0.permit'],
    ['an escaped name', 'x := data.mesh.global["pol\\u0069cy"].p0.permit'],
    ['a line that only looks like a comment', 'x := `\n# ` == "" ; y := data.mesh.global.policy.p0.permit'],
  ])('are none that may read others: %s', (_, line) => {
    const reading = (bundle: Bundle) =>
      createBundle(
        bundle.files.map((file) =>
          file.path === 'policy/p1.rego' ? { ...file, text: `${file.text}\n${line}\n` } : file,
        ),
      );
    expect(samePolicies(reading(before), reading(before))).toEqual(new Set(['p0']));
  });
});
