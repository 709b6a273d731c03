import fc from 'fast-check';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KeptValue } from '../audit/masked-values.js';
import type { DecisionRecord } from '../audit/record.js';
import { replaceAt, writeJson } from '../document/json.js';
import { createBundle } from '../policy/bundle.js';
import { policiesInForce, type PoliciesInForce } from '../policy/in-force.js';
import { decide, type Decided } from './decide.js';
import { createQuarantine, type Quarantine } from './quarantine.js';
import { recordedDecision } from './recorded-decision.js';
import { replay, type NotReplayable, type Replayed } from './replay.js';
import type { Evaluation } from './request.js';
import { load, testToolchain } from './testing/load-for-test.js';
import { descriptorOf, sampleRegistry } from './testing/sample-mesh.js';
import { WaiverIndex } from './waiver-index.js';
import { NO_WAIVERS, type Waivers } from './waiver.js';

const NOW_MS = Date.parse('2026-06-01T00:00:00.000Z');
const HARD = { enforcement: 'hard' };
const SOFT = { enforcement: 'soft' };

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

const pairs = (value: string): string =>
  `deny contains {"message": "p"} if {\n\tr := numbers.range(1, ${value})\n\tr[i] == r[j]\n\ti != j\n}`;

const GLOBAL = bundle(
  'global',
  {
    grants: [HARD, 'permit if input.kind == "access"'],
    soft: [SOFT, 'deny contains {"message": "soft"} if input.context.soft'],
    clock: [SOFT, 'advice contains {"message": sprintf("%d", [time.now_ns()])} if input.context.clock'],
    torn: [
      HARD,
      'x := 1 if input.context.torn\n\nx := 2 if input.context.torn\n\ndeny contains {"message": "x"} if x == 3',
    ],
    pairs: [HARD, pairs('input.context.pairs')],
    days: [
      HARD,
      'advice contains {"message": sprintf("%d days", [input.parameters.days])} if input.context.days',
    ],
    before: [HARD, 'advice contains {"message": input.previous.product.status} if input.context.before'],
    exact: [
      HARD,
      'deny contains {"message": sprintf("%d", [input.context.exact])} if input.context.exact > 5',
    ],
    tells: [
      SOFT,
      [
        'deny contains {"message": sprintf("of %v", [input.subject.properties]), "code": input.subject.properties.phone} if input.context.tells',
        'obligations contains {"type": "tell", "properties": {input.subject.properties.phone: [input.subject.properties.name]}}',
        'advice contains {"message": concat(" ", ["call", input.subject.properties.phone, "now"])}',
      ].join('\n\n'),
    ],
  },
  {
    delegations: { days: { default: 365, schema: { type: 'integer', minimum: 1, maximum: 730 } } },
    audit: { mask: ['/subject/properties'] },
  },
);
const FINANCE = bundle(
  'finance',
  {
    own: [HARD, pairs('input.context.more')],
    both: [SOFT, 'deny contains {"message": "both"} if input.context.both'],
  },
  { parameters: { days: 30 } },
);
const MARKETING = bundle(
  'marketing',
  { own: [HARD, 'deny contains {"message": "no"} if input.context.marketing'] },
  { parameters: { days: 7 } },
);

describe('replaying a record', () => {
  const toolchain = testToolchain();
  const registry = sampleRegistry();
  let policies: PoliciesInForce;

  beforeAll(async () => {
    policies = policiesInForce(7, await load(toolchain, GLOBAL, FINANCE, MARKETING));
  });
  afterAll(() => toolchain.close());

  const evaluation = (context: object = {}, more: Partial<Evaluation> = {}): Evaluation => ({
    subject: { type: 'user', id: 'ada' },
    action: { name: 'read' },
    resource: { type: 'data_product', id: 'ledger' },
    ...more,
    context: context as Record<string, unknown>,
  });
  const decided = (
    asked: Evaluation,
    {
      by = policies,
      waivers = NO_WAIVERS,
      quarantine = createQuarantine(),
    }: { by?: PoliciesInForce; waivers?: Waivers; quarantine?: Quarantine } = {},
  ): Decided =>
    decide({ policies: by, registry, waivers, quarantine }, asked, {
      id: '0190a5d0-0000-7000-8000-000000000000',
      nowMs: NOW_MS,
      caller: { id: 'test', roles: ['a'] },
      correlation: { request_id: 'r' },
      salt: () => randomBytes(16),
    });
  /** Replays what `text` says, with what the entry kept. */
  const replayed = (
    { entry }: Decided,
    {
      by = policies,
      text = writeJson(entry.record),
      kept = entry.masked ?? [],
      documents = new Map(
        [...(entry.documents ?? [])].map(([digest, body]) => [
          digest,
          typeof body === 'string' ? body : body(),
        ]),
      ),
    }: {
      by?: PoliciesInForce;
      text?: string;
      kept?: readonly KeptValue[];
      documents?: ReadonlyMap<string, string>;
    } = {},
  ): Replayed | NotReplayable => {
    const recorded = recordedDecision(text);
    return 'replayable' in recorded
      ? recorded
      : replay(recorded, { policies: by, documents, maskedValues: kept });
  };
  const EQUAL = { replayable: true, equal: true, differences: [] };
  const flags = (...names: string[]) => Object.fromEntries(names.map((name) => [name, true]));
  const bob = { subject: { type: 'user', id: 'bob' } };
  const properties = { phone: '+49 170 000', name: 'Ada Lovelace', pin: 4711, in: 'x' };
  const known = { subject: { type: 'user', id: 'ada', properties } };

  it.each<[string, Evaluation]>([
    ['a permit', evaluation()],
    ['a denial', evaluation(flags('soft'))],
    ['a clock', evaluation(flags('clock'))],
    ['an error', evaluation(flags('torn'))],
    ['numbers beyond 2^53', evaluation({ exact: 9007199254740993n })],
    ['parameters', evaluation(flags('days'))],
    ['a consuming domain', evaluation(flags('days', 'marketing'), bob)],
    ['a domain without a bundle', evaluation({}, { resource: { type: 'data_product', id: 'exposure' } })],
    ['a product that nobody knows', evaluation({}, { resource: { type: 'data_product', id: 'none' } })],
    [
      'domains that nobody registered',
      evaluation(
        {},
        {
          subject: { type: 'user', id: 'eve', properties: { domain: 'nowhere' } },
          resource: { type: 'topic', id: 't', properties: { domain: 'elsewhere' } },
        },
      ),
    ],
    ['another resource', evaluation({}, { resource: { type: 'topic', id: 'orders' } })],
    [
      'properties that name no members',
      evaluation({ ['__proto__']: { a: 1 }, '': [], 'a/b': { '~': null } }),
    ],
    [
      'the version before',
      evaluation(flags('before'), {
        action: { name: 'publish' },
        resource: {
          type: 'data_product',
          id: 'ledger',
          properties: { descriptor: descriptorOf('ledger', 'finance'), other: 1 },
        },
      }),
    ],
    ['masked values that policies tell', evaluation(flags('tells'), known)],
    ['more than an evaluation may take', evaluation({ pairs: 50_000 })],
  ])('is byte-equal: %s', (_, asked) => {
    expect(replayed(decided(asked))).toMatchObject(EQUAL);
  });

  it('holds what was in quarantine as it was, also where it went there in the same decision', () => {
    const quarantine = createQuarantine();
    // `finance` is asked as the owner of `exposure`, and again as the consumer: the second time it is not asked.
    const asked = evaluation({ more: 50_000 }, { resource: { type: 'data_product', id: 'exposure' } });
    const first = decided(asked, { quarantine });
    const codes = first.decision.findings
      .filter(({ policy, layer }) => policy === 'own' && layer === 'finance')
      .map(({ kind, error_code }) => [kind, error_code]);
    expect(codes).toEqual([
      ['access', 'budget_exhausted'],
      ['consume', 'quarantined'],
    ]);
    expect(replayed(first)).toMatchObject(EQUAL);
    const next = decided(evaluation({ more: 2 }), { quarantine });
    expect(next.decision.findings).toMatchObject([{}, { policy: 'own', error_code: 'quarantined' }]);
    expect(replayed(next)).toMatchObject(EQUAL);
    // The year of its end is no secret, though someone's number is the same.
    const subject = { type: 'user', id: 'ada', properties: { born: 2026 } };
    expect(replayed(decided(evaluation({}, { subject }), { quarantine }))).toMatchObject(EQUAL);
  });

  it('gives a waived finding its waiver', () => {
    const waiver = {
      id: 'w1',
      layer: 'global',
      policy: 'soft',
      domain: 'finance',
      fromMs: NOW_MS,
      toMs: NOW_MS + 1,
    };
    const waived = decided(evaluation(flags('soft')), { waivers: WaiverIndex.of([waiver]) });
    expect(waived.decision).toMatchObject({ code: 'permitted', advice: [{ waiver: 'w1' }] });
    expect(replayed(waived)).toMatchObject(EQUAL);
  });

  it('lifts no more than was lifted, where one policy is asked for the owner and for the consumer', () => {
    const waiver = { id: 'w1', layer: 'finance', policy: 'both', fromMs: 0, toMs: NOW_MS + 1 };
    const asked = evaluation(flags('both'), { resource: { type: 'data_product', id: 'exposure' } });
    for (const [domain, expected] of [
      ['finance', [undefined, 'w1']],
      ['finance/risk', ['w1', undefined]],
    ] as const) {
      const made = decided(asked, { waivers: WaiverIndex.of([{ ...waiver, domain }]) });
      const { code, findings } = made.decision;
      const both = findings.filter(({ policy }) => policy === 'both');
      expect(both.map(({ kind }) => kind)).toEqual(['access', 'consume']);
      expect([code, both.map((each) => each.waiver)]).toEqual(['policy_error', expected]);
      expect(replayed(made)).toMatchObject(EQUAL);
    }
  });

  it('does not ask a bundle that could not be asked', () => {
    const { module: _, ...broken } = policies.layers.get('finance')!;
    const layers = [policies.layers.get('global')!, { ...broken, fault: 'it is broken' }];
    const by = policiesInForce(7, layers);
    const made = decided(evaluation(), { by });
    expect(made.entry.record.layers[1]).toMatchObject({ layer: 'finance', fault: 'it is broken' });
    expect(replayed(made, { by })).toMatchObject(EQUAL);
  });

  it.each<[string, string, unknown]>([
    ['a message', '/findings/1/denials/0/message', 'softer'],
    ['an outcome', '/decision', true],
    ['a code', '/code', 'permitted'],
    ['a parameter', '/parameters/days', 31],
    ['the kind', '/decision_kind', 'publish'],
    ['an obligation', '/obligations', [{ type: 'x', properties: {} }]],
  ])('names the place of what was changed: %s', (what, pointer, value) => {
    const made = decided(evaluation(flags('soft')));
    const changed = replaceAt(made.entry.record, pointer, () => value) as DecisionRecord;
    const result = replayed(made, { text: writeJson(changed) });
    expect(result, what).toMatchObject({ replayable: true, equal: false });
    const { differences } = result as Replayed;
    expect(differences.every((difference) => difference.pointer.startsWith(pointer))).toBe(true);
    expect(differences.length).toBe(1);
  });

  it('names what was left out and what was put in, and bytes that say the same otherwise', () => {
    const made = decided(evaluation(flags('soft')));
    const { record } = made.entry;
    const { code, ...without } = record;
    expect(replayed(made, { text: writeJson({ ...without, note: 1 }) })).toMatchObject({
      differences: [
        { pointer: '/note', recorded: 1 },
        { pointer: '/code', replayed: code },
      ],
    });
    expect(replayed(made, { text: writeJson({ ...without, code }) })).toMatchObject({
      equal: false,
      differences: [{ pointer: '', recorded: expect.stringMatching(/^sha256:/) as string }],
    });
  });

  it('tells no masked text of four characters or more anywhere in the record', () => {
    const text = fc.stringMatching(/^[#%][0-9A-F]{3,9}$/);
    fc.assert(
      fc.property(text, text, fc.integer({ min: 1000 }), fc.boolean(), (phone, name, pin, tells) => {
        const subject = { type: 'user', id: 'ada', properties: { phone, name: [name], pin } };
        const made = decided(evaluation({ tells }, { subject }));
        const bytes = writeJson(made.entry.record);
        expect(bytes).not.toContain(phone);
        expect(bytes).not.toContain(name);
        // The answer tells all of it.
        expect(writeJson(made.decision)).toContain(phone);
        expect(replayed(made)).toMatchObject(EQUAL);
      }),
      { numRuns: 50 },
    );
  });

  it('a masked number is told neither alone nor as a word', () => {
    const made = decided(evaluation(flags('tells'), known));
    expect(writeJson(made.entry.record)).not.toMatch(/(?<![0-9a-f])4711(?![0-9a-f])/);
    expect(made.entry.record.findings).toMatchObject([
      {},
      {
        denials: [{ code: '<masked /subject/properties>' }],
        obligations: [{ properties: { '<masked /subject/properties>': ['<masked /subject/properties>'] } }],
        advice: [{ message: 'call <masked /subject/properties> now' }],
      },
    ]);
  });

  it.each<[string, (kept: readonly KeptValue[]) => readonly KeptValue[], string]>([
    [
      'a value that was erased',
      (kept) => kept.map(({ pointer }) => ({ pointer })),
      'the masked value at `/subject/properties` was erased',
    ],
    ['a value that is not kept', () => [], 'the masked value at `/subject/properties` is not kept'],
    [
      'a value that is another',
      (kept) => kept.map((value) => ({ ...value, value: '{}' })),
      'the value kept for `/subject/properties` is not the one that the record commits to',
    ],
  ])('says why it cannot be replayed: %s', (_, change, why) => {
    const made = decided(evaluation({}, known));
    expect(replayed(made, { kept: change(made.entry.masked ?? []) })).toEqual({
      replayable: false,
      reason: `cannot be replayed: ${why}`,
    });
  });

  it('says which document is gone, or is another', () => {
    const made = decided(evaluation());
    const { metadata } = made.entry.record;
    expect(replayed(made, { documents: new Map() })).toMatchObject({
      reason: `cannot be replayed: the document \`${metadata}\` is gone`,
    });
    expect(replayed(made, { documents: new Map([[metadata!, '{}']]) })).toMatchObject({
      reason: expect.stringMatching(/^cannot be replayed: the document .* was changed: it has the digest/),
    });
  });

  it.each([
    ['', 'the stored bytes are not JSON'],
    ['[]', 'the stored bytes are no record'],
    ['{"kind":"seed"}', 'it is no decision but a record of kind `seed`'],
    ['{"kind":"decision","id":"x"}', 'its `time` is not that of a decision'],
  ])('says what is no record of a decision: %s', (text, why) => {
    expect(recordedDecision(text)).toEqual({ replayable: false, reason: `cannot be replayed: ${why}` });
  });
});
