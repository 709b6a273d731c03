import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { join } from 'node:path';
import { ActingMesh, type Answered, type Asker } from './acting-mesh.js';
import { regoOf, seedFolder, write, type TestPolicy } from './bundles.js';
import { temporaryFolder } from './service.js';

interface File {
  readonly path: string;
  readonly text: string;
}
interface Law {
  readonly version: string;
  readonly policies: Readonly<Record<string, TestPolicy>>;
  /** Further lines of the manifest. */
  readonly manifest: readonly string[];
}

const LAYERS = ['global', 'sales', 'sales/eu', 'finance', 'health'] as const;
type Layer = (typeof LAYERS)[number];

const ALL_KINDS = ['publish', 'access', 'consume'];
const denyIf = (message: string, ...conditions: readonly string[]): string =>
  conditions.map((condition) => `deny contains {"message": "${message}"} if ${condition}`).join('\n\n');

const GLOBAL: Law = {
  version: '1.0.0',
  policies: {
    careful: { rules: denyIf('not so careful', 'input.context.careless'), enforcement: 'soft' },
    forbids: {
      rules: denyIf(
        'forbidden for all',
        'input.resource.id == "vault"',
        'input.context.region == "mars"',
        'input.action.name == "destroy"',
        'endswith(input.product.id, "forbidden")',
      ),
      appliesTo: ['access', 'publish'],
    },
    reads: { rules: 'permit if input.action.name == "read"' },
  },
  manifest: [
    'delegations: { days: { default: 30, schema: { type: integer, minimum: 1, maximum: 90 } } }',
    'council: { members: { sales: [sue], finance: [fay, fred, hope], health: [hal, hope] }, voting_period: P7D }',
  ],
};
const own = (...manifest: readonly string[]): Law => ({
  version: '1.0.0',
  policies: { shop: { rules: denyIf('closed', 'input.context.closed') } },
  manifest,
});
const SALES_DAYS = [
  'parameters: { days: 40 }',
  'delegations: { days: { schema: { type: integer, maximum: 45 } } }',
];
const LAWS: Readonly<Record<Layer, Law>> = {
  global: GLOBAL,
  sales: own(...SALES_DAYS, 'council: { members: [sam, sue, syd], voting_period: P3D }'),
  'sales/eu': own('parameters: { days: 44 }', 'council: { members: [ian, ina] }'),
  finance: own('council: { members: [fay, fred] }'),
  health: own(),
};

function filesOf(layer: string, { version, policies, manifest }: Law): readonly File[] {
  const entries = Object.entries(policies).map(
    ([name, { enforcement = 'hard' }]) => `  ${name}: { enforcement: ${enforcement} }`,
  );
  const lines = [`layer: ${layer}`, `version: ${version}`, 'policies:', ...entries, ...manifest];
  return [
    { path: 'manifest.yaml', text: `${lines.join('\n')}\n` },
    ...Object.entries(policies).map(([name, policy]) => ({
      path: `policy/${name}.rego`,
      text: regoOf(layer, name, policy),
    })),
  ];
}

function policies(): string {
  const folder = temporaryFolder();
  for (const layer of LAYERS) {
    for (const { path, text } of filesOf(layer, LAWS[layer])) {
      write(join(folder, layer === 'global' ? 'global' : `domains/${layer}`, path), text);
    }
  }
  return folder;
}

const mesh = new ActingMesh({
  policies: policies(),
  seed: seedFolder(LAYERS.filter((layer) => layer !== 'global')),
});
beforeAll(() => mesh.start());
afterAll(() => mesh.stop());

/** People by name, with the roles that they usually have. */
const ROLES: Readonly<Record<string, readonly string[]>> = {
  sam: ['steward:sales'],
  sue: ['steward:sales', 'representative:sales'],
  syd: ['steward:sales'],
  stan: ['steward:sales'],
  ian: ['steward:sales/eu'],
  ina: ['steward:sales/eu'],
  fay: ['steward:finance', 'representative:finance'],
  fred: ['steward:finance', 'representative:finance'],
  hal: ['steward:health', 'representative:health'],
  hope: ['steward:health', 'representative:health'],
  ada: ['auditor'],
  olga: ['operator'],
  oscar: ['operator'],
};
const of = (name: string, ...roles: readonly string[]): Asker =>
  mesh.as(name, ...(roles.length > 0 ? roles : (ROLES[name] ?? [])));

let versions = 0;
/** The law of a layer as it is in force, in another version, with what is changed of it. */
function changed(layer: Layer, change: Partial<Law> = {}): Law {
  versions += 1;
  return { ...LAWS[layer], ...change, version: `2.${versions}.0` };
}

const done = async (asked: Promise<Answered>, status = 200): Promise<any> => {
  const answer = await asked;
  expect([answer.status, answer.body?.detail]).toEqual([status, undefined]);
  return answer.body;
};
const handIn = (who: Asker, layer: string, files: readonly File[], more: object = {}): Promise<Answered> =>
  who.post('/v1/proposals', { layer, title: `a change of ${layer}`, files, ...more });
const shown = (id: string): Promise<any> => done(of('ada').get(`/v1/proposals/${id}`));
/** Hands in, and answers the proposal when it was checked. */
async function propose(who: Asker, layer: string, files: readonly File[], more: object = {}): Promise<any> {
  const { id } = await done(handIn(who, layer, files, more), 201);
  await mesh.app.councilActs.settled();
  return shown(id);
}
const proposeLaw = (name: string, layer: Layer, change: Partial<Law> = {}, more: object = {}): Promise<any> =>
  propose(of(name), layer, filesOf(layer, changed(layer, change)), more);
const ballot = (who: Asker, { id, digest }: { id: string; digest: string }, vote = 'approve') =>
  who.post(`/v1/proposals/${id}/ballots`, { vote, digest });
const activate = (who: Asker, { id }: { id: string }, body: object = {}): Promise<Answered> =>
  who.post(`/v1/proposals/${id}/activation`, body);
const withdraw = ({ id }: { id: string }): Promise<any> =>
  done(of('olga').post(`/v1/proposals/${id}/withdrawal`, { reason: 'tried' }));
/** By the whole procedure. */
async function enact(proposal: any, voters: readonly string[]): Promise<any> {
  for (const name of voters) await done(ballot(of(name), proposal), 201);
  return done(activate(of(voters[0] ?? ''), proposal));
}
async function tick(moment: number): Promise<void> {
  mesh.nowMs = moment;
  await mesh.app.activation.tick();
  await mesh.app.councilActs.tick(mesh.nowMs);
}

const refusals = async (): Promise<readonly any[]> =>
  (await done(of('ada').get('/v1/records?kind=refusal&order=oldest&limit=1000'))).records.map(
    ({ record }: any) => record,
  );

/** What is refused with 403 stands in the log, with who attempted it and what. */
async function refused(caller: string, attempt: string, asked: () => Promise<Answered>): Promise<any> {
  // Callers who try often are told together; time goes by between these attempts.
  mesh.nowMs += 5000;
  const before = (await refusals()).length;
  const { status, body } = await asked();
  expect([status, body.code], body.detail).toEqual([403, 'forbidden']);
  await expect.poll(async () => (await refusals()).length, { timeout: 5000 }).toBe(before + 1);
  expect((await refusals())[before]).toMatchObject({
    kind: 'refusal',
    caller: { id: caller },
    attempt,
    code: 'forbidden',
    reason: body.detail,
  });
  return body;
}

describe('a proposal of a domain stays within its layer', () => {
  const salesFiles = (): readonly File[] => filesOf('sales', changed('sales'));
  const withFile = (path: string, text: string): readonly File[] => [...salesFiles(), { path, text }];

  it.each<[string, () => readonly File[], object]>([
    [
      'the manifest of another domain',
      () => filesOf('finance', changed('finance')),
      { code: 'manifest_invalid', faults: [{ file: 'manifest.yaml', pointer: '/layer' }] },
    ],
    [
      'the manifest of global',
      () => filesOf('global', changed('global')),
      { code: 'manifest_invalid', faults: [{ file: 'manifest.yaml', pointer: '/layer' }] },
    ],
    ...[
      '../finance/policy/shop.rego',
      '/policy/shop.rego',
      'domains/finance/policy/shop.rego',
      'policy/../../finance/policy/shop.rego',
      'policy\\..\\shop.rego',
      'policy/sub/shop.rego',
      './policy/shop.rego',
      'policy/shop.rego\u0000',
      'lib/__proto__.js',
    ].map((path): [string, () => readonly File[], object] => [
      `a file at ${JSON.stringify(path)}`,
      () => withFile(path, regoOf('finance', 'shop', { rules: 'permit := true' })),
      { code: 'bundle_invalid', faults: [{ file: path }] },
    ]),
    [
      'a file twice',
      () => [...salesFiles(), ...salesFiles().slice(1)],
      { code: 'bundle_invalid', faults: [{ file: 'policy/shop.rego' }] },
    ],
  ])('with %s it is not taken', async (_, files, problem) => {
    const { status, body } = await handIn(of('sam'), 'sales', files());
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    expect(body).toMatchObject(problem);
  });

  it.each<[string, () => readonly File[], object]>([
    [
      'a policy in the package of another domain',
      () =>
        salesFiles().map(({ path, text }) => ({
          path,
          text: text.replace('package mesh.sales.', 'package mesh.finance.'),
        })),
      { file: 'policy/shop.rego', message: expect.stringContaining('mesh.sales.policy.shop') },
    ],
    [
      'a policy in the package of global',
      () =>
        salesFiles().map(({ path, text }) => ({
          path,
          text: text.replace('package mesh.sales.policy.shop', 'package mesh.global.policy.reads'),
        })),
      { file: 'policy/shop.rego' },
    ],
    [
      'a library in the package of another domain',
      () => withFile('lib/prices.rego', 'package mesh.finance.lib.prices\n\nhigh := 1\n'),
      { file: 'lib/prices.rego', message: expect.stringContaining('mesh.sales.lib') },
    ],
    [
      'a library in a package of the service itself',
      () => withFile('lib/prices.rego', 'package witan.access\n\nhigh := 1\n'),
      { file: 'lib/prices.rego' },
    ],
    [
      'a rule that reads what another domain says',
      () =>
        filesOf(
          'sales',
          changed('sales', { policies: { shop: { rules: 'permit if data.mesh.finance.policy.shop.deny' } } }),
        ),
      { file: 'policy/shop.rego' },
    ],
    [
      'a rule that replaces what global says',
      () =>
        filesOf(
          'sales',
          changed('sales', {
            policies: {
              shop: { rules: 'permit if count(data.mesh.global.policy.forbids.deny) == 0 with input as {}' },
            },
          }),
        ),
      { file: 'policy/shop.rego' },
    ],
    [
      'a test in the package of another domain',
      () => withFile('test/shop_test.rego', 'package mesh.finance.test.shop\n\ntest_x if true\n'),
      { file: 'test/shop_test.rego' },
    ],
  ])('with %s it fails its checks', async (_, files, fault) => {
    const proposal = await propose(of('sam'), 'sales', files());
    expect(proposal.state).toBe('failed');
    expect(proposal.checks.faults).toContainEqual(expect.objectContaining(fault));
    expect((await ballot(of('sue'), proposal)).body.code).toBe('proposal_closed');
    expect((await activate(of('sam'), proposal)).body.code).toBe('proposal_not_approved');
    await withdraw(proposal);
  });

  it.each<[string, Layer, readonly string[]]>([
    ['sam', 'finance', []],
    ['sam', 'global', []],
    ['sam', 'sales/eu', []],
    ['ian', 'sales', []],
    ['ian', 'global', []],
    ['sue', 'finance', ['representative:finance']],
    ['ada', 'sales', ['auditor', 'steward:finance']],
    ['olga', 'sales', []],
    ['sam', 'sales', ['enforcement_point', 'steward:sales_', 'steward:sales/eu']],
  ])('%s hands in nothing for %s with the roles %j', async (name, layer, roles) => {
    const files = filesOf(layer, changed(layer));
    await refused(name, 'POST /v1/proposals', () => handIn(of(name, ...roles), layer, files));
  });

  it.each(['__proto__', 'constructor', 'toString', 'global/x', 'sales/', 'Sales', 'sales//eu', '*'])(
    'nobody hands in for `%s`, whose name is that of nothing',
    async (layer) => {
      const files = filesOf(layer, changed('sales'));
      const everywhere = of('eve', 'steward:constructor', ...(ROLES['sue'] ?? []));
      const { status, body } = await handIn(everywhere, layer, files);
      expect([400, 403], JSON.stringify(body)).toContain(status);
    },
  );

  it.each(['constructor', 'toString', 'valueOf'])(
    'a policy, a parameter and a member called `%s` are what they are called, and nothing else',
    async (name) => {
      const unheard = await handIn(
        of('sam'),
        'sales',
        filesOf('sales', changed('sales', { manifest: [...LAWS.sales.manifest, `title: { ${name}: 1 }`] })),
      );
      expect(unheard.body.code).toBe('manifest_invalid');
      const [manifest, ...rest] = filesOf('sales', changed('sales'));
      const named = [
        {
          path: 'manifest.yaml',
          text: (manifest?.text ?? '').replace(
            'policies:\n',
            `policies:\n  ${name.toLowerCase()}: { enforcement: soft }\n`,
          ),
        },
        ...rest,
      ];
      const { body } = await handIn(of('sam'), 'sales', named);
      expect(body).toMatchObject({
        code: 'bundle_invalid',
        faults: [{ pointer: `/policies/${name.toLowerCase()}` }],
      });
      expect(body.detail).toContain(`there is no \`policy/${name.toLowerCase()}.rego\``);
    },
  );

  it('nothing of what was tried came into force', () => {
    expect(mesh.app.policies().revision).toBe(1);
  });
});

describe('a manifest of a domain says nothing of how global binds', () => {
  const manifested = (...lines: readonly string[]): readonly File[] =>
    filesOf('sales', changed('sales', { manifest: [...LAWS.sales.manifest, ...lines] }));
  const naming = (policy: string, enforcement: string): readonly File[] =>
    filesOf('sales', changed('sales')).map(({ path, text }) => ({
      path,
      text: text.replace('policies:\n', `policies:\n  ${policy}: { enforcement: ${enforcement} }\n`),
    }));

  it.each(['careful', 'global.careful', 'global/careful', 'forbids', 'global.forbids', 'global/forbids'])(
    'naming `%s` of global is refused, and it is said whose policy that is',
    async (policy) => {
      for (const enforcement of ['advisory', 'shadow', 'soft', 'hard']) {
        const { status, body } = await handIn(of('sam'), 'sales', naming(policy, enforcement));
        expect(status).toBe(400);
        expect(body.faults).toContainEqual(
          expect.objectContaining({
            code: 'policy_of_another_layer',
            message: expect.stringContaining('is for the council of `global` to say'),
          }),
        );
      }
    },
  );

  it.each([
    ['waivers', 'waivers: [{ policy: careful, until: 2099-01-01 }]'],
    ['a waiver in the policies', 'waive: { global: [careful] }'],
    ['overrides', 'overrides: { careful: advisory }'],
    ['what a layer without bundle says', 'layers_without_bundle: abstain'],
    ['what is masked in the log', 'audit: { mask: [/subject/id] }'],
    ['what the vote needs of touched domains', 'council: { touched_domains_must_vote: false }'],
    ['seats for other domains', 'council: { members: { finance: [sam] } }'],
    ['what nobody delegates', 'parameters: { careful: advisory }'],
  ])('it cannot set %s', async (_, line) => {
    const council = line.startsWith('council:');
    const files = council
      ? filesOf('sales', changed('sales', { manifest: [...SALES_DAYS, line] }))
      : line.startsWith('parameters:')
        ? filesOf('sales', changed('sales', { manifest: [line] }))
        : manifested(line);
    const { status, body } = await handIn(of('sam'), 'sales', files);
    if (status === 201) {
      await mesh.app.councilActs.settled();
      const proposal = await shown(body.id);
      expect(proposal.state).toBe('failed');
      expect(proposal.checks.faults[0]).toMatchObject({ file: 'manifest.yaml', row: expect.any(Number) });
      await withdraw(proposal);
    } else {
      expect([status, body.code]).toEqual([400, 'manifest_invalid']);
      expect(body.faults[0]).toMatchObject({ file: 'manifest.yaml' });
    }
  });
});

describe('a domain keeps within what is delegated to it', () => {
  it.each<[string, string, Layer, readonly string[], RegExp]>([
    ['more than global allows', 'sam', 'sales', ['parameters: { days: 91 }'], /`global` delegates.*<= 90/],
    ['less than global allows', 'sam', 'sales', ['parameters: { days: 0 }'], /`global` delegates.*>= 1/],
    ['another type', 'sam', 'sales', ['parameters: { days: "40" }'], /`global` delegates.*integer/],
    ['nothing at all', 'sam', 'sales', ['parameters: { days: null }'], /`global` delegates.*integer/],
    [
      'more than itself delegates',
      'sam',
      'sales',
      ['parameters: { days: 50 }', 'delegations: { days: { schema: { maximum: 45, type: integer } } }'],
      /`sales` delegates.*<= 45/,
    ],
    [
      'a default that global does not allow',
      'sam',
      'sales',
      ['delegations: { days: { default: 900, schema: { type: integer } } }'],
      /`global` delegates.*<= 90/,
    ],
    [
      'an inner domain more than the outer left',
      'ian',
      'sales/eu',
      ['parameters: { days: 50 }'],
      /`sales` delegates.*<= 45/,
    ],
    [
      'an inner domain that loosens what the outer left',
      'ian',
      'sales/eu',
      ['parameters: { days: 60 }', 'delegations: { days: { schema: { type: integer, maximum: 90 } } }'],
      /`sales` delegates.*<= 45/,
    ],
  ])('%s: it fails, and says where and what the bounds are', async (_, name, layer, manifest, message) => {
    const council = LAWS[layer].manifest.filter((line) => line.startsWith('council:'));
    const proposal = await proposeLaw(name, layer, { manifest: [...manifest, ...council] });
    expect(proposal.state).toBe('failed');
    const fault = proposal.checks.faults.find((each: any) => each.code === 'parameter_out_of_bounds');
    expect(fault).toMatchObject({ file: 'manifest.yaml', message: expect.stringMatching(message) });
    const lines = filesOf(layer, { ...LAWS[layer], manifest })[0]?.text.split('\n') ?? [];
    expect(lines[fault.row - 1]).toMatch(/^(parameters|delegations):/);
    await withdraw(proposal);
  });

  it('global takes nothing back that a domain has set: the proposal fails and names the domain', async () => {
    const [, council = ''] = GLOBAL.manifest;
    for (const [delegations, who] of [
      ['delegations: { days: { schema: { type: integer, maximum: 20 } } }', ['sales', 'sales/eu']],
      ['delegations: { days: { schema: { type: integer, maximum: 42 } } }', ['sales/eu']],
    ] as const) {
      const proposal = await proposeLaw('fay', 'global', { manifest: [delegations, council] });
      expect(proposal.state).toBe('failed');
      for (const domain of who) {
        expect(proposal.checks.faults).toContainEqual(
          expect.objectContaining({
            file: 'manifest.yaml',
            message: expect.stringContaining(`\`${domain}\` could not stay in force for its \`days\``),
          }),
        );
      }
      await withdraw(proposal);
    }
  });
});

describe('a vote is for who has the seat', () => {
  let ofGlobal: any;
  let ofSales: any;
  let ofFinance: any;
  let ofHealth: any;
  beforeAll(async () => {
    ofGlobal = await proposeLaw('fay', 'global');
    ofSales = await proposeLaw('sam', 'sales');
    ofFinance = await proposeLaw('fay', 'finance');
    ofHealth = await proposeLaw('hal', 'health');
    expect([ofGlobal, ofSales, ofFinance, ofHealth].map(({ state }) => state)).toEqual(Array(4).fill('open'));
  });
  afterAll(async () => {
    for (const each of [ofGlobal, ofSales, ofFinance, ofHealth]) await withdraw(each);
  });

  it.each<[string, string, () => any, readonly string[]]>([
    ['a steward without a seat, for global', 'sam', () => ofGlobal, []],
    ['a member with the role of a steward alone, for global', 'sue', () => ofGlobal, ['steward:sales']],
    ['a member as the representative of another domain', 'sue', () => ofGlobal, ['representative:finance']],
    ['a member as the representative of a domain within', 'sue', () => ofGlobal, ['representative:sales/eu']],
    ['a representative who is no member', 'rita', () => ofGlobal, ['representative:sales']],
    ['the representative of a domain without a seat', 'ian', () => ofGlobal, ['representative:sales/eu']],
    ['an operator, for global', 'olga', () => ofGlobal, []],
    ['an auditor, for global', 'ada', () => ofGlobal, []],
    [
      'who has every role but a seat',
      'eve',
      () => ofGlobal,
      ['operator', 'auditor', ...(ROLES['sue'] ?? []), ...(ROLES['fay'] ?? [])],
    ],
    ['a steward who is no member, for sales', 'stan', () => ofSales, []],
    ['a member with the token of another domain', 'sam', () => ofSales, ['steward:finance', 'operator']],
    ['a member as representative alone, for sales', 'sue', () => ofSales, ['representative:sales']],
    ['an operator, for sales', 'olga', () => ofSales, []],
    ['an auditor, for sales', 'ada', () => ofSales, []],
    ['a steward of another domain who sees all', 'sam', () => ofFinance, ['steward:sales', 'auditor']],
    ['the steward of a domain that global decides for', 'hal', () => ofHealth, ['steward:health']],
  ])('%s is refused', async (_, name, proposal, roles) => {
    const { id } = proposal();
    await refused(name, 'POST /v1/proposals/{id}/ballots', () => ballot(of(name, ...roles), proposal()));
    expect((await shown(id)).ballots).toEqual([]);
  });

  it.each<[string, () => any]>([
    ['sam', () => ofFinance],
    ['fay', () => ofSales],
    ['ian', () => ofSales],
  ])('%s is not even told that there is a proposal of another domain', async (name, proposal) => {
    const { id } = proposal();
    for (const asked of [
      ballot(of(name), proposal()),
      activate(of(name), proposal()),
      of(name).get(`/v1/proposals/${id}`),
      of(name).get(`/v1/proposals/${id}/diff`),
      of(name).get(`/v1/proposals/${id}/impact`),
      of(name).post(`/v1/proposals/${id}/comments`, { text: 'x' }),
    ]) {
      const { status, body } = await asked;
      expect([status, body.code], body.detail).toEqual([404, 'not_found']);
    }
  });

  it('two members of one seat have one vote, and the last one counts', async () => {
    await done(ballot(of('hal'), ofGlobal), 201);
    const { standing } = await done(ballot(of('hope'), ofGlobal, 'reject'), 201);
    expect(standing).toMatchObject({ cast: 1, approve: 0, reject: 1, missing: ['finance', 'sales'] });
  });

  it('a member of two seats has one vote, whichever token is sent', async () => {
    const { ballots } = await shown(ofGlobal.id);
    await refused('hope', 'POST /v1/proposals/{id}/ballots', () =>
      ballot(of('hope', 'representative:finance'), ofGlobal),
    );
    expect((await shown(ofGlobal.id)).ballots).toEqual(ballots);
    expect((await done(ballot(of('hope'), ofGlobal, 'abstain'), 201)).standing).toMatchObject({
      cast: 1,
      abstain: 1,
    });
  });

  it('a ballot is for the bundle that was seen, and says nothing of another', async () => {
    const before = await proposeLaw('syd', 'sales');
    await done(ballot(of('sue'), before), 201);
    const files = filesOf('sales', changed('sales'));
    const { digest } = await done(of('syd').put(`/v1/proposals/${before.id}/bundle`, { files }));
    await mesh.app.councilActs.settled();
    for (const old of [before.digest, `sha256:${'0'.repeat(64)}`, '', digest.toUpperCase()]) {
      expect(await ballot(of('sam'), { id: before.id, digest: old })).toMatchObject({
        status: 409,
        body: { code: 'ballot_outdated' },
      });
    }
    expect((await shown(before.id)).standing).toMatchObject({ cast: 0, missing: ['sam', 'sue', 'syd'] });
    // What they had voted on does not come back with its votes.
    const back = await of('syd').put(`/v1/proposals/${before.id}/bundle`, {
      files: filesOf('sales', { ...LAWS.sales, version: `2.${versions - 1}.0` }),
    });
    expect(back).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    await refused('sam', 'PUT /v1/proposals/{id}/bundle', () =>
      of('sam').put(`/v1/proposals/${before.id}/bundle`, { files }),
    );
    await withdraw(before);
    expect((await ballot(of('sam'), { id: before.id, digest })).body.code).toBe('proposal_closed');
  });

  it('edits and votes at once leave no ballot that counts for what was not seen', async () => {
    const before = await proposeLaw('syd', 'sales');
    const edit = of('syd').put(`/v1/proposals/${before.id}/bundle`, {
      files: filesOf('sales', changed('sales')),
    });
    const voted = await Promise.all([edit, ballot(of('sue'), before), ballot(of('sam'), before)]);
    expect(voted[0].status).toBe(200);
    await mesh.app.councilActs.settled();
    const after = await shown(before.id);
    expect(after).toMatchObject({ state: 'open', standing: { cast: 0 } });
    expect(after.digest).not.toBe(before.digest);
    await withdraw(before);
  });
});

describe('four eyes', () => {
  it('who wrote a proposal never approves it alone', async () => {
    const proposal = await proposeLaw('sam', 'sales');
    await done(ballot(of('sam'), proposal), 201);
    await done(ballot(of('sue'), proposal, 'abstain'), 201);
    const { state, standing } = await done(ballot(of('syd'), proposal, 'abstain'), 201);
    expect(state).toBe('open');
    expect(standing.needs).toEqual(['an approval by someone else than its author']);
    expect(await activate(of('sam'), proposal)).toMatchObject({
      status: 409,
      body: { code: 'proposal_not_approved' },
    });
    await tick(Date.parse(proposal.closes_at));
    expect((await shown(proposal.id)).state).toBe('rejected');
    expect((await ballot(of('sue'), proposal)).body.code).toBe('proposal_closed');
  });

  it('one operator does not break glass, whatever other roles the same one has', async () => {
    const proposal = await proposeLaw('olga', 'sales', {}, { break_glass: { reason: 'a leak' } });
    for (const roles of [['operator'], ['operator', 'steward:sales'], ['operator', 'auditor']]) {
      await refused('olga', 'POST /v1/proposals/{id}/activation', () =>
        activate(of('olga', ...roles), proposal),
      );
    }
    for (const name of ['sam', 'sue', 'stan']) {
      await refused(name, 'POST /v1/proposals/{id}/activation', () => activate(of(name), proposal));
    }
    expect((await shown(proposal.id)).state).toBe('open');
    await withdraw(proposal);
    expect((await activate(of('oscar'), proposal)).body.code).toBe('forbidden');
  });

  it('a second operator agrees to what was seen, and to nothing that came after', async () => {
    const seen = await proposeLaw('olga', 'sales', {}, { break_glass: { reason: 'a leak' } });
    const files = filesOf('sales', changed('sales'));
    await done(of('olga').put(`/v1/proposals/${seen.id}/bundle`, { files }));
    await mesh.app.councilActs.settled();
    expect(await activate(of('oscar'), seen, { digest: seen.digest })).toMatchObject({
      status: 409,
      body: { code: 'ballot_outdated' },
    });
    expect((await shown(seen.id)).state).toBe('open');
    await withdraw(seen);
  });

  it('an emergency is for operators to hand in', async () => {
    const files = filesOf('sales', changed('sales'));
    for (const name of ['sam', 'sue']) {
      await refused(name, 'POST /v1/proposals', () =>
        handIn(of(name), 'sales', files, { break_glass: { reason: 'x' } }),
      );
    }
  });

  it('what was approved is put in force by its author or a member, not by a stranger', async () => {
    const proposal = await proposeLaw('stan', 'sales');
    await done(ballot(of('sam'), proposal), 201);
    await done(ballot(of('sue'), proposal), 201);
    expect((await shown(proposal.id)).state).toBe('approved');
    for (const [name, roles] of [
      ['steve', ['steward:sales']],
      ['olga', ['operator']],
      ['sam', ['steward:finance', 'operator']],
    ] as const) {
      for (const body of [{}, { at: '2026-07-01T00:00:00Z' }, { shadow: {} }]) {
        await refused(name, 'POST /v1/proposals/{id}/activation', () =>
          activate(of(name, ...roles), proposal, body),
        );
      }
    }
    await refused('ada', 'POST /v1/proposals/{id}/activation', () => activate(of('ada'), proposal));
    expect(mesh.app.policies().revision).toBe(1);
    await withdraw(proposal);
  });

  it('a waiver is decided by another than who asked for it, and by another domain', async () => {
    const waiver = await done(
      of('fay').post('/v1/waivers', {
        layer: 'global',
        policy: 'careful',
        domain: 'finance',
        category: 'waiver',
        reason: 'the books',
        resources: ['books'],
        until: new Date(mesh.nowMs + 86_400_000).toISOString(),
      }),
      201,
    );
    const path = `/v1/waivers/${waiver.id}/decision`;
    const grant = { decision: 'grant', reason: 'why not' };
    for (const [name, roles] of [
      ['fay', []],
      ['fay', ['representative:sales', 'representative:health']],
      ['fred', []],
      ['sue', ['steward:sales']],
      ['sue', ['representative:finance']],
      ['sam', []],
      ['olga', []],
      ['ada', []],
    ] as const) {
      await refused(name, 'POST /v1/waivers/{id}/decision', () => of(name, ...roles).post(path, grant));
    }
    for (const policy of ['forbids', 'constructor', '__proto__', 'nothing']) {
      const { status } = await of('fay').post('/v1/waivers', {
        ...{
          layer: 'global',
          policy,
          domain: 'finance',
          category: 'waiver',
          reason: 'x',
          resources: ['books'],
        },
        until: new Date(mesh.nowMs + 86_400_000).toISOString(),
      });
      expect(status).toBe(400);
    }
    await done(of('hal').post(path, { ...grant, decision: 'refuse' }));
  });
});

describe('what global denies stays denied', () => {
  const descriptor = (id: string): object => ({
    descriptor: {
      ...{ apiVersion: 'v1.0.0', kind: 'DataProduct', id, name: 'orders', version: '1.0.0' },
      ...{ status: 'active', domain: 'sales' },
    },
  });
  const asked = (changes: any = {}): object => ({
    subject: { type: 'user', id: 'bob', ...changes.subject },
    action: { name: changes.action ?? 'read' },
    resource: {
      type: 'table',
      id: changes.id ?? 'orders',
      properties: { domain: changes.domain ?? 'sales' },
    },
    context: changes.context ?? {},
  });
  const DENIED: readonly [string, object][] = [
    ['a thing', { id: 'vault' }],
    ['a thing of a domain within', { id: 'vault', domain: 'sales/eu' }],
    ['a place', { context: { region: 'mars' } }],
    ['an action', { action: 'destroy' }],
    ['what a soft policy forbids', { context: { careless: true } }],
    ['what is taken in from another domain', { id: 'vault', domain: 'finance' }],
    ['another domain that takes it in', { id: 'vault', subject: { id: 'fil' } }],
    [
      'a subject that says it may',
      { id: 'vault', subject: { properties: { permit: true, roles: ['operator'] } } },
    ],
  ];
  const decide = async (changes: object) => {
    const { decision, context } = await mesh.decide(asked(changes));
    return { decision, code: context.code, reasons: context.reasons };
  };

  it('also when a domain permits everything by the whole procedure', async () => {
    for (const [id, domain] of [
      ['bob', 'sales'],
      ['fil', 'finance'],
    ]) {
      await done(of('olga').put(`/v1/entities/user/${id}`, { domain, properties: {} }), 201);
    }
    const before = await Promise.all(DENIED.map(([, changes]) => decide(changes)));
    const product = '/v1/products/urn%3Amesh%3Asales%3Aforbidden';
    const put = () => of('sam').put(product, descriptor('urn:mesh:sales:forbidden'));
    const unpublished = await put();
    expect(unpublished.status).toBe(422);
    expect(await decide({ action: 'browse' })).toMatchObject({ decision: false, code: 'not_permitted' });

    const generous = { rules: 'permit := true', appliesTo: ALL_KINDS };
    const proposal = await proposeLaw('sam', 'sales', {
      policies: {
        // They stand beside those of global that have the same names.
        careful: { ...generous, enforcement: 'advisory' },
        forbids: { ...generous, enforcement: 'advisory' },
        imports: generous,
        everything: generous,
      },
    });
    expect(proposal.checks.faults).toEqual([]);
    expect((await enact(proposal, ['sue', 'sam'])).state).toBe('active');

    // It is really in force: what nobody had permitted it permits.
    expect(await decide({ action: 'browse' })).toMatchObject({ decision: true });
    for (const [at, [what, changes]] of DENIED.entries()) {
      expect(before[at], what).toMatchObject({ decision: false, code: 'forbidden' });
      expect(await decide(changes), what).toEqual(before[at]);
    }
    const still = await put();
    expect(still.status).toBe(422);
    expect(still.body.reasons).toEqual(unpublished.body.reasons);
    expect(
      (await of('sam').put('/v1/products/urn%3Amesh%3Asales%3Afine', descriptor('urn:mesh:sales:fine')))
        .status,
    ).toBe(201);
  });
});

describe('two changes of one layer', () => {
  it('that are put in force at once: one is, and the other is told that it came too late', async () => {
    const base = mesh.app.policies().revision;
    const both = [await proposeLaw('sam', 'sales'), await proposeLaw('syd', 'sales')];
    for (const each of both) {
      for (const name of ['sue', 'sam', 'syd'].filter((member) => member !== each.author)) {
        await done(ballot(of(name), each), 201);
      }
    }
    const answers = await Promise.all(both.map((each) => activate(of(each.author), each)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(answers.find(({ status }) => status === 409)?.body.code).toBe('revision_moved');
    expect(mesh.app.policies().revision).toBe(base + 1);
    const again = await Promise.all(
      [0, 1].map(() => activate(of('sue'), both[answers[0]?.status === 200 ? 0 : 1])),
    );
    expect(again.map(({ status }) => status)).toEqual([409, 409]);
    expect(mesh.app.policies().revision).toBe(base + 1);
    await withdraw(both[answers[0]?.status === 200 ? 1 : 0]);
  });

  it('a withdrawal and an activation at once: it is in force or withdrawn, never both', async () => {
    const { revision } = mesh.app.policies();
    const proposal = await proposeLaw('sam', 'sales');
    for (const name of ['sue', 'syd']) await done(ballot(of(name), proposal), 201);
    const [gone, active] = await Promise.all([
      of('sam').post(`/v1/proposals/${proposal.id}/withdrawal`, { reason: 'no' }),
      activate(of('sue'), proposal),
    ]);
    expect([gone.status, active.status].sort()).toEqual([200, 409]);
    expect(mesh.app.policies().revision - revision).toBe(active.status === 200 ? 1 : 0);
    expect((await shown(proposal.id)).state).toBe(active.status === 200 ? 'active' : 'withdrawn');
  });
});

describe('an emergency chooses nobody who makes law that outlives it', () => {
  const until = async (proposal: any): Promise<void> =>
    tick(Date.parse((await shown(proposal.id)).break_glass.reverts_at));
  const usurp = async (layer: Layer, manifest: readonly string[]): Promise<any> => {
    const rest = LAWS[layer].manifest.filter((line) => !line.startsWith('council:'));
    const coup = await proposeLaw(
      'olga',
      layer,
      { manifest: [...rest, ...manifest] },
      { break_glass: { reason: 'a coup' } },
    );
    return done(activate(of('oscar'), coup));
  };

  it.each<[string, Layer, readonly string[], readonly string[]]>([
    [
      'other members',
      'sales',
      ['council: { members: [eve, mallory], voting_period: P3D }'],
      ['steward:sales'],
    ],
    ['members of their own', 'health', ['council: { members: [eve, mallory] }'], ['steward:health']],
    [
      'other seats',
      'global',
      ['council: { members: { sales: [eve], finance: [mallory] } }'],
      ['representative:sales', 'representative:finance'],
    ],
  ])('%s of %s vote on nothing and waive nothing', async (_, layer, manifest, roles) => {
    const before = mesh.app.current.law.bundles.get(layer)?.digest;
    const usurpers = ['eve', 'mallory'].map((name) => of(name, ...roles));
    const coup = await usurp(layer, manifest);
    const next = await propose(
      usurpers[0] ?? of('eve'),
      layer,
      filesOf(layer, changed(layer, { manifest: [...manifest] })),
    );
    for (const [at, name] of ['eve', 'mallory'].entries()) {
      const who = usurpers[at] ?? of(name);
      // What fails its checks is voted on by nobody anyway.
      if (next.state === 'open') {
        await refused(name, 'POST /v1/proposals/{id}/ballots', () => ballot(who, next));
      }
      await refused(name, 'POST /v1/proposals/{id}/ballots', () => ballot(who, coup));
    }
    await until(coup);
    expect(mesh.app.current.law.bundles.get(layer)?.digest).toBe(before);
    await withdraw(next);
  });

  it('what members were voting on waits, and is decided by them when they are back', async () => {
    const health = await proposeLaw('hal', 'health');
    await done(ballot(of('hal'), health), 201);
    const coup = await usurp('global', [
      'council: { members: { health: [hal], sales: [eve] }, quorum: 0.1, voting_period: P7D }',
    ]);
    await refused('eve', 'POST /v1/proposals/{id}/ballots', () =>
      ballot(of('eve', 'representative:sales'), health),
    );
    await refused('hal', 'POST /v1/proposals/{id}/ballots', () => ballot(of('hal'), health));
    expect((await shown(health.id)).state).toBe('open');
    await until(coup);
    expect((await done(ballot(of('fay'), health), 201)).state).toBe('approved');
    await withdraw(health);
  });

  it('no waiver is granted by who came in by an emergency', async () => {
    const waiver = await done(
      of('fay').post('/v1/waivers', {
        ...{ layer: 'global', policy: 'careful', domain: 'finance', category: 'waiver', reason: 'x' },
        ...{ resources: ['books'], until: new Date(mesh.nowMs + 5 * 86_400_000).toISOString() },
      }),
      201,
    );
    const coup = await usurp('global', ['council: { members: { sales: [eve], health: [hal] } }']);
    await refused('eve', 'POST /v1/waivers/{id}/decision', () =>
      of('eve', 'representative:sales').post(`/v1/waivers/${waiver.id}/decision`, {
        decision: 'grant',
        reason: 'x',
      }),
    );
    await until(coup);
    await done(
      of('hal').post(`/v1/waivers/${waiver.id}/decision`, { decision: 'refuse', reason: 'no need' }),
    );
  });
});

describe('an emergency after an emergency', () => {
  it('does not make law for good of what nobody but operators decided', async () => {
    const before = mesh.app.current.law.bundles.get('sales')?.digest;
    const emergency = { break_glass: { reason: 'a leak' } };
    const first = await proposeLaw('olga', 'sales', {}, emergency);
    await done(activate(of('oscar'), first, { digest: first.digest }));
    const second = await proposeLaw('oscar', 'sales', {}, emergency);
    expect(await activate(of('olga'), second)).toMatchObject({
      status: 409,
      body: { code: 'proposal_not_approved' },
    });
    expect((await shown(second.id)).break_glass).not.toHaveProperty('second_operator');
    expect(mesh.app.current.law.bundles.get('sales')?.digest).toBe(first.digest);
    await withdraw(second);
    const { break_glass } = await shown(first.id);
    await tick(Date.parse(break_glass.reverts_at));
    expect(mesh.app.current.law.bundles.get('sales')?.digest).toBe(before);
  });
});

describe('what would take for ever', () => {
  const endless: Readonly<Record<string, string>> = {
    'a pattern': `{ default: ${'a'.repeat(60)}!, schema: { type: string, pattern: "^(a+)+$" } }`,
    'names by a pattern': `{ default: { ${'a'.repeat(60)}!: 1 }, schema: { type: object, patternProperties: { "^(a+)+$": { type: string } } } }`,
    'a schema that refers to itself': '{ default: 1, schema: { $ref: "#" } }',
    'a schema that doubles with each step': `{ default: 1, schema: { $ref: "#/definitions/a40", definitions: { a0: { type: integer }, ${Array.from(
      { length: 40 },
      (_, at) =>
        `a${at + 1}: { allOf: [{ $ref: "#/definitions/a${at}" }, { $ref: "#/definitions/a${at}" }] }`,
    ).join(', ')} } } }`,
  };

  it.each(Object.entries(endless))('is given up in time: %s', { timeout: 60_000 }, async (_, delegation) => {
    const manifest = [...LAWS.health.manifest, `delegations: { odd: ${delegation} }`];
    const files = filesOf('health', changed('health', { manifest }));
    const { status, body } = await handIn(of('hal'), 'health', files);
    expect([status, body.code]).toEqual([400, 'manifest_invalid']);
    expect(body.faults[0].pointer).toMatch(/^\/delegations/);
    expect((await of('ada').get('/v1/layers')).status).toBe(200);
  });

  it('also where the layer itself sets the value', { timeout: 60_000 }, async () => {
    const manifest = [
      'delegations: { odd: { schema: { type: string, pattern: "^(a+)+$" } } }',
      `parameters: { odd: ${'a'.repeat(60)}! }`,
    ];
    const proposal = await proposeLaw('hal', 'health', { manifest });
    expect(proposal.state).toBe('failed');
    expect(proposal.checks.faults[0]).toMatchObject({
      code: 'parameter_out_of_bounds',
      message: expect.stringContaining('take longer than'),
    });
    await withdraw(proposal);
  });
});

describe('who leaves the council', () => {
  it('votes no more, also on what was open before', async () => {
    const smaller = await proposeLaw('sam', 'sales', {
      manifest: [...SALES_DAYS, 'council: { members: [sam, sue], voting_period: P3D }'],
    });
    await enact(smaller, ['sue', 'syd']);
    const next = await proposeLaw('sue', 'sales');
    await refused('syd', 'POST /v1/proposals/{id}/ballots', () => ballot(of('syd'), next));
    await refused('syd', 'POST /v1/proposals/{id}/activation', () => activate(of('syd'), next));
    expect((await shown(next.id)).standing).toMatchObject({ seats: 2, cast: 0 });
    await withdraw(next);
  });
});
