import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commitmentOf } from '../audit/redaction.js';
import { createBundle } from '../policy/bundle.js';
import { policiesInForce, type LayerInForce, type PoliciesInForce } from '../policy/in-force.js';
import { decide } from './decide.js';
import { createQuarantine } from './quarantine.js';
import type { Evaluation } from './request.js';
import { load, NO_SALT, testToolchain } from './testing/load-for-test.js';
import { descriptorOf, sampleRegistry } from './testing/sample-mesh.js';
import { WaiverIndex } from './waiver-index.js';
import { NO_WAIVERS, type Waiver } from './waiver.js';

const AT = '2026-06-01T00:00:00.000Z';
const NOW_MS = Date.parse(AT);

/** A bundle of policies given as their rules, bound as the manifest's entries say. */
function bundle(layer: string, policies: Record<string, [binding: object, rego: string]>, more: object = {}) {
  const named = Object.entries(policies);
  const manifest = {
    layer,
    version: '1.0.0',
    policies: Object.fromEntries(named.map(([name, [binding]]) => [name, binding])) as object,
    ...more,
  };
  const head =
    '# METADATA\n# scope: package\n# title: T\n# description: D.\n# custom:\n#   applies_to: [access, publish, consume]\n#   remedy: ask\n';
  return createBundle([
    { path: 'manifest.yaml', text: JSON.stringify(manifest) },
    ...named.map(([name, [, rego]]) => ({
      path: `policy/${name}.rego`,
      text: `${head}package mesh.${layer.replaceAll('/', '.')}.policy.${name}\n\nadvice contains {"message": "never"} if input.subject.id == "nobody"\n\n${rego}\n`,
    })),
  ]);
}

const when = (flag: string, message = flag): string =>
  `deny contains {"message": "${message}"} if input.context.${flag}`;
const HARD = { enforcement: 'hard' };
const SOFT = { enforcement: 'soft' };

describe('deciding, by compiled bundles', () => {
  const toolchain = testToolchain();
  const registry = sampleRegistry();
  const loaded = new Map<string, LayerInForce>();
  let all: PoliciesInForce;

  beforeAll(async () => {
    const delegations = { days: { default: 365, schema: { type: 'integer', minimum: 1, maximum: 730 } } };
    const layers = await load(
      toolchain,
      bundle(
        'global',
        {
          grants: [HARD, 'permit if input.kind == "access"'],
          hard: [HARD, when('hard')],
          soft: [SOFT, when('soft')],
          advisory: [{ enforcement: 'advisory' }, when('advisory')],
          shadow: [{ enforcement: 'shadow' }, when('shadow')],
          coming: [{ ...HARD, enforced_from: AT }, when('coming')],
          needs: [SOFT, 'requires contains "/context/purpose" if input.context.strict'],
          torn: [
            HARD,
            'x := 1 if input.context.torn\n\nx := 2 if input.context.torn\n\ndeny contains {"message": "x"} if x == 3',
          ],
          clock: [
            HARD,
            'deny contains {"message": "clock"} if {\n\tinput.context.clock\n\ttime.now_ns() != time.parse_rfc3339_ns(input.now)\n}',
          ],
          pairs: [
            HARD,
            'deny contains {"message": "p"} if {\n\tr := numbers.range(1, input.context.pairs)\n\tr[i] == r[j]\n\ti != j\n}',
          ],
          number: [HARD, 'deny contains {"message": "n"} if to_number(input.context.number) > 5'],
          ratio: [HARD, 'deny contains {"message": "r"} if 1 / input.context.ratio > 5'],
          moment: [HARD, 'deny contains {"message": "m"} if time.parse_rfc3339_ns(input.context.moment) > 5'],
          exact: [
            HARD,
            'deny contains {"message": sprintf("%d", [input.context.exact + 1])} if input.context.exact > 9007199254740992',
          ],
          days: [
            HARD,
            'advice contains {"message": sprintf("%d days", [input.parameters.days])} if input.context.days',
          ],
        },
        { delegations, audit: { mask: ['/context/token', '/subject/properties/phone'] } },
      ),
      bundle('finance', { own: [HARD, when('finance')] }, { parameters: { days: 30 } }),
      bundle(
        'marketing',
        { own: [HARD, when('marketing')], ours: [SOFT, when('ours')] },
        { parameters: { days: 700 } },
      ),
    );
    for (const layer of layers) loaded.set(layer.layer, layer);
    all = policiesInForce(7, layers);
  });
  afterAll(() => toolchain.close());

  const evaluation = (context: object, more: Partial<Evaluation> = {}): Evaluation => ({
    subject: { type: 'user', id: 'ada' },
    action: { name: 'read' },
    resource: { type: 'data_product', id: 'ledger' },
    ...more,
    context: context as Record<string, unknown>,
  });
  const decided = (asked: Evaluation, { policies = all, nowMs = NOW_MS, waivers = [] as Waiver[] } = {}) =>
    decide({ policies, registry, waivers: WaiverIndex.of(waivers), quarantine: createQuarantine() }, asked, {
      id: '0190a5d0-0000-7000-8000-000000000000',
      nowMs,
      caller: { id: 'test', roles: [] },
      salt: NO_SALT,
    });
  const on = (...flags: string[]) => evaluation(Object.fromEntries(flags.map((flag) => [flag, true])));
  const waiver = (policy: string, more: Partial<Waiver> = {}): Waiver => ({
    id: 'w1',
    layer: 'global',
    policy,
    domain: 'finance',
    fromMs: 0,
    toMs: NOW_MS + 1,
    ...more,
  });

  it.each<[string, string[], Waiver[], number, string, string[]]>([
    ['permits what nobody minds', [], [], 0, 'permitted', []],
    ['a hard denial', ['hard'], [], 0, 'forbidden', ['hard']],
    ['a soft denial', ['soft'], [], 0, 'forbidden', ['soft']],
    [
      'every denial is reported',
      ['hard', 'soft', 'finance'],
      [],
      0,
      'forbidden',
      ['hard', 'soft', 'finance'],
    ],
    ['an advisory denial', ['advisory'], [], 0, 'permitted', []],
    ['a shadow denial', ['shadow'], [], 0, 'permitted', []],
    ['a coming policy binds from its moment', ['coming'], [], 0, 'forbidden', ['coming']],
    ['and is advisory until then', ['coming'], [], -1, 'permitted', []],
    ['a soft policy is waived', ['soft'], [waiver('soft')], 0, 'permitted', []],
    ['a hard policy is not', ['hard'], [waiver('hard')], 0, 'forbidden', ['hard']],
    ['a waiver past its end is ignored', ['soft'], [waiver('soft')], 1, 'forbidden', ['soft']],
    [
      'a waiver of another product is ignored',
      ['soft'],
      [waiver('soft', { resources: ['exposure'] })],
      0,
      'forbidden',
      ['soft'],
    ],
    [
      'a missing input is an error',
      ['strict'],
      [],
      0,
      'policy_error',
      ['required input is missing: `/context/purpose`'],
    ],
    ['an input that is there is none', ['strict', 'purpose'], [], 0, 'permitted', []],
    ['an error of a soft policy is waived', ['strict'], [waiver('needs')], 0, 'permitted', []],
    ["the clock of a policy is the decision's", ['clock'], [], 0, 'permitted', []],
  ])('%s', (_, flags, waivers, later, code, reasons) => {
    const { decision } = decided(on(...flags), { waivers, nowMs: NOW_MS + later });
    expect(decision.code).toBe(code);
    expect(decision.reasons.map(({ message }) => message)).toEqual(reasons);
  });

  const product = (id: string, properties: Record<string, unknown> = {}) => ({
    resource: { type: 'data_product', id, properties },
  });
  const topic = (id: string, domain: string) => ({ resource: { type: 'topic', id, properties: { domain } } });
  const claiming = (domain: string) => ({ descriptor: descriptorOf('ledger', domain) });
  const by = (id: string) => ({ subject: { type: 'user', id } });
  const publish = { action: { name: 'publish' } };
  it.each<[string, Partial<Evaluation>, string, boolean]>([
    ["a domain's own product", {}, 'finance', true],
    ['a product of another domain', {}, 'marketing', false],
    ['a product of the domain around it', {}, 'finance/risk', false],
    ['a product of a domain within it', product('exposure'), 'finance', false],
    [
      'its own product that someone claims for another',
      product('ledger', claiming('marketing')),
      'finance',
      true,
    ],
    ["another's product that it claims", product('ledger', claiming('marketing')), 'marketing', false],
    [
      "another's product that it takes over",
      { ...publish, ...product('ledger', claiming('marketing')) },
      'marketing',
      false,
    ],
    [
      'its own product on the way to another',
      { ...publish, ...product('ledger', claiming('marketing')) },
      'finance',
      false,
    ],
    ['its own product, again', { ...publish, ...product('ledger', claiming('finance')) }, 'finance', true],
    ["another's topic that it claims", topic('orders', 'marketing'), 'marketing', false],
    ['its own topic, whatever is claimed', topic('orders', 'marketing'), 'finance', true],
    ['a topic that nobody registered, of its own', topic('t', 'marketing'), 'marketing', true],
    ['a topic that nobody registered, of another', topic('t', 'marketing'), 'finance', false],
    ['what belongs to nobody', { resource: { type: 'topic', id: 't' } }, 'finance', false],
    ["another's product that its own people read", by('bob'), 'marketing', false],
  ])('of a policy of `global`, whose waiver counts: %s', (_, more, domain, lifted) => {
    const asked = evaluation({ soft: true }, more);
    const { findings } = decided(asked, { waivers: [waiver('soft', { domain })] }).decision;
    const [soft] = findings.filter(({ policy }) => policy === 'soft');
    expect([soft?.outcome, soft?.waiver]).toEqual(['deny', lifted ? 'w1' : undefined]);
  });

  it.each<[string, Partial<Evaluation>, string, boolean]>([
    ['what it denies itself to consume', by('bob'), 'marketing', true],
    ['what another domain denies itself to consume', by('bob'), 'finance', false],
    ['what it denies others of its own', product('campaigns'), 'marketing', true],
    ['what another domain denies it', product('campaigns'), 'finance', false],
  ])('of a policy of `marketing`, whose waiver counts: %s', (_, more, domain, lifted) => {
    const asked = evaluation({ ours: true }, more);
    const waivers = [waiver('ours', { domain, layer: 'marketing' })];
    const { code } = decided(asked, { waivers }).decision;
    expect(code).toBe(lifted ? 'permitted' : 'forbidden');
  });

  it('finds the one policy that threw, and still hears the others', () => {
    const { code, reasons } = decided(on('torn', 'hard')).decision;
    expect(code).toBe('policy_error');
    expect(reasons.map(({ policy }) => policy)).toEqual(['hard', 'torn']);
    expect(decided(on()).decision.code).toBe('permitted');
  });

  it.each([
    ['number', 'a'],
    ['ratio', 0],
    ['moment', 'now'],
  ])('a built-in that fails inside a binding policy is an error: %s', (name, value) => {
    expect(decided(evaluation({ [name]: value })).decision.code).toBe('policy_error');
  });

  it('numbers beyond 2^53 reach the policies as they are', () => {
    const reasons = (exact: bigint) => decided(evaluation({ exact })).decision.reasons;
    expect(reasons(9007199254740993n)).toMatchObject([{ policy: 'exact', message: '9007199254740994' }]);
    expect(reasons(9007199254740992n)).toEqual([]);
  });

  it('a policy that takes too much goes into quarantine alone, is asked again later, and waits longer each time', () => {
    const quarantine = createQuarantine();
    const asked = (minutes: number, pairs: number) => {
      const nowMs = NOW_MS + minutes * 60_000;
      const { decision } = decide(
        { policies: all, registry, waivers: NO_WAIVERS, quarantine },
        evaluation({ pairs, hard: true }),
        {
          id: '0190a5d0-0000-7000-8000-000000000000',
          nowMs,
          caller: { id: 'test', roles: [] },
          salt: NO_SALT,
        },
      );
      return decision.reasons.map(({ policy, message }) => [policy, message.replace(/ until .*/, '')]);
    };
    const others = ['hard', 'hard'];
    expect(asked(0, 3)).toEqual([others]);
    expect(asked(0, 50_000)).toEqual([others, ['pairs', expect.stringMatching(/^the evaluation took more/)]]);
    expect(quarantine.takeNew()).toMatchObject([
      { layer: 'global', policy: 'pairs', untilMs: NOW_MS + 60_000 },
    ]);
    expect(quarantine.takeNew()).toEqual([]);
    expect(asked(0.9, 3)).toEqual([others, ['pairs', 'the policy is in quarantine']]);
    expect(asked(1, 3)).toEqual([others]);
    expect(asked(2, 50_000)).toEqual([others, ['pairs', expect.stringMatching(/^the evaluation took more/)]]);
    expect(asked(3.9, 3)).toEqual([others, ['pairs', 'the policy is in quarantine']]);
    expect(asked(4, 3)).toEqual([others]);
    expect(quarantine.list(NOW_MS + 3 * 60_000)).toHaveLength(1);
  });

  it('answers `policy_error` for a layer without a bundle, unless the mesh says otherwise', () => {
    const asked = evaluation({}, { resource: { type: 'data_product', id: 'exposure' } });
    expect(decided(asked).decision).toMatchObject({
      code: 'policy_error',
      reasons: [{ layer: 'finance/risk', message: 'the layer `finance/risk` has no bundle in force' }],
    });
    const policies: PoliciesInForce = { ...all, layersWithoutBundle: 'abstain' };
    expect(decided(asked, { policies }).decision.code).toBe('permitted');
    expect(decided(asked, { policies }).entry.record).toMatchObject({
      layers: [{ layer: 'global' }, { layer: 'finance' }, { layer: 'finance/risk' }, { layer: 'finance' }],
    });
  });

  it('answers `policy_error` for a bundle that did not load', () => {
    const { layer, digest, manifest, policies: own, byKind } = loaded.get('finance')!;
    const broken = { layer, digest, manifest, policies: own, byKind };
    const policies = policiesInForce(1, [loaded.get('global')!, { ...broken, fault: 'it is broken' }]);
    expect(decided(on(), { policies }).decision).toMatchObject({
      code: 'policy_error',
      reasons: [{ layer: 'finance', message: 'it is broken' }],
    });
  });

  it('answers `policy_error` for domains and products that are not registered', () => {
    const unknown = evaluation({}, { resource: { type: 'data_product', id: 'none' } });
    expect(decided(unknown).decision.code).toBe('policy_error');
    const stranger = evaluation(
      {},
      { subject: { type: 'user', id: 'eve', properties: { domain: 'nowhere' } } },
    );
    expect(decided(stranger).decision.code).toBe('policy_error');
  });

  it("asks the consumer's domain, and no other", () => {
    const bob = { subject: { type: 'user', id: 'bob' } };
    expect(decided(evaluation({ marketing: true }, bob)).decision).toMatchObject({
      code: 'forbidden',
      reasons: [{ layer: 'marketing', message: 'marketing' }],
    });
    expect(decided(on('marketing')).decision.code).toBe('permitted');
  });

  const daysOf = (asked: Evaluation) => decided(asked).decision.advice.map(({ message }) => message);
  const claimed = (domain: string, action: string) =>
    evaluation(
      { days: true },
      {
        action: { name: action },
        resource: {
          type: 'data_product',
          id: 'ledger',
          properties: { descriptor: descriptorOf('ledger', domain) },
        },
      },
    );

  it('resolves parameters for the owning domain', () => {
    expect(daysOf(on('days'))).toEqual(['30 days']);
    expect(daysOf(evaluation({ days: true }, { resource: { type: 'topic', id: 'x' } }))).toEqual([
      '365 days',
    ]);
  });

  it('claiming another domain does not bring its parameters along', () => {
    expect(daysOf(claimed('marketing', 'read'))).toEqual(['30 days']);
    // On publish the product is described as the other domain's, so that one's hold.
    expect(daysOf(claimed('marketing', 'publish'))).toEqual(['700 days']);
  });

  it('masks the evaluation in the record, not for the policies', () => {
    const subject = { type: 'user', id: 'ada', properties: { phone: '1', desk: '2' } };
    const { record, documents } = decided(evaluation({ token: 't', days: true }, { subject })).entry;
    expect(record).toMatchObject({
      revision: 7,
      time: AT,
      domain: 'finance',
      masked: ['/context/token', '/subject/properties/phone'],
      evaluation: {
        context: { token: { masked: commitmentOf(NO_SALT(), '"t"') }, days: true },
        subject: { properties: { phone: { masked: commitmentOf(NO_SALT(), '"1"') }, desk: '2' } },
      },
    });
    expect([...(documents?.keys() ?? [])]).toEqual([registry.product('ledger')?.digest]);
  });
});
