import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp, type App } from '../src/app.js';
import { proposalRecord } from '../src/council/advance.js';
import type { DecisionSample, ImpactReport } from '../src/council/impact.js';
import type { Proposal } from '../src/council/proposal.js';
import { readConfig } from '../src/config.js';
import { serveHttp } from '../src/http/server.js';
import { createImpacts, type Impacts } from '../src/impact/impacts.js';
import { openToolchain } from '../src/law/mesh.js';
import type { Bundle } from '../src/policy/bundle.js';
import { readBundles } from '../src/policy/read-bundles.js';
import { createOpaBuiltins } from '../src/rego/opa-builtins.js';
import { actsOnRecord } from './acts-on-record.js';
import { policiesFolder, seedFolder, write, type TestPolicy } from './bundles.js';
import { jsonOf, post, root, temporaryFolder } from './service.js';
import { fetchAuthorized, knowService } from './tokens.js';

const toolchainPath = join(root, 'build/toolchain.wasm');
const NOW_MS = Date.parse('2026-06-01T00:00:00Z');
const AUDIT = { global: "{ mask: ['/context/secret'] }" };

const described = {
  rules: 'deny contains {"message": "needs a version"} if not input.product.version',
  appliesTo: ['publish'],
};
/** Everybody may read; nobody may write, and who has a purpose is obliged to log it. */
const now: Record<string, TestPolicy> = {
  open: {
    rules:
      'permit if input.action.name == "read"\nobligations contains {"type": "log", "properties": {}} if input.context.purpose',
  },
  described,
};
/** Nobody reads for ads, exports are permitted, audits are watched, and some policy breaks. */
const proposed: Record<string, TestPolicy> = {
  open: {
    rules: `permit if input.action.name in {"read", "export"}
obligations contains {"type": "log", "properties": {}} if input.context.purpose
obligations contains {"type": "watch", "properties": {}} if input.context.purpose == "audit"`,
  },
  no_ads: { rules: 'deny contains {"message": "not for ads"} if input.context.purpose == "ads"' },
  ticket: {
    rules:
      'deny contains {"message": "no"} if input.action.name == "never"\nrequires contains "/context/ticket" if input.action.name == "write"\nrequires contains "/context/ticket" if input.context.purpose == "broken"',
  },
  described: {
    rules:
      'deny contains {"message": "needs a tag"} if not input.product.tags\nadvice contains {"message": "think of lineage"} if input.product.tags',
    appliesTo: ['publish'],
  },
};

async function bundleOf(policies: Record<string, TestPolicy>, layer = 'global'): Promise<Bundle> {
  const layers = layer === 'global' ? { global: policies } : { global: now, [layer]: policies };
  const bundles = await readBundles(policiesFolder(layers, AUDIT));
  return bundles.find((each) => each.layer === layer)!;
}

let app: App;
let url: string;
let dataDir: string;
let serve: () => Promise<void>;
let stop: () => Promise<void>;
const toolchain = openToolchain(toolchainPath, 60_000);
const opaBuiltins = createOpaBuiltins({ wasmPath: toolchainPath });
let impacts: Impacts;

function product(seed: string, id: string, domain: string, more: string): void {
  write(
    join(seed, 'products', `${id}.odps.yaml`),
    `apiVersion: v1.0.0\nkind: DataProduct\nid: ${id}\nname: ${id}\nstatus: active\ndomain: ${domain}\n${more}\n`,
  );
}

async function decide(
  action: string,
  context: object,
  { domain = 'sales', subject = 'bob', times = 1 } = {},
): Promise<void> {
  const answer = await jsonOf(
    post(`${url}/access/v1/evaluations`, {
      subject: { type: 'user', id: subject },
      action: { name: action },
      resource: { type: 'table', id: `${domain}-table`, properties: { domain } },
      evaluations: Array.from({ length: times }, () => ({ context })),
    }),
  );
  if (answer.evaluations?.length !== times) throw new Error(JSON.stringify(answer));
}

const impactsWith = (limits: object, seed = 'a seed'): Impacts =>
  createImpacts({
    ...{ dataDir, toolchain, opaBuiltins, limits },
    current: app.current,
    council: app.council,
    nowMs: () => NOW_MS,
    seed: () => seed,
  });

async function reportOf(bundle: Bundle, { from = impacts, id = '1' } = {}): Promise<ImpactReport> {
  const { layer, digest } = bundle;
  const found = await from.run({ id, layer, digest }, bundle);
  if (found === undefined) throw new Error('no impact');
  return JSON.parse(found.body);
}

beforeAll(async () => {
  const seed = seedFolder(['finance', 'sales']);
  mkdirSync(join(seed, 'products'), { recursive: true });
  product(seed, 'tagged', 'sales', 'version: 1.0.0\ntags: [a]');
  product(seed, 'untagged', 'sales', 'version: 1.0.0');
  product(seed, 'unversioned', 'finance', 'tags: [a]');
  dataDir = join(temporaryFolder(), 'data');
  const silent = { quiet: { rules: 'permit := false' } };
  const policies = policiesFolder({ global: now, finance: silent, sales: silent }, AUDIT);
  serve = async () => {
    const config = readConfig({
      WITAN_DATA_DIR: dataDir,
      WITAN_PORT: '0',
      WITAN_POLICIES: policies,
      WITAN_SEED: seed,
    });
    app = await createApp({ config, toolchainPath, nowMs: () => NOW_MS });
    const server = await serveHttp(app, pino({ level: 'silent' }));
    url = server.url;
    knowService({ url, dataDir });
    stop = async () => {
      await server.close(1000);
      await app.close();
    };
  };
  await serve();
  impacts = impactsWith({});
  await decide('read', {}, { times: 10 });
  await decide('read', { purpose: 'ads' }, { times: 3 });
  await decide('export', {}, { times: 4, domain: 'finance' });
  await decide('read', { purpose: 'audit' }, { times: 2 });
  await decide('write', {}, { times: 5, domain: 'finance' });
  await decide('read', { purpose: 'broken' }, { domain: 'finance' });
  // Ann belongs to finance.
  await decide('read', { purpose: 'ads' }, { subject: 'ann' });
  for (let n = 0; n < 6; n += 1) await decide('read', { secret: `s-${n}` });
});

afterAll(async () => {
  await impacts.close();
  await stop();
  opaBuiltins.close();
  await toolchain.close();
});

const only = (report: ImpactReport, change: string): DecisionSample[] =>
  report.decisions.samples.filter((sample) => sample.change === change);

describe('the impact of a proposal for `global`', () => {
  let report: ImpactReport;
  beforeAll(async () => {
    report = await reportOf(await bundleOf(proposed));
  });

  it('counts records by what would become of them, as often as they occurred', () => {
    expect(report.decisions.total).toEqual({
      records: 32,
      newly_denied: 5,
      newly_denied_in_error: 1,
      newly_permitted: 4,
      obligations_changed: 2,
      newly_in_error: 5,
      unchanged: 16,
    });
  });

  it('counts them by owning and by consuming domain', () => {
    const counts = {
      newly_denied_in_error: 0,
      newly_permitted: 0,
      obligations_changed: 0,
      newly_in_error: 0,
      unchanged: 0,
    };
    const none = { ...counts, records: 0, newly_denied: 0 };
    expect(report.decisions.by_domain).toEqual([
      {
        domain: 'finance',
        owning: {
          ...counts,
          records: 10,
          newly_denied: 1,
          newly_denied_in_error: 1,
          newly_permitted: 4,
          newly_in_error: 5,
        },
        consuming: { ...counts, records: 1, newly_denied: 1 },
      },
      {
        domain: 'sales',
        owning: { ...counts, records: 22, newly_denied: 4, obligations_changed: 2, unchanged: 16 },
        consuming: none,
      },
    ]);
    expect(report.touched).toEqual(['finance', 'sales']);
  });

  it('shows samples with their records, reasons and the policies that differ', async () => {
    const [ads] = only(report, 'newly_denied').filter(({ consumer_domain }) => consumer_domain === 'finance');
    expect(ads).toMatchObject({
      domain: 'sales',
      records: 1,
      was: { decision: true, code: 'permitted' },
      would_be: { decision: false, code: 'forbidden' },
      reasons: [{ layer: 'global', policy: 'no_ads', message: 'not for ads' }],
      policies: [{ layer: 'global', policy: 'no_ads', was: 'abstain', would_be: 'deny' }],
    });
    const stored = await app.store.records.byId(ads!.record);
    expect(JSON.parse(stored!.bytes.toString()).evaluation.subject.id).toBe('ann');
    const [watched] = only(report, 'obligations_changed');
    expect(watched?.obligations?.would_be.map(({ type }) => type)).toEqual(['log', 'watch']);
    const [broken] = only(report, 'newly_in_error');
    expect(broken).toMatchObject({
      records: 5,
      would_be: { code: 'policy_error' },
      policies: [{ policy: 'ticket', was: 'abstain', would_be: 'error' }],
    });
  });

  it('counts requests that differ in masked values alone as one, and says so', () => {
    expect(report.material).toMatchObject({
      masked: { distinct: 1, records: 6 },
      moved_since: 0,
      records: 32,
      distinct: 8,
      sampled: false,
      pruned: 0,
      older: 0,
      unreadable: [],
    });
    expect(report.material.evaluated).toEqual({ distinct: 8, records: 32, share: 1 });
    expect(report.material.to_time).toBe('2026-06-01T00:00:00.000Z');
    expect(report.compared_with).toEqual({
      revision: 1,
      digest: app.policies().layers.get('global')!.digest,
    });
  });

  it('asks of every registered product whether it would comply', () => {
    expect(report.products.total).toEqual({
      products: 3,
      newly_non_compliant: 1,
      newly_compliant: 1,
      advice_changed: 1,
      unchanged: 0,
    });
    const bySample = Object.fromEntries(report.products.samples.map((sample) => [sample.product, sample]));
    expect(bySample).toMatchObject({
      untagged: {
        change: 'newly_non_compliant',
        domain: 'sales',
        reasons: [{ message: 'needs a tag' }],
        advice: [],
      },
      unversioned: {
        change: 'newly_compliant',
        domain: 'finance',
        reasons: [],
        advice: [{ message: 'think of lineage' }],
      },
      tagged: { change: 'advice_changed', reasons: [], advice: [{ message: 'think of lineage' }] },
    });
  });
});

it('what is in force already changes nothing and touches nobody', async () => {
  const report = await reportOf(await bundleOf(now));
  expect(report.touched).toEqual([]);
  expect(report.decisions.total.unchanged).toBe(32);
  expect(report.products.total.unchanged).toBe(3);
  expect(report.decisions.samples).toEqual([]);
});

it('a proposal for one domain touches that domain, and who consumes from it', async () => {
  const strict = await bundleOf(
    { strict: { rules: 'deny contains {"message": "closed"} if input.context.purpose' } },
    'sales',
  );
  const report = await reportOf(strict);
  expect(report.decisions.total).toMatchObject({ newly_denied: 6, unchanged: 26 });
  expect(report.touched).toEqual(['finance', 'sales']);
});

it('a sample is drawn by its seed, states its share, and its counts are exact', async () => {
  const bundle = await bundleOf(proposed);
  const [one, again, other] = [
    await reportOf(bundle, { from: impactsWith({ distinctMax: 4 }) }),
    await reportOf(bundle, { from: impactsWith({ distinctMax: 4 }) }),
    await reportOf(bundle, { from: impactsWith({ distinctMax: 4 }, 'another seed') }),
  ];
  expect({ ...again, seconds: 0 }).toEqual({ ...one, seconds: 0 });
  expect(other.material.seed).toBe('another seed');
  for (const { material, decisions } of [one, other]) {
    expect(material).toMatchObject({ sampled: true, records: 32, evaluated: { distinct: 4 } });
    expect(material.evaluated.records).toBe(decisions.total.records);
    expect(material.evaluated.share).toBe(decisions.total.records / 32);
  }
});

it('only the newest records are looked at where there are more than the limit', async () => {
  const { material } = await reportOf(await bundleOf(proposed), { from: impactsWith({ recordsMax: 7 }) });
  expect(material).toMatchObject({ records: 7, records_max: 7, distinct: 2 });
  expect(material.from_sequence).toBe(material.to_sequence - 7);
  expect(material.older).toBe(material.from_sequence);
});

it('impacts wait for each other, and one that is cancelled ends without one', async () => {
  const bundle = await bundleOf(proposed);
  const { layer, digest } = bundle;
  const first = impacts.run({ id: 'first', layer, digest }, bundle);
  const waiting = impacts.run({ id: 'waiting', layer, digest }, bundle);
  expect(impacts.progressOf('waiting')).toEqual({ done: 0, of: 0, step: 'waiting' });
  const told = (async () => {
    const items = [];
    for await (const item of impacts.follow('first')!) items.push(item);
    return items;
  })();
  expect(impacts.cancel('waiting')).toBe(true);
  expect(await waiting).toBeUndefined();
  expect(impacts.progressOf('first')).toBeDefined();
  for await (const item of impacts.follow('first')!)
    if ('step' in item && item.step === 'reading') impacts.cancel('first');
  expect(await first).toBeUndefined();
  expect((await told).at(-1)).toEqual({ ended: 'cancelled' });
  expect([impacts.progressOf('first'), impacts.cancel('first'), impacts.follow('unknown')]).toEqual([
    undefined,
    false,
    undefined,
  ]);
  const stopped = new AbortController();
  stopped.abort();
  expect(
    await impacts.run({ id: 'third', layer, digest }, bundle, { signal: stopped.signal }),
  ).toBeUndefined();
});

it('a bundle that does not compile fails, and says why to who follows it', async () => {
  const broken = await bundleOf({ broken: { rules: 'permit if nonsense(input)' } });
  expect(await impacts.run({ id: 'broken', layer: 'global', digest: broken.digest }, broken)).toBeUndefined();
  const items = [];
  for await (const item of impacts.follow('broken')!) items.push(item);
  expect(items).toMatchObject([{ ended: 'failed', reason: expect.stringContaining('nonsense') }]);
});

describe('over HTTP', () => {
  const path = '/v1/proposals/1/impact';
  let bundle: Bundle;

  beforeAll(async () => {
    bundle = await bundleOf(proposed);
    const { layer, digest, files } = bundle;
    const proposal: Proposal = {
      ...{ id: '1', version: 1, layer, digest, title: 'no ads', author: 'local', state: 'open' },
      base: { revision: 1 },
      created_at: '2026-06-01T00:00:00.000Z',
      ...{ ballots: [], comments: [], timeline: [] },
    };
    const head = {
      id: app.newId(),
      time: proposal.created_at,
      caller: { id: 'local', roles: [] },
      revision: 1,
    };
    await app.commit({
      record: proposalRecord(head, 'opened', proposal),
      changes: [
        { kind: 'put_bundle', digest, layer, files },
        { kind: 'put_proposal', proposal },
      ],
    });
  });

  it('there is none before it was found out', async () => {
    expect((await fetchAuthorized(`${url}${path}`)).status).toBe(404);
    expect((await fetchAuthorized(`${url}${path}/progress`)).status).toBe(404);
    expect((await fetchAuthorized(`${url}/v1/proposals/2/impact`)).status).toBe(404);
  });

  it('is found out, followed to its end, kept with a record, and narrowed to a domain', async () => {
    const begun = await post(`${url}${path}`, {});
    expect([begun.status, begun.headers.get('location')]).toEqual([202, `${path}/progress`]);
    const lines = (await (await fetchAuthorized(`${url}${path}/progress`)).text()).trim().split('\n');
    expect(JSON.parse(lines.at(-1)!)).toEqual({ ended: 'done' });
    const whole: ImpactReport = await jsonOf(fetchAuthorized(`${url}${path}`));
    expect(whole.decisions.total.newly_denied).toBe(5);
    const finance: ImpactReport = await jsonOf(fetchAuthorized(`${url}${path}?domain=finance`));
    expect(finance.decisions.total).toEqual(whole.decisions.total);
    expect(finance.decisions.by_domain.map(({ domain }) => domain)).toEqual(['finance']);
    expect(
      finance.decisions.samples.every((each) => [each.domain, each.consumer_domain].includes('finance')),
    ).toBe(true);
    expect(finance.products.samples.map((each) => each.product)).toEqual(['unversioned']);

    const kept = app.council.proposal('1')!;
    expect(kept.impact).toMatchObject({
      digest: bundle.digest,
      touched: ['finance', 'sales'],
      newly_denied: 5,
      newly_permitted: 4,
      newly_non_compliant: 1,
      newly_compliant: 1,
    });
    const record = JSON.parse((await app.store.records.byId(kept.timeline.at(-1)!.record))!.bytes.toString());
    expect(record).toMatchObject({
      kind: 'proposal',
      event: 'impact',
      touched: ['finance', 'sales'],
      reason: expect.stringContaining('5 would be denied'),
    });
  });

  it('one that is cancelled leaves nothing', async () => {
    const before = await app.store.council.impactOf('1');
    const acts = await actsOnRecord(app.store);
    await post(`${url}${path}`, {});
    expect((await fetchAuthorized(`${url}${path}`, { method: 'DELETE' })).status).toBe(204);
    const lines = (await (await fetchAuthorized(`${url}${path}/progress`)).text()).trim().split('\n');
    expect(JSON.parse(lines.at(-1)!)).toEqual({ ended: 'cancelled' });
    expect(await app.store.council.impactOf('1')).toEqual(before);
    expect(await actsOnRecord(app.store)).toBe(acts);
    expect((await fetchAuthorized(`${url}${path}`, { method: 'DELETE' })).status).toBe(404);
  });

  it('who reads for one domain gets the samples of that domain; who has no say may not begin one', async () => {
    const caller = (...roles: string[]) => ({ id: 'eve', roles });
    await expect(app.proposalImpacts.again('1', { caller: caller('auditor') })).rejects.toMatchObject({
      code: 'forbidden',
    });
    expect(() => {
      app.proposalImpacts.cancel('1', caller('steward:sales'));
    }).toThrow('does not vote');
    await expect(app.proposalImpacts.report('1', caller())).rejects.toMatchObject({ code: 'forbidden' });
    expect((await app.proposalImpacts.report('1', caller('auditor'))).proposal).toBe('1');
  });

  it('a service that stops meanwhile keeps nothing of it', async () => {
    const [before, version] = [await app.store.council.impactOf('1'), app.council.proposal('1')!.version];
    const acts = await actsOnRecord(app.store);
    await post(`${url}${path}`, {});
    await stop();
    await serve();
    expect(await app.store.council.impactOf('1')).toEqual(before);
    expect(app.council.proposal('1')!.version).toBe(version);
    expect(await actsOnRecord(app.store)).toBe(acts);
  });

  it('of a proposal that is decided none is found out', async () => {
    const { caller } = { caller: { id: 'local', roles: ['operator'] } };
    const decided: Proposal = {
      ...app.council.proposal('1')!,
      state: 'rejected',
      version: app.council.proposal('1')!.version + 1,
    };
    const head = { id: app.newId(), time: decided.created_at, caller, revision: 1 };
    await app.commit({
      record: proposalRecord(head, 'rejected', decided),
      changes: [{ kind: 'put_proposal', proposal: decided }],
    });
    await expect(app.proposalImpacts.again('1', { caller })).rejects.toMatchObject({
      code: 'proposal_closed',
    });
  });
});
