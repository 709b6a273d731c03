import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readBundleIn } from '../src/policy/read-bundles.js';
import { policiesFolder } from './bundles.js';
import { CannedService, problem } from './canned-service.js';
import { BEFORE, DIFF, DIGEST, IMPACT, OPEN } from './council-samples.js';
import { witan, type Ran } from './served-mesh.js';
import { temporaryFolder } from './service.js';

const service = new CannedService();
beforeAll(() => service.start());
afterAll(() => service.stop());

const run = (...line: readonly string[]): Promise<Ran> => witan(...line, '--server', service.url);

const open = { rules: 'permit := true' };
/** Two layers, and what the service has in force of them. */
const meshFolder = async () => {
  const folder = policiesFolder({ global: { open }, sales: { open } });
  const layers = { global: join(folder, 'global'), sales: join(folder, 'domains/sales') };
  const [global, sales] = await Promise.all([readBundleIn(layers.global), readBundleIn(layers.sales)]);
  return { folder, layers, bundles: { global, sales } };
};
const inForce = (digests: Readonly<Record<string, string>>) => ({
  body: {
    revision: 3,
    layers: Object.entries(digests).map(([layer, digest]) => ({
      layer,
      digest,
      version: '1.0.0',
      title: `Law of ${layer}`,
      policies: 2,
      council: 'global',
    })),
  },
});
const about12 = {
  'GET /v1/proposals/12': { body: OPEN },
  'GET /v1/proposals/12/diff': { body: DIFF },
  'GET /v1/proposals/12/impact': { body: IMPACT },
};

describe('witan propose', () => {
  it('proposes the layer that differs, waits until it is checked, and says what it means and needs', async () => {
    const { folder, bundles } = await meshFolder();
    const older = bundles.global.files.map(({ path, text }) => ({
      path,
      text: text.replace('hard', 'soft'),
    }));
    service.answers({
      'GET /v1/layers': inForce({ global: BEFORE, sales: bundles.sales.digest }),
      [`GET /v1/layers/global/bundles/${encodeURIComponent(BEFORE)}`]: { body: { files: older } },
      'POST /v1/proposals': { status: 201, body: { ...OPEN, state: 'checking', ballots: [] } },
      ...about12,
      'GET /v1/proposals/12': [
        { body: { ...OPEN, state: 'checking', checks: undefined } },
        { body: { ...OPEN, state: 'checking' } },
        { body: OPEN },
      ],
      'GET /v1/proposals/12/impact/progress': {
        body: '{"done":1,"of":40,"step":"decisions"}\n{"ended":"done"}\n',
      },
    });
    const { code, out, err } = await run(
      'propose',
      folder,
      '--description-file',
      join(folder, 'global/manifest.yaml'),
    );
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(service.sent('POST')[0]?.body).toEqual({
      layer: 'global',
      title: expect.stringMatching(/^.*open.* hard/),
      description: readFileSync(join(folder, 'global/manifest.yaml'), 'utf8'),
      files: bundles.global.files,
    });
    expect(out).toContain('#12 Keep customer data for 90 days  open\n');
    expect(out).toContain('what it means\n  the soft policy `retention` is new\n');
    expect(out).toContain('needs 2 of 3 votes, 1 so far, missing: healthcare, platform');
    expect(out).toMatch(/healthcare +4 +· +· +· +· +1 +·\n/);
    expect(out).toMatch(/next: witan vote 12 approve\n$/);
  });

  it('makes one proposal of each layer that differs, and says so', async () => {
    const { folder } = await meshFolder();
    service.answers({
      'GET /v1/layers': inForce({}),
      'POST /v1/proposals': [
        { status: 201, body: OPEN },
        problem(403, 'forbidden', '`ana` is not steward of `sales`'),
      ],
      ...about12,
    });
    const { code, out, err } = await run('propose', folder, '--title', 'both', '--no-wait');
    expect(service.sent('POST').map(({ body }) => [body.layer, body.title])).toEqual([
      ['global', 'both'],
      ['sales', 'both'],
    ]);
    expect(err).toContain('2 layers changed: global, sales; each becomes a proposal of its own\n');
    expect(err).toContain('sales is not proposed:\nwitan: `ana` is not steward of `sales` [forbidden]\n');
    expect(out).toContain('#12 ');
    expect(code).toBe(1);
  });

  it.each(['', 'domains/sales'])('answers no where nothing differs in policies/%s', async (below) => {
    const { folder, bundles } = await meshFolder();
    service.answers({
      'GET /v1/layers': inForce({
        global: bundles.global.digest,
        sales: bundles.sales.digest,
        finance: DIGEST,
      }),
    });
    const { code, out, err } = await run('propose', join(folder, below));
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain('in revision 3\n');
    expect(err.includes('not in the folder, so left as they are: finance\n')).toBe(below === '');
    expect(service.sent('POST')).toEqual([]);
  });

  it('leaves layers alone that the caller may not read', async () => {
    const { folder, bundles } = await meshFolder();
    service.answers({
      'GET /v1/layers': inForce({ global: bundles.global.digest }),
      'GET /v1/layers/sales/bundles': problem(403, 'forbidden', 'not yours'),
    });
    const { code, err } = await run('propose', folder);
    expect(code).toBe(1);
    expect(err).toBe(
      'not for you to read, so left as they are: sales\nnothing to propose: global stands as in revision 3\n',
    );
  });

  it('shows the faults of failed checks where the files stand, and answers no', async () => {
    const { layers } = await meshFolder();
    const fault = {
      file: 'policy/open.rego',
      row: 9,
      column: 1,
      message: 'var x is unsafe',
      code: 'rego_unsafe_var_error',
    };
    const failed = {
      ...OPEN,
      layer: 'sales',
      state: 'failed',
      impact: undefined,
      checks: { ...OPEN.checks, faults: [fault] },
    };
    service.answers({
      'GET /v1/layers': inForce({}),
      'POST /v1/proposals': { status: 201, body: { ...failed, state: 'checking' } },
      ...about12,
      'GET /v1/proposals/12': { body: failed },
    });
    const { code, out } = await run('propose', layers.sales);
    expect(code).toBe(1);
    expect(out).toMatch(
      /^\S*domains\/sales\/policy\/open\.rego:9:1: var x is unsafe \[rego_unsafe_var_error\]\n/,
    );
    expect(out).toMatch(/next: witan propose --edit 12 <folder>\n$/);
  });

  it('proposes nothing where a bundle cannot be read, with the faults as check shows them', async () => {
    const { folder, layers } = await meshFolder();
    writeFileSync(join(layers.sales, 'manifest.yaml'), 'layer: sales\nversion: 1\npolicies: {}\n');
    service.answers({});
    const { code, out, err } = await run('propose', folder);
    expect(code).toBe(1);
    expect(out).toMatch(/domains\/sales\/manifest\.yaml:2:1: \/version must be string /);
    expect(err).toBe('nothing is proposed: a bundle cannot be read\n');
    expect(service.asked).toEqual([]);
  });

  it('hands in an emergency with its reason', async () => {
    const { layers, bundles } = await meshFolder();
    service.answers({
      'GET /v1/layers': inForce({ sales: bundles.sales.digest }),
      'POST /v1/proposals': {
        status: 201,
        body: { ...OPEN, break_glass: { reason: 'leak', operator: 'ops' } },
      },
      ...about12,
      'GET /v1/proposals/12': { body: { ...OPEN, break_glass: { reason: 'leak', operator: 'ops' } } },
    });
    const { code, out } = await run(
      'propose',
      layers.global,
      '--break-glass',
      '--reason',
      'leak',
      '--title',
      'stop',
    );
    expect(code).toBe(0);
    expect(service.sent('POST')[0]?.body.break_glass).toEqual({ reason: 'leak' });
    expect(out).toContain('EMERGENCY');
    expect(out).toContain('an emergency, says ops: leak');
    expect(out).toContain('next: witan activate 12   (another operator)');
  });

  it.each([
    [['--break-glass'], 'go together'],
    [['--reason', 'x'], 'go together'],
    [['--edit', '12', '--title', 'x'], 'replaces the bundle alone'],
  ])('refuses flags that do not go together: %j', async (flags, words) => {
    const { folder } = await meshFolder();
    service.answers({});
    const { code, err } = await run('propose', folder, ...flags);
    expect(code).toBe(2);
    expect(err).toContain(words);
    expect(service.asked).toEqual([]);
  });

  it('is JSON for machines', async () => {
    const { layers } = await meshFolder();
    service.answers({
      'GET /v1/layers': inForce({}),
      'POST /v1/proposals': { status: 201, body: OPEN },
      ...about12,
    });
    const { code, out } = await run('propose', layers.sales, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual({ proposals: [OPEN] });
  });

  it('edits a proposal by the bundle of its layer', async () => {
    const { folder, bundles } = await meshFolder();
    service.answers({ 'PUT /v1/proposals/12/bundle': { body: OPEN }, ...about12 });
    const { code, out } = await run('propose', '--edit', '12', folder);
    expect(service.sent('PUT').map(({ body }) => body)).toEqual([{ files: bundles.global.files }]);
    expect(out).toContain('what it means');
    expect(code).toBe(0);
  });

  it('does not edit without a change, or with the bundle of another layer', async () => {
    const { layers, bundles } = await meshFolder();
    service.answers({ 'GET /v1/proposals/12': { body: { ...OPEN, digest: bundles.global.digest } } });
    expect(await run('propose', '--edit', '12', layers.global)).toMatchObject({
      code: 1,
      err: 'nothing to edit: proposal 12 is for this very bundle\n',
    });
    const other = await run('propose', '--edit', '12', layers.sales);
    expect(other.code).toBe(2);
    expect(other.err).toContain('proposal 12 is for `global`, of which there is no bundle in');
  });
});

describe('witan proposal and proposals', () => {
  it('shows a proposal whole, without obeying control characters of what others wrote', async () => {
    service.answers(about12);
    const { code, out } = await run('proposal', '12');
    expect(code).toBe(0);
    expect(out).toContain('#12 Keep customer data for 90 days  open\nlayer global, by cleo');
    expect(out).toContain('  The regulator asks for it.\n  See the letter of May.\n');
    expect(out).toContain(
      '1 for, 0 against, 0 abstained: 1 of 3 have voted, at least 2 must (council of global)',
    );
    expect(out).toContain('needed: the votes of the domains that it touches: healthcare');
    expect(out).toContain('fine: 12 tests passed, 0 failed, 93 % of the lines covered (against revision 3)');
    expect(out).toContain('policy/retention.rego:4: warning: is never reached [lint_unreached]');
    expect(out).toMatch(/finance +reject \(void: another bundle\) +jada +\S+ +too short\n/);
    expect(out).toMatch(/finance +approve +jada/);
    expect(out).toContain('7 older records not looked at');
    expect(out).not.toContain('\u001b');
    expect(out).toContain('[31mten years');
    expect(out).not.toContain('-permit');
    expect(out).not.toContain('0190-c');
  });

  it('shows what changes in the files, and samples of the impact, where that is asked for', async () => {
    service.answers(about12);
    const { out } = await run('proposal', '12', '--diff', '--impact');
    expect(out).toContain(
      'policy/retention.rego  +1 -1\n  @@ -1,2 +1,2 @@\n   package mesh.global.policy.retention\n  -permit\n  +\tdeny [2J\n',
    );
    expect(out).toContain('README.md  +0 -0\n');
    expect(out).toContain('newly denied: permitted → forbidden (healthcare, asked from sales)');
    expect(out).toContain('record 0190-c, 2026-05-20T00:00:00.000Z, 4 records like it');
    expect(out).toContain('global/retention: abstain → deny');
    expect(out).toContain('and 2 more reasons');
    expect(out).toContain('newly non compliant: healthcare.visits (healthcare)');
  });

  it('does without an impact that is not there yet', async () => {
    service.answers({ 'GET /v1/proposals/12': { body: OPEN }, 'GET /v1/proposals/12/diff': { body: DIFF } });
    const { code, out } = await run('proposal', '12', '--impact');
    expect(code).toBe(0);
    expect(out).not.toContain('\nimpact\n');
  });

  it('is the proposal itself as JSON, and with diff and impact where they are asked for', async () => {
    service.answers(about12);
    expect(JSON.parse((await run('proposal', '12', '--json')).out)).toEqual(OPEN);
    expect(JSON.parse((await run('proposal', '12', '--diff', '--json')).out)).toEqual({
      proposal: OPEN,
      diff: DIFF,
      impact: IMPACT,
    });
  });

  it('lists proposals as a table', async () => {
    const { ballots: _, comments: __, timeline: ___, ...listed } = OPEN;
    service.answers({
      'GET /v1/proposals?state=open&layer=global&limit=50': { body: { proposals: [listed], next: '11' } },
    });
    const { code, out, err } = await run('proposals', '--state', 'open', '--layer', 'global');
    expect(code).toBe(0);
    expect(out).toMatch(
      /^ {2}id +state +layer +title +author +what is needed\n {2}12 +open +global +Keep customer/,
    );
    expect(err).toBe('more follow: --cursor 11\n');
  });

  it.each([
    ['something that is no proposal', { body: { id: '12' } }, 3, ''],
    ['nothing', {}, 2, 'there is nothing at GET /v1/proposals/12'],
    ['a failure', problem(503, 'store_unavailable', 'the store cannot be read'), 3, ''],
  ])('ends clearly where the service answers %s', async (_, answer, code, words) => {
    service.answers(Object.keys(answer).length === 0 ? {} : { 'GET /v1/proposals/12': answer });
    const ran = await run('proposal', '12');
    expect(ran.code).toBe(code);
    expect(ran.out).toBe('');
    expect(ran.err).toContain(words);
  });
});

describe('acts on a proposal', () => {
  const approved = { ...OPEN, state: 'approved', standing: undefined, summary: 'approved by 2 of 3' };

  it.each([
    {
      line: ['vote', '12', 'approve', '--comment', 'fine', '--digest', DIGEST.slice(0, 20)],
      route: 'POST /v1/proposals/12/ballots',
      body: { vote: 'approve', digest: DIGEST, comment: 'fine' },
    },
    {
      line: ['withdraw', '12', '--reason', 'no longer'],
      route: 'POST /v1/proposals/12/withdrawal',
      body: { reason: 'no longer' },
    },
    { line: ['activate', '12'], route: 'POST /v1/proposals/12/activation', body: {} },
    {
      line: ['activate', '12', '--at', '2027-01-01T00:00:00Z', '--reason', 'new year'],
      route: 'POST /v1/proposals/12/activation',
      body: { at: '2027-01-01T00:00:00Z', reason: 'new year' },
    },
    { line: ['activate', '12', '--shadow'], route: 'POST /v1/proposals/12/activation', body: { shadow: {} } },
    {
      line: ['activate', '12', '--shadow', '2026-12-24T00:00:00Z'],
      route: 'POST /v1/proposals/12/activation',
      body: { shadow: { until: '2026-12-24T00:00:00Z' } },
    },
  ])('witan $line sends what it says, and shows where the proposal stands', async ({ line, route, body }) => {
    service.answers({ ...about12, [route]: { body: approved } });
    const { code, out } = await run(...line);
    expect(service.sent('POST').map((asked) => asked.body)).toEqual([body]);
    expect(out).toContain('#12 Keep customer data for 90 days  approved\n');
    expect(out).toContain('where it stands\n  approved by 2 of 3\n');
    expect(out).not.toContain('regulator');
    expect(out).toMatch(/next: witan activate 12\n$/);
    expect(code).toBe(0);
    expect(JSON.parse((await run(...line, '--json')).out).state).toBe('approved');
  });

  it('comments, and shows what was said', async () => {
    service.answers({ 'POST /v1/proposals/12/comments': { status: 201, body: OPEN } });
    const { code, out } = await run('comment', '12', 'why?');
    expect(service.sent('POST')[0]?.body).toEqual({ text: 'why?' });
    expect(out).toContain('comments\n  pia 2026-06-01T02:00:00.000Z\n    we keep it for\n');
    expect(code).toBe(0);
  });

  it.each([
    ['another bundle', `sha256:${'0'.repeat(12)}`, 1, 'read it again before you vote [ballot_outdated]'],
    ['no digest', 'sha256:xyz', 2, 'expected `sha256:` and at least 8 hexadecimal digits'],
  ])('does not vote for %s', async (_, digest, code, words) => {
    service.answers(about12);
    const ran = await run('vote', '12', 'approve', '--digest', digest);
    expect(ran.code).toBe(code);
    expect(ran.err).toContain(words);
    expect(service.sent('POST')).toEqual([]);
  });

  it.each([
    [403, 'forbidden', 1],
    [409, 'proposal_closed', 1],
    [409, 'proposal_not_approved', 1],
    [409, 'revision_moved', 1],
    [409, 'of_a_newer_service', 1],
    [400, 'invalid_request', 2],
    [404, 'not_found', 2],
  ])('ends by what kind of refusal %i %s is', async (status, refused, code) => {
    service.answers({
      'POST /v1/proposals/12/activation': problem(status, refused, 'that is so', [
        { file: 'policy/a.rego', row: 3, message: 'is wrong' },
      ]),
    });
    const ran = await run('activate', '12');
    expect(ran.code).toBe(code);
    expect(ran.out).toBe('');
    expect(ran.err).toMatch(/^witan: that is so \[\w+\]\n {2}policy\/a\.rego:3: is wrong\n$/);
  });
});

describe('who asks', () => {
  const refuse = problem(401, 'unauthenticated', 'this needs a token');

  it('is told how to say who they are where the service wants to know', async () => {
    service.answers({ 'GET /v1/layers': refuse });
    const { code, err } = await run('layers');
    expect(code).toBe(2);
    expect(err).toContain('this needs a token; say as whom you ask with `--as <name>`');
  });

  it('is sent along, by a name of the demo or a file', async () => {
    const folder = temporaryFolder();
    writeFileSync(
      join(folder, 'demo-tokens.json'),
      JSON.stringify({ ana: { token: 'secret-of-ana', roles: [] } }),
    );
    writeFileSync(join(folder, 'token'), 'secret-of-bob\n');
    service.answers({
      'GET /v1/layers': inForce({ global: DIGEST }),
      'GET /v1/proposals/12/impact/progress': refuse,
    });
    expect((await run('layers', '--as', 'ana', '--data-dir', folder)).code).toBe(0);
    expect((await run('layers', '--token-file', join(folder, 'token'))).code).toBe(0);
    expect((await run('impact', '12', '--as', 'ana', '--data-dir', folder)).code).toBe(2);
    expect(service.asked.map(({ headers }) => headers['authorization'])).toEqual([
      'Bearer secret-of-ana',
      'Bearer secret-of-bob',
      'Bearer secret-of-ana',
    ]);
    expect((await run('layers', '--as', 'nobody', '--data-dir', folder)).code).toBe(2);
  });
});

describe('witan impact and shadow', () => {
  it('shows the impact with its samples', async () => {
    service.answers(about12);
    const { code, out } = await run('impact', '12');
    expect(code).toBe(0);
    expect(out).toMatch(/^impact\n {2}of 200 recorded decisions 4 would be denied/);
    expect(out).toContain('3 records with masked values');
    expect(out).toContain('decisions that would change');
    expect(out).not.toContain('platform');
  });

  it('finds it out again, to the end', async () => {
    service.answers({
      ...about12,
      'POST /v1/proposals/12/impact': { status: 202, body: {} },
      'GET /v1/proposals/12/impact/progress': {
        body: '{"done":1,"of":2,"step":"products"}\n{"ended":"done"}\n',
      },
    });
    expect((await run('impact', '12', '--again')).code).toBe(0);
    expect(service.asked.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /v1/proposals/12/impact',
      'GET /v1/proposals/12/impact/progress',
      'GET /v1/proposals/12/impact',
    ]);
  });

  it.each([
    ['failed', 3],
    ['cancelled', 1],
  ])('says when finding it out %s', async (ended, code) => {
    service.answers({
      'POST /v1/proposals/12/impact': { status: 202 },
      'GET /v1/proposals/12/impact/progress': { body: JSON.stringify({ ended }) },
    });
    const ran = await run('impact', '12', '--again');
    expect(ran.code).toBe(code);
    expect(ran.err).toContain(ended);
  });

  it('cancels', async () => {
    service.answers({ 'DELETE /v1/proposals/12/impact': { status: 204 } });
    expect((await run('impact', '12', '--cancel')).code).toBe(0);
    expect((await run('impact', '12', '--cancel', '--again')).code).toBe(2);
  });

  it('shows the divergence of a shadow run', async () => {
    service.answers({
      'GET /v1/proposals/12/shadow': {
        body: {
          since: '2026-06-02T00:00:00Z',
          counted_since: '2026-06-03T00:00:00Z',
          evaluated: 50,
          skipped: 3,
          divergent: 2,
          by_domain: { sales: { evaluated: 50, divergent: 2 } },
          samples: [
            {
              decision: '0190-d',
              shadow: '0190-e',
              was: { decision: true, code: 'permitted' },
              would_be: { decision: false, code: 'forbidden' },
            },
          ],
        },
      },
    });
    const { code, out } = await run('shadow', '12');
    expect(code).toBe(0);
    expect(out).toMatch(/^2 of 50 decisions would have been otherwise, 3 were not looked at\n/);
    expect(out).toContain('since 2026-06-02T00:00:00Z; looked at since 2026-06-03T00:00:00Z\n');
    expect(out).toMatch(/sales +50 +2\n/);
    expect(out).toMatch(/permit permitted +deny forbidden +0190-d +0190-e\n/);
  });
});

describe('witan layers and rollback', () => {
  const history = {
    body: {
      bundles: [
        { revision: 5, digest: DIGEST },
        { revision: 4, digest: BEFORE },
        { revision: 3, digest: DIGEST },
        { revision: 1, digest: `sha256:${'77'.repeat(32)}` },
      ],
    },
  };
  const file = { path: 'manifest.yaml', text: 'layer: finance/risk' };
  const answers = {
    'GET /v1/layers/finance%2Frisk/bundles': history,
    [`GET /v1/layers/finance%2Frisk/bundles/${encodeURIComponent(BEFORE)}`]: { body: { files: [file] } },
    [`GET /v1/layers/finance%2Frisk/bundles/${encodeURIComponent(`sha256:${'77'.repeat(32)}`)}`]: {
      body: { files: [{ ...file, text: 'first' }] },
    },
    'POST /v1/proposals': { status: 201, body: OPEN },
    ...about12,
  };

  it.each([
    [[], 4, file],
    [['sha256:9988'], 4, file],
    [['7777'], 1, { ...file, text: 'first' }],
  ])('proposes an earlier bundle again: %j', async (digest, revision, proposed) => {
    service.answers(answers);
    const { code } = await run('rollback', 'finance/risk', ...digest, '--reason', 'locked out');
    expect(code).toBe(0);
    expect(service.sent('POST')[0]?.body).toMatchObject({
      layer: 'finance/risk',
      title: expect.stringContaining(`Roll back finance/risk to revision ${revision} (sha256:`),
      description: 'locked out',
      files: [proposed],
    });
  });

  it.each([
    [['1a2b'], 'had no earlier bundle `1a2b`; it had sha256:998877669988, sha256:777777777777'],
    [[''], 'fits several bundles'],
  ])('does not guess which: %j', async (digest, words) => {
    service.answers(answers);
    const { code, err } = await run('rollback', 'finance/risk', ...digest);
    expect(code).toBe(2);
    expect(err).toContain(words);
  });

  it('lists the layers in force', async () => {
    service.answers({ 'GET /v1/layers': inForce({ global: DIGEST }) });
    const { code, out, err } = await run('layers');
    expect(code).toBe(0);
    expect(out).toMatch(/global +1\.0\.0 +2 +global +sha256:1a2b3c4d1a2b +Law of global\n/);
    expect(err).toBe('revision 3\n');
  });
});

describe('witan effective', () => {
  const council = { of: 'global', seats: [{ id: 'sales', members: ['cleo'] }] };
  const rule = { layer: 'global', applies_to: ['publish'], waivers: [], binds: true };

  it('says what binds a domain, by layer and by how it binds', async () => {
    const waiver = {
      id: '7',
      domain: 'finance/risk',
      category: 'waiver',
      resources: ['a', 'b'],
      until: '2026-12-31T00:00:00Z',
    };
    service.answers({
      'GET /v1/layers/finance%2Frisk/effective': {
        body: {
          layer: 'finance/risk',
          revision: 3,
          at: '2026-06-01T00:00:00.000Z',
          chain: [
            { layer: 'global', digest: DIGEST, version: '1.0.0', title: 'The law', council },
            { layer: 'finance', digest: BEFORE, version: '1.0.0', fault: 'it did not load', council },
            { layer: 'finance/risk', without_bundle: 'deny', council },
          ],
          policies: [
            {
              ...rule,
              policy: 'later',
              title: 'Later',
              level: 'advisory',
              enforcement: 'soft',
              binds: false,
              binds_from: '2027-01-01T00:00:00Z',
            },
            { ...rule, policy: 'kept', title: 'Kept', level: 'soft', enforcement: 'soft', waivers: [waiver] },
            { ...rule, policy: 'named', title: 'Named', level: 'hard', enforcement: 'hard' },
          ],
          parameters: [
            {
              name: 'days_max',
              value: 90,
              set_by: 'finance',
              bounds: [{ layer: 'global', schema: { type: 'integer', minimum: 1, maximum: 365 } }],
            },
          ],
          proposals: [
            { id: '12', title: 'Shorter', layer: 'global', state: 'open', closes_at: '2026-06-08T00:00:00Z' },
          ],
        },
      },
    });
    const { code, out } = await run('effective', 'finance/risk');
    expect(code).toBe(0);
    expect(out).toMatch(/^what binds products of finance\/risk\nrevision 3, \S+: 2 policies bind, of 3\n/);
    expect(out).toContain(
      'global  1.0.0  The law\n  sha256:1a2b3c4d1a2b, decided by the council of global: sales\n',
    );
    expect(out).toMatch(
      /hard +named +publish +Named\n +soft +kept +publish +Kept\n +advisory +later .*soft from 2027-01-01/,
    );
    expect(out).toContain('kept is waived for a, b until 2026-12-31T00:00:00Z (waiver 7 of finance/risk)');
    expect(out).toContain('it denies everything: it did not load');
    expect(out).toContain('it has no bundle: it says deny to everything');
    expect(out).toMatch(/days_max +90 +finance +1 to 365\n/);
    expect(out).toContain('#12 Shorter (global)  open, closes 2026-06-08T00:00:00Z');
  });
});

describe('witan waiver', () => {
  const asked = {
    id: '7',
    version: 1,
    layer: 'finance/risk',
    policy: 'limits',
    domain: 'sales',
    category: 'waiver',
    reason: 'the new store is ready in December',
    resources: ['sales.orders'],
    until: '2026-12-31T00:00:00Z',
    state: 'requested',
    asked_by: 'ana',
    asked_at: '2026-06-01T00:00:00Z',
    in_force: false,
    falls_away: false,
  };

  it('asks for one', async () => {
    service.answers({ 'POST /v1/waivers': { status: 201, body: asked } });
    const { code, out } = await run(
      ...['waiver', 'ask', 'finance/risk/limits', '--domain', 'sales', '--resource', 'sales.orders'],
      ...['--until', asked.until, '--reason', asked.reason],
    );
    expect(service.sent('POST')[0]?.body).toEqual({
      layer: 'finance/risk',
      policy: 'limits',
      domain: 'sales',
      category: 'waiver',
      reason: asked.reason,
      until: asked.until,
      resources: ['sales.orders'],
    });
    expect(out).toMatch(/^#7 finance\/risk\/limits for sales {2}requested\n/);
    expect(out).toContain('witan waiver grant 7 --reason');
    expect(code).toBe(0);
  });

  it.each([
    ['limits', ['--resource', 'x'], 'names no policy'],
    ['global/limits', [], 'whom is it for?'],
  ])('does not ask for %s %j', async (policy, flags, words) => {
    service.answers({});
    const line = ['--domain', 'sales', '--until', asked.until, '--reason', 'x', ...flags];
    const { code, err } = await run('waiver', 'ask', policy, ...line);
    expect(code).toBe(2);
    expect(err).toContain(words);
  });

  it.each([
    ['grant', 'decision', { decision: 'grant', reason: 'r' }],
    ['refuse', 'decision', { decision: 'refuse', reason: 'r' }],
    ['revoke', 'revocation', { reason: 'r' }],
  ])('%ss one', async (command, path, body) => {
    const decided = {
      ...asked,
      state: 'granted',
      decided_by: 'jada',
      decided_at: 'now',
      decision_reason: 'r',
    };
    service.answers({ [`POST /v1/waivers/7/${path}`]: { body: decided } });
    const { code, out } = await run('waiver', command, '7', '--reason', 'r');
    expect(service.sent('POST')[0]?.body).toEqual(body);
    expect(out).toContain('decided:  by jada, now: r');
    expect(code).toBe(0);
  });

  it('lists them, and says which hold no more', async () => {
    const over = { ...asked, id: '6', state: 'granted', until: '2026-01-01T00:00:00Z' };
    const gone = { ...asked, id: '5', state: 'granted', falls_away: true };
    service.answers({ 'GET /v1/waivers?domain=sales': { body: { waivers: [asked, over, gone] } } });
    const { code, out, err } = await run('waiver', 'list', '--domain', 'sales');
    expect(out).toMatch(/7 +requested +finance\/risk\/limits/);
    expect(out).toMatch(/6 +over /);
    expect(out).toMatch(/5 +no longer needed /);
    expect(err).toBe('3 waivers\n');
    expect(code).toBe(0);
  });

  it('shows the rates, with what they speak against', async () => {
    const rate = { layer: 'global', policy: 'retention', asked: 3, granted: 2, refused: 1, in_force: 1 };
    const shares = { denied: 10, waived: 4, waived_share: 0.4, domains_share: 0.5, note: 'may be wrong' };
    service.answers({ 'GET /v1/waivers/rates': { body: { rates: [{ ...rate, ...shares }] } } });
    const { code, out } = await run('waiver', 'rates');
    expect(out).toMatch(/global\/retention +3 +2 +1 +1 +50 % +10 +4 +40 %\n! may be wrong\n$/);
    expect(code).toBe(0);
  });
});

describe('witan entity', () => {
  it('puts, gets, lists and deletes', async () => {
    const folder = temporaryFolder();
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'bob.yaml'), 'domain: sales\nproperties: { roles: [analyst] }\n');
    const bob = { type: 'user', id: 'a/b', domain: 'sales', properties: { roles: ['analyst'] } };
    service.answers({
      'PUT /v1/entities/user/a%2Fb': { status: 201, body: bob },
      'GET /v1/entities/user/a%2Fb': { body: bob },
      'DELETE /v1/entities/user/a%2Fb?revoke_tokens=true': { body: {} },
      'GET /v1/entities?type=user': { body: { entities: [bob] } },
    });
    expect(await run('entity', 'put', 'user', 'a/b', join(folder, 'bob.yaml'))).toMatchObject({
      code: 0,
      out: '',
    });
    expect(service.sent('PUT')[0]?.body).toEqual({ domain: 'sales', properties: { roles: ['analyst'] } });
    expect(JSON.parse((await run('entity', 'get', 'user', 'a/b')).out)).toEqual(bob);
    expect((await run('entity', 'list', '--type', 'user')).out).toMatch(
      /user +a\/b +sales +\{"roles":\["analyst"\]\}\n/,
    );
    expect((await run('entity', 'delete', 'user', 'a/b', '--revoke-tokens')).code).toBe(0);
  });
});
