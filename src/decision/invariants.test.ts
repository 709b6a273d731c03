import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canonicalJson } from '../document/json.js';
import { policiesInForce, type LayerInForce } from '../policy/in-force.js';
import { combine, type Question } from './combine.js';
import { decide } from './decide.js';
import { createQuarantine } from './quarantine.js';
import type { Decision, Finding } from './decision.js';
import type { Evaluation } from './request.js';
import { findingAt, findingsArbitrary } from './testing/finding-arbitrary.js';
import {
  ACTIONS,
  deniesEverything,
  ENFORCED_FROM,
  FLAGS,
  generatedBundle,
  type GeneratedPolicy,
  permitsEverything,
  policiesArbitrary,
  SUBJECTS,
} from './testing/generated-bundle.js';
import { load, NO_SALT, testToolchain } from './testing/load-for-test.js';
import { sampleRegistry } from './testing/sample-mesh.js';
import { WaiverIndex } from './waiver-index.js';
import type { Waiver } from './waiver.js';

/** The invariants of how policies combine, over findings and over compiled bundles. */
const SEED = 20_260_601;
const ACCESS: Question = {
  kind: 'access',
  action: 'read',
  grantingLayers: ['global', 'finance', 'finance/risk'],
};

const bound = ({ binding, waiver }: Finding): boolean => binding && waiver === undefined;
const elsewhere = (layer: string) => ({ kind: 'access' as const, layer, policy: 'added' });
const asSet = (items: readonly unknown[]): readonly string[] => items.map(canonicalJson).sort();

describe('invariants over findings', () => {
  const holds = (property: fc.IProperty<never> | fc.IProperty<unknown>): void => {
    fc.assert(property as fc.IProperty<unknown>, { seed: SEED, numRuns: 500 });
  };

  it('1. what `global` denies stays denied, whatever a domain finds', () => {
    holds(
      fc.property(findingsArbitrary, (findings) => {
        const ofGlobal = findings.filter(({ layer }) => layer === 'global');
        const refused = ofGlobal.some((f) => bound(f) && (f.outcome === 'deny' || f.outcome === 'error'));
        if (refused) expect(combine(findings, ACCESS).decision).toBe(false);
      }),
    );
  });

  it('2. a policy that denies never turns deny into permit', () => {
    holds(
      fc.property(
        findingsArbitrary,
        findingAt(elsewhere('finance'), fc.constant('deny' as const)),
        (findings, added) => {
          if (combine(findings, ACCESS).decision) return;
          expect(combine([...findings, added], ACCESS).decision).toBe(false);
        },
      ),
    );
  });

  it('2. a policy that only permits never turns permit into deny', () => {
    holds(
      fc.property(
        findingsArbitrary,
        findingAt(elsewhere('finance'), fc.constant('permit' as const)),
        (findings, added) => {
          if (!combine(findings, ACCESS).decision) return;
          expect(combine([...findings, added], ACCESS).decision).toBe(true);
        },
      ),
    );
  });

  it('3. and 5. the order of findings never matters: decisions are byte-equal', () => {
    holds(
      fc.property(
        findingsArbitrary.chain((findings) =>
          fc.tuple(fc.constant(findings), fc.shuffledSubarray([...findings], { minLength: findings.length })),
        ),
        ([findings, shuffled]) => {
          expect(JSON.stringify(combine(shuffled, ACCESS))).toBe(JSON.stringify(combine(findings, ACCESS)));
        },
      ),
    );
  });

  it('4. a binding policy in error never yields permit', () => {
    holds(
      fc.property(findingsArbitrary, (findings) => {
        if (!findings.some((f) => bound(f) && f.outcome === 'error')) return;
        const { decision, code } = combine(findings, ACCESS);
        expect({ decision, code }).toEqual({ decision: false, code: 'policy_error' });
      }),
    );
  });

  it('nothing that does not bind changes the answer', () => {
    holds(
      fc.property(findingsArbitrary, (findings) => {
        const binding = findings.filter(({ binding }) => binding);
        const { decision, code, obligations, reasons } = combine(findings, ACCESS);
        const alone = combine(binding, ACCESS);
        expect({ decision, code, obligations, reasons }).toEqual({
          decision: alone.decision,
          code: alone.code,
          obligations: alone.obligations,
          reasons: alone.reasons,
        });
      }),
    );
  });
});

interface Variants {
  readonly plain: LayerInForce;
}

interface MoreVariants extends Variants {
  /** With a policy more that denies everything, and one that only permits everything. */
  readonly denying: LayerInForce;
  readonly permitting: LayerInForce;
  /** The same policies, named in the opposite order. */
  readonly renamed: LayerInForce;
}

const FAMILIES: Readonly<Record<string, number>> = { global: 3, finance: 2, 'finance/risk': 1, marketing: 1 };

describe('invariants over compiled bundles', () => {
  const toolchain = testToolchain();
  const family = new Map<string, readonly [MoreVariants, ...Variants[]]>();
  const permissive = new Map<string, LayerInForce>();
  const registry = sampleRegistry();

  beforeAll(async () => {
    let seed = SEED;
    for (const [layer, count] of Object.entries(FAMILIES)) {
      const one = async (...args: [readonly GeneratedPolicy[], ((index: number) => string)?]) =>
        (await load(toolchain, generatedBundle(layer, ...args)))[0]!;
      const [first, ...others] = fc.sample(policiesArbitrary, { seed: seed++, numRuns: count });
      const variants: [MoreVariants, ...Variants[]] = [
        {
          plain: await one(first!),
          denying: await one([...first!, deniesEverything]),
          permitting: await one([...first!, permitsEverything]),
          renamed: await one(first!, (index) => `p${first!.length - index}`),
        },
      ];
      for (const policies of others) variants.push({ plain: await one(policies) });
      family.set(layer, variants);
      if (layer === 'global') continue;
      permissive.set(layer, (await load(toolchain, generatedBundle(layer, [permitsEverything])))[0]!);
    }
  });
  afterAll(() => toolchain.close());

  const FROM_MS = Date.parse(ENFORCED_FROM);
  const DOMAINS = Object.keys(FAMILIES).filter((layer) => layer !== 'global');

  const evaluation: fc.Arbitrary<Evaluation> = fc
    .record({
      subject: fc.constantFrom(...SUBJECTS),
      claims: fc.constantFrom(undefined, 'finance', 'marketing'),
      action: fc.constantFrom(...ACTIONS),
      product: fc.constantFrom('ledger', 'exposure', 'campaigns'),
      context: fc.record(Object.fromEntries(FLAGS.map((flag) => [flag, fc.boolean()])), { requiredKeys: [] }),
    })
    .map(({ subject, claims, action, product, context }) => ({
      subject: { type: 'user', id: subject, ...(claims !== undefined && { properties: { domain: claims } }) },
      action: { name: action },
      resource: { type: 'data_product', id: product },
      context,
    }));

  const waiver: fc.Arbitrary<Waiver> = fc
    .record({
      id: fc.constantFrom('w1', 'w2'),
      layer: fc.constantFrom(...Object.keys(FAMILIES)),
      policy: fc.constantFrom('p0', 'p1', 'p2'),
      domain: fc.constantFrom(...DOMAINS),
      subjects: fc.option(fc.subarray([...SUBJECTS]), { nil: undefined }),
      toMs: fc.constantFrom(FROM_MS - 10, FROM_MS + 10),
    })
    .map(({ subjects, ...rest }) => ({ ...rest, fromMs: 0, ...(subjects !== undefined && { subjects }) }));

  /** One world: a bundle for `global`, and one or none for each domain; a moment; waivers; and a request. */
  const world = fc.record({
    pick: fc.record(
      Object.fromEntries(
        Object.entries(FAMILIES).map(([layer, count]) => [
          layer,
          layer === 'global' ? fc.nat(count - 1) : fc.option(fc.nat(count - 1), { nil: undefined, freq: 3 }),
        ]),
      ),
    ),
    evaluation,
    nowMs: fc.constantFrom(FROM_MS - 1, FROM_MS),
    waivers: fc.array(waiver, { maxLength: 3 }),
    silent: fc.boolean(),
  });
  type World = typeof world extends fc.Arbitrary<infer T> ? T : never;

  const layersOf = ({ pick }: World): Map<string, LayerInForce> =>
    new Map(
      Object.entries(pick).flatMap(([layer, index]) =>
        index === undefined ? [] : [[layer, family.get(layer)![index]!.plain] as const],
      ),
    );
  /** The same world with the layer's first bundle, of which there are variants. */
  const withFirst = (at: World, layer: string): World => ({ ...at, pick: { ...at.pick, [layer]: 0 } });
  const variantsOf = (layer: string): MoreVariants => family.get(layer)![0];

  const decidedIn = ({ evaluation, nowMs, waivers, silent }: World, layers: Iterable<LayerInForce>) => {
    const policies = policiesInForce(1, layers);
    return decide(
      {
        policies: silent ? { ...policies, layersWithoutBundle: 'abstain' } : policies,
        registry,
        waivers: WaiverIndex.of(waivers),
        quarantine: createQuarantine(),
      },
      evaluation,
      { id: '0190a5d0-0000-7000-8000-000000000000', nowMs, caller: { id: 'test', roles: [] }, salt: NO_SALT },
    );
  };
  const decisionIn = (at: World, layers: Map<string, LayerInForce>): Decision =>
    decidedIn(at, layers.values()).decision;
  const holds = (property: fc.IProperty<[World]> | fc.IProperty<[World, string]>): void => {
    fc.assert(property as fc.IProperty<unknown>, { seed: SEED, numRuns: 120 });
  };

  it('answers yes and no often enough for the invariants to mean something', () => {
    const codes = fc
      .sample(world, { seed: SEED, numRuns: 150 })
      .map((at) => decisionIn(at, layersOf(at)).code);
    for (const code of ['permitted', 'forbidden', 'not_permitted', 'policy_error']) {
      expect(codes.filter((given) => given === code).length, code).toBeGreaterThan(5);
    }
  });

  it('1. what `global` denies stays denied, whatever bundles the domains have', () => {
    holds(
      fc.property(world, (at) => {
        const layers = layersOf(at);
        const alone = decisionIn({ ...at, silent: true }, new Map([['global', layers.get('global')!]]));
        if (!['forbidden', 'policy_error'].includes(alone.code)) return;
        expect(decisionIn(at, layers).decision).toBe(false);
      }),
    );
  });

  it('1. a domain bundle that permits everything changes nothing that `global` denied', () => {
    holds(
      fc.property(world, fc.constantFrom(...DOMAINS), (at, domain) => {
        const layers = layersOf(at);
        const deniedByGlobal = decisionIn(at, layers).reasons.some(
          ({ layer, policy }) => layer === 'global' && policy !== undefined,
        );
        if (!deniedByGlobal) return;
        const decision = decisionIn(at, new Map([...layers, [domain, permissive.get(domain)!]]));
        expect(decision.decision).toBe(false);
        expect(decision.reasons.some(({ layer }) => layer === 'global')).toBe(true);
      }),
    );
  });

  it('2. adding a policy that denies never turns deny into permit', () => {
    holds(
      fc.property(world, fc.constantFrom(...Object.keys(FAMILIES)), (any, layer) => {
        const at = withFirst(any, layer);
        const added = variantsOf(layer).denying;
        const layers = layersOf(at);
        if (decisionIn(at, layers).decision) return;
        expect(decisionIn(at, new Map([...layers, [layer, added]])).decision).toBe(false);
      }),
    );
  });

  it('2. adding a policy that only permits never turns permit into deny, nor lifts a denial', () => {
    holds(
      fc.property(world, fc.constantFrom(...Object.keys(FAMILIES)), (any, layer) => {
        const at = withFirst(any, layer);
        const added = variantsOf(layer).permitting;
        const layers = layersOf(at);
        const before = decisionIn(at, layers);
        const after = decisionIn(at, new Map([...layers, [layer, added]]));
        if (before.decision) expect(after.decision).toBe(true);
        if (before.code !== 'not_permitted') expect(after.code).toBe(before.code);
      }),
    );
  });

  it('3. the order of layers and the names of policies never matter', () => {
    holds(
      fc.property(world, fc.constantFrom(...Object.keys(FAMILIES)), (any, layer) => {
        const at = withFirst(any, layer);
        const layers = layersOf(at);
        const plain = decisionIn(at, layers);
        const backwards = new Map([...layers].reverse());
        expect(JSON.stringify(decisionIn(at, backwards))).toBe(JSON.stringify(plain));
        // Waivers name policies, so a renaming is compared without them.
        const bare = { ...at, waivers: [] };
        const { renamed } = variantsOf(layer);
        const before = decisionIn(bare, layers);
        const after = decisionIn(bare, new Map([...layers, [layer, renamed]]));
        const nameless = ({ reasons }: Decision) =>
          asSet(reasons.map(({ policy: _, ...rest }) => nameFree(rest)));
        expect({ decision: after.decision, code: after.code }).toEqual({
          decision: before.decision,
          code: before.code,
        });
        expect(after.obligations).toEqual(before.obligations);
        expect(nameless(after)).toEqual(nameless(before));
      }),
    );
  });

  it('4. a binding policy in error never yields permit', () => {
    holds(
      fc.property(world, (at) => {
        const { decision, code, findings } = decisionIn(at, layersOf(at));
        if (!findings.some((finding) => bound(finding) && finding.outcome === 'error')) return;
        expect({ decision, code }).toEqual({ decision: false, code: 'policy_error' });
      }),
    );
  });

  it('5. the same evaluation, bundles and moment give byte-equal decisions and records', () => {
    holds(
      fc.property(world, (at) => {
        const once = decidedIn(at, layersOf(at).values());
        const again = decidedIn(structuredClone(at), layersOf(at).values());
        expect(JSON.stringify(again.decision)).toBe(JSON.stringify(once.decision));
        expect(canonicalJson(again.entry.record)).toBe(canonicalJson(once.entry.record));
      }),
    );
  });

  it('6. a waiver lifts what is refused to its own domain, and nothing of another', () => {
    const lifted = { own: 0, consumed: 0 };
    const owners = new Map([...registry.products()].map(({ id, domain }) => [id, domain]));
    const policies = ['p0', 'p1', 'p2', 'p3'];
    fc.assert(
      fc.property(world, fc.subarray(DOMAINS), (at, holders) => {
        // Whoever holds one holds one for every policy of every layer, also of those it does not lie under.
        const waivers = holders.flatMap((domain) =>
          Object.keys(FAMILIES).flatMap((layer) =>
            policies.map((policy) => ({ id: domain, domain, layer, policy, fromMs: 0, toMs: FROM_MS + 10 })),
          ),
        );
        const { entry, decision } = decidedIn({ ...at, waivers }, layersOf(at).values());
        for (const { waiver: holder, kind, enforcement, outcome, policy } of decision.findings) {
          const concerned =
            kind === 'consume' ? entry.record.consumer_domain : owners.get(at.evaluation.resource.id);
          const waivable = enforcement === 'soft' && (outcome === 'deny' || outcome === 'error');
          const expected =
            waivable && policy !== undefined ? holders.find((each) => each === concerned) : undefined;
          expect(holder).toBe(expected);
          if (holder !== undefined) lifted[kind === 'consume' ? 'consumed' : 'own']++;
        }
      }),
      { seed: SEED, numRuns: 300 },
    );
    // The property says something: both sides were waived now and then.
    expect(Math.min(lifted.own, lifted.consumed)).toBeGreaterThan(5);
  });
});

/** Without what a renaming changes in the text of OPA's own errors. */
function nameFree<T extends { readonly message: string }>(reason: T): T {
  return {
    ...reason,
    message: reason.message.replace(/.*conflict.*/s, 'conflict').replace(/policy[/.]p\d.*/s, ''),
  };
}
