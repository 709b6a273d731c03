import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeJson } from '../document/json.js';
import { createBundle, type Bundle } from '../policy/bundle.js';
import { policiesInForce, type PoliciesInForce } from '../policy/in-force.js';
import { traceLayer, type LayerTrace } from '../policy/trace-layer.js';
import { decide, type Decided } from './decide.js';
import { explain, type Explanation } from './explanation.js';
import { inputSchema } from './input.js';
import { createQuarantine } from './quarantine.js';
import { ACTIONS, FLAGS, generatedBundle, policiesArbitrary, SUBJECTS } from './testing/generated-bundle.js';
import { load, NO_SALT, testToolchain } from './testing/load-for-test.js';
import { descriptorOf, sampleRegistry } from './testing/sample-mesh.js';
import { WaiverIndex } from './waiver-index.js';
import { NO_WAIVERS, type Waiver } from './waiver.js';

const NOW_MS = Date.parse('2026-06-01T00:00:00.000Z');
const HARD = { enforcement: 'hard' };

/** A bundle of policies given as their binding and their rules, which begin in row 10. */
function bundle(layer: string, policies: Record<string, [binding: object, rego: string]>): Bundle {
  const named = Object.entries(policies);
  const entries = named.map(([name, [binding]]) => [name, binding]);
  const head =
    '# METADATA\n# scope: package\n# title: T\n# description: D.\n# custom:\n#   applies_to: [access, publish, consume]\n#   remedy: ask\n';
  return createBundle([
    {
      path: 'manifest.yaml',
      text: JSON.stringify({ layer, version: '1.0.0', policies: Object.fromEntries(entries) as object }),
    },
    {
      path: 'lib/flags.rego',
      text: `package mesh.${layer}.lib.flags\n\nset(name) if input.context[name] == true\n\nspared if input.context.spare == true\n`,
    },
    ...named.map(([name, [, rego]]) => ({
      path: `policy/${name}.rego`,
      text: `${head}package mesh.${layer}.policy.${name}\n\n${rego}\n\nadvice contains {"message": "never"} if input.subject.id == "nobody"\n`,
    })),
  ]);
}

const GLOBAL = bundle('global', {
  grants: [HARD, 'permit if {\n\tinput.context.grant\n\tinput.action.name == "read"\n}'],
  forbids: [
    HARD,
    'import data.mesh.global.lib.flags\n\ndeny contains {"message": "forbidden", "path": "/context"} if {\n\tflags.set("forbid")\n\tnot flags.spared\n}',
  ],
  soft: [{ enforcement: 'soft' }, 'deny contains {"message": "softly"} if input.context.soft'],
  shadow: [{ enforcement: 'shadow' }, 'permit if input.context.shadow'],
  needs: [HARD, 'requires contains "/context/purpose" if input.context.strict'],
  counts: [HARD, 'deny contains {"message": "many"} if {\n\tto_number(input.context.number) > 3\n}'],
  duty: [
    HARD,
    'obligations contains {"type": "limit_rows", "properties": {"max": 5}} if input.context.limit',
  ],
});
const FINANCE = bundle('finance', {
  own: [HARD, 'permit if {\n\tinput.context.own\n\tinput.domain == "finance"\n\tinput.context.more\n}'],
});

describe('explaining', () => {
  const toolchain = testToolchain();
  const registry = sampleRegistry();
  const bundles = new Map([GLOBAL, FINANCE].map((each) => [each.layer, each]));
  let policies: PoliciesInForce;

  beforeAll(async () => {
    policies = policiesInForce(1, await load(toolchain, GLOBAL, FINANCE));
  });
  afterAll(() => toolchain.close());

  const decided = (
    context: Record<string, unknown>,
    waivers: readonly Waiver[] = [],
    domain = 'finance',
  ): Decided =>
    decide(
      { policies, registry, waivers: WaiverIndex.of(waivers), quarantine: createQuarantine() },
      {
        subject: { type: 'user', id: 'ada' },
        action: { name: 'read' },
        resource: {
          type: 'data_product',
          id: 'ledger',
          properties: { descriptor: descriptorOf('ledger', domain) },
        },
        context,
      },
      { id: 'x', nowMs: NOW_MS, caller: { id: 'x', roles: [] }, salt: NO_SALT },
    );
  const traced = (
    { asked }: Decided,
    by: ReadonlyMap<string, Bundle> = bundles,
  ): Promise<readonly LayerTrace[]> =>
    Promise.all(
      asked.flatMap(({ layer, kind, input }) => {
        const of = by.get(layer);
        const question = { kind, inputText: writeJson(input) };
        return of === undefined ? [] : [traceLayer(of, by, question, { toolchain, inputSchema })];
      }),
    );
  const explained = async (...given: Parameters<typeof decided>): Promise<Explanation> => {
    const made = decided(...given);
    const explanation = explain(made, policies, await traced(made));
    expect(explanation).toMatchObject({
      decision: made.decision.decision,
      code: made.decision.code,
      differs: false,
      truncated: false,
    });
    return explanation;
  };
  const rolesOf = ({ decisive }: Explanation): readonly string[] =>
    decisive.map(({ role, layer, policy, definition }) =>
      `${role} ${layer}/${policy} ${definition?.name ?? ''}`.trim(),
    );
  const linesOf = ({ decisive }: Explanation, index = 0): readonly string[] =>
    decisive[index]?.definition?.lines.map(({ row, outcome }) => `${row} ${outcome}`) ?? [];

  it('a permit: who grants it and what comes with it', async () => {
    const explanation = await explained({ grant: true, limit: true });
    expect(explanation.summary).toBe(
      'permitted, because `grants` of `global` permits it and none of the 8 policies that were asked forbids it; 1 obligation comes with it',
    );
    expect(rolesOf(explanation)).toEqual(['permits global/grants permit', 'obliges global/duty obligations']);
    expect(explanation.decisive[1]).toMatchObject({
      messages: [],
      obligations: [{ type: 'limit_rows', properties: { max: 5 } }],
    });
    expect(linesOf(explanation)).toEqual(['11 true', '12 true']);
  });

  it('a denial: its lines, and the definitions that tell why they are so', async () => {
    const explanation = await explained({ grant: true, forbid: true });
    expect(explanation.summary).toBe('denied, because `forbids` of `global` forbids it: forbidden');
    expect(rolesOf(explanation)).toEqual(['denies global/forbids deny']);
    expect(explanation.decisive[0]).toMatchObject({
      enforcement: 'hard',
      messages: ['forbidden'],
      remedy: 'ask',
      definition: { file: 'global/policy/forbids.rego', row: 12, outcome: 'held' },
      causes: [
        {
          line: 1,
          definition: {
            name: 'spared',
            file: 'global/lib/flags.rego',
            row: 5,
            outcome: 'not_held',
            lines: [{ undefined: ['input.context.spare'] }],
          },
        },
      ],
    });
  });

  it('several denials: the first and how many more there are', async () => {
    const { summary } = await explained({ forbid: true, soft: true });
    expect(summary).toBe(
      'denied, because `forbids` of `global` forbids it: forbidden, and for 1 more reason',
    );
  });

  it('a denial that is waived decides nothing', async () => {
    const waiver = {
      id: 'w1',
      layer: 'global',
      policy: 'soft',
      domain: 'finance',
      fromMs: 0,
      toMs: NOW_MS + 1,
    };
    const explanation = await explained({ soft: true, grant: true }, [waiver]);
    expect(rolesOf(explanation)).toEqual(['permits global/grants permit']);
    expect(explanation.layers[0]?.policies[0]).toMatchObject({
      policy: 'soft',
      outcome: 'deny',
      waiver: 'w1',
    });
  });

  it('nobody permits: which grant came closest, where it stopped, and what it read there', async () => {
    const explanation = await explained({ own: true });
    expect(explanation.summary).toBe(
      'denied, because no policy of `global` or `finance` permits `read` here; `own` of `finance` came closest, with 2 of 3 conditions, and stopped at `input.context.more`',
    );
    expect(rolesOf(explanation)).toEqual([
      'could_permit finance/own permit',
      'could_permit global/grants permit',
    ]);
    expect(linesOf(explanation)).toEqual(['11 true', '12 true', '13 undefined_or_false']);
    expect(explanation.decisive[0]?.definition?.lines[2]).toMatchObject({
      undefined: ['input.context.more'],
    });
  });

  it('nobody permits, and none came far', async () => {
    const { summary } = await explained({});
    expect(summary).toBe(
      'denied, because no policy of `global` or `finance` permits `read` here; none of the 2 grants there are gets past its first condition',
    );
  });

  it('a grant that does not bind is no grant', async () => {
    const explanation = await explained({ shadow: true });
    expect(explanation.summary).toBe(
      'denied, because no policy of `global` or `finance` permits `read` here with binding force; `shadow` of `global` would, but does not bind',
    );
    expect(rolesOf(explanation)[0]).toBe('permits_in_vain global/shadow permit');
  });

  it('a built-in that fails: where, in which definition', async () => {
    const explanation = await explained({ grant: true, number: 'three' });
    expect(explanation.code).toBe('policy_error');
    expect(explanation.summary).toMatch(
      /^denied, because `counts` of `global` could not be evaluated: .*to_number/,
    );
    expect(explanation.decisive[0]).toMatchObject({
      role: 'errs',
      policy: 'counts',
      failed_at: { file: 'global/policy/counts.rego', row: 11, column: 2 },
      definition: { name: 'deny', row: 10 },
    });
  });

  it('required input that is missing: the rule that requires it', async () => {
    const explanation = await explained({ grant: true, strict: true });
    expect(explanation.summary).toBe(
      'denied, because `needs` of `global` could not be evaluated: required input is missing: `/context/purpose`',
    );
    expect(rolesOf(explanation)).toEqual(['errs global/needs requires']);
  });

  it('a domain that is not registered: there is nothing to trace', async () => {
    const explanation = await explained({ grant: true }, [], 'nowhere');
    expect(explanation.summary).toBe(
      'denied, because `nowhere` cannot vouch for it: the domain `nowhere` is not registered',
    );
    expect(explanation.layers.at(-1)).toEqual({
      layer: 'nowhere',
      kind: 'access',
      errors: ['the domain `nowhere` is not registered'],
      policies: [],
    });
  });

  it('every policy that was asked, those that said something first', async () => {
    const { layers } = await explained({ forbid: true, shadow: true, limit: true });
    expect(
      layers.map(({ layer, kind, policies: asked }) => [
        layer,
        kind,
        asked.map(({ policy, outcome, mattered }) => `${policy} ${outcome}${mattered ? '' : ' silent'}`),
      ]),
    ).toEqual([
      [
        'global',
        'access',
        [
          'forbids deny',
          'shadow permit',
          'duty abstain',
          'counts abstain silent',
          'grants abstain silent',
          'needs abstain silent',
          'soft abstain silent',
        ],
      ],
      ['finance', 'access', ['own abstain silent']],
    ]);
  });

  it('says plainly when the interpreter does not say what the module said', async () => {
    const made = decided({ forbid: true, grant: true });
    const text = GLOBAL.files.find(({ path }) => path === 'policy/forbids.rego')?.text ?? '';
    const other = createBundle(
      GLOBAL.files.map((file) =>
        file.path === 'policy/forbids.rego'
          ? { ...file, text: text.replace('"message": "forbidden"', '"message": "refused"') }
          : file,
      ),
    );
    const explanation = explain(made, policies, await traced(made, new Map([['global', other]])));
    expect(explanation).toMatchObject({ decision: false, code: 'forbidden', differs: true });
    expect(explanation.summary).toContain('forbidden');
    expect(explanation.layers[0]?.policies[0]).toMatchObject({
      policy: 'forbids',
      outcome: 'deny',
      denials: [{ message: 'forbidden' }],
      differs: { module: 'it denies: forbidden', interpreter: 'it denies: refused' },
    });
  });

  it('explains without a trace as far as that goes, and says so', () => {
    const made = decided({ forbid: true });
    const untraced = 'the toolchain took longer than 10 ms for `evaluate` and was stopped';
    const trace = { layer: 'global', kind: 'access', policies: [], truncated: false, untraced } as const;
    const explanation = explain(made, policies, [trace]);
    expect(explanation).toMatchObject({ code: 'forbidden', differs: false, layers: [{ untraced }, {}] });
    expect(explanation.decisive).toMatchObject([
      { role: 'denies', policy: 'forbids', messages: ['forbidden'], causes: [] },
    ]);
    expect(explanation.decisive[0]).not.toHaveProperty('definition');
  });

  it('module and interpreter agree on generated bundles and requests', async () => {
    const request = fc.record({
      subject: fc.constantFrom(...SUBJECTS),
      action: fc.constantFrom(...ACTIONS),
      flags: fc.subarray([...FLAGS]),
    });
    await fc.assert(
      fc.asyncProperty(
        policiesArbitrary,
        fc.array(request, { minLength: 3, maxLength: 3 }),
        async (generated, requests) => {
          const global = generatedBundle('global', generated);
          const inForce = policiesInForce(1, await load(toolchain, global));
          for (const { subject, action, flags } of requests) {
            const made = decide(
              { policies: inForce, registry, waivers: NO_WAIVERS, quarantine: createQuarantine() },
              {
                subject: { type: 'user', id: subject },
                action: { name: action },
                resource: { type: 'topic', id: 'nothing' },
                context: Object.fromEntries(flags.map((flag) => [flag, true])),
              },
              { id: 'x', nowMs: NOW_MS, caller: { id: 'x', roles: [] }, salt: NO_SALT },
            );
            const explanation = explain(made, inForce, await traced(made, new Map([['global', global]])));
            const { decision, code, differs } = explanation;
            expect({ decision, code, differs }).toEqual({
              decision: made.decision.decision,
              code: made.decision.code,
              differs: false,
            });
          }
        },
      ),
      { numRuns: 12 },
    );
  });
});
