import { existsSync, readFileSync, statSync } from 'node:fs';
import { Agent } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CouncilMesh, denies, PERMIT, seedOf, SID, SILENT } from './council-mesh.js';
import { policiesFolder, seedFolder } from './bundles.js';
import { jsonOf, runShell, runToEnd, startService, temporaryFolder, type RunningService } from './service.js';
import { fetchAuthorized, tokenOf } from './tokens.js';
import { childrenOf, isRunning, Load, send } from './worker-load.js';

const WORKERS = 2;
/** More than there are workers: each of them gets some of so many new connections. */
const TRIES = 8;
/** Longest wait for what is to come of itself; a machine may have much else to do. */
const SOON = { timeout: 60_000 };

const ask = (domain: string, context: object = {}) => ({
  subject: { type: 'user', id: 'bob' },
  action: { name: 'read' },
  resource: { type: 'table', id: `${domain}-table`, properties: { domain } },
  context,
});

/** The same over as many new connections as reach every worker. */
async function byEveryWorker(url: string, body: object, headers: Readonly<Record<string, string>> = {}) {
  const answers = [];
  for (let n = 0; n < TRIES; n += 1) {
    answers.push(await send(`${url}/access/v1/evaluation`, JSON.stringify(body), { headers }));
  }
  return answers;
}

describe('a mesh that two workers decide for', () => {
  const mesh = new CouncilMesh({
    ...seedOf({ global: PERMIT, sales: denies('revision 1'), finance: SILENT }),
    WITAN_WORKERS: String(WORKERS),
  });
  beforeAll(() => mesh.start());
  afterAll(() => mesh.stop());

  test('says how many decide', async () => {
    const workers = { expected: WORKERS, deciding: WORKERS };
    expect(await jsonOf(fetch(`${mesh.url}/healthz`))).toEqual({ status: 'ok', workers });
    expect(await jsonOf(fetch(`${mesh.url}/readyz`))).toMatchObject({ status: 'ready', workers });
  });

  test('a socket for its own user alone is between them', () => {
    expect(statSync(join(mesh.environment['WITAN_DATA_DIR'] ?? '', 'main.sock')).mode & 0o777).toBe(0o600);
  });

  test('all routes are served through any connection, as they are without workers', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const headers = { 'X-Request-ID': 'r-1', Host: 'localhost' };
    const decided = await send(`${mesh.url}/access/v1/evaluation`, JSON.stringify(ask('finance')), {
      ...{ agent, headers },
    });
    expect(decided).toMatchObject({ status: 200, headers: { 'x-request-id': 'r-1' } });
    // The same connection, for what the main process answers.
    const document = await send(`${mesh.url}/openapi.json`, undefined, { agent, headers });
    expect(document).toMatchObject({ status: 200, headers: { 'x-request-id': 'r-1' } });
    expect(JSON.parse(document.text)).toHaveProperty('openapi');
    const head = await send(`${mesh.url}/healthz`, undefined, { agent, method: 'HEAD' });
    expect(head).toMatchObject({ status: 200, text: '' });
    expect(await send(`${mesh.url}/nowhere`, undefined, { agent })).toMatchObject({ status: 404 });
    expect(await send(`${mesh.url}/access/v1/evaluation`, undefined, { agent })).toMatchObject({
      status: 405,
      headers: { allow: 'POST' },
    });
    const rebound = { agent, headers: { Host: 'rebound.example.com' } };
    expect(await send(`${mesh.url}/readyz`, undefined, rebound)).toMatchObject({ status: 403 });
    expect(await send(`${mesh.url}/access/v1/evaluation`, '{}', rebound)).toMatchObject({ status: 403 });
    agent.destroy();
  });

  test.each(['/v1/compliance', '/access/v1/evaluation'])(
    'a body that is too large is refused by %s, and nothing of it is waited for',
    async (path) => {
      const operator = await tokenOf(mesh.app, 'opal', ['operator']);
      const body = `"${'x'.repeat(4 * 1024 * 1024)}"`;
      const headers = { Authorization: `Bearer ${operator}`, 'Content-Length': String(body.length) };
      expect(await send(`${mesh.url}${path}`, body, { headers })).toMatchObject({ status: 413 });
    },
  );

  test('who breaks off a request that the main process answers leaves nothing behind', async () => {
    const token = await tokenOf(mesh.app, 'ana', ['auditor']);
    await byEveryWorker(mesh.url, ask('finance'));
    for (let n = 0; n < TRIES; n += 1) {
      const breakingOff = new AbortController();
      const asked = fetch(`${mesh.url}/v1/records/export`, {
        headers: { Authorization: `Bearer ${token}` },
        signal: breakingOff.signal,
      });
      breakingOff.abort();
      await expect(asked).rejects.toThrow();
    }
    const whole = await send(`${mesh.url}/v1/records/export`, undefined, {
      headers: { Authorization: `Bearer ${token}` },
    });
    expect(whole.status).toBe(200);
    expect(whole.text.trim().split('\n').length).toBeGreaterThan(TRIES);
  });

  test('a token is known to every worker once it is given, and to none once it is revoked', async () => {
    const operator = { caller: { id: 'opal', roles: ['operator'] } };
    for (let n = 0; n < 5; n += 1) {
      const request = { caller: 'gate', roles: ['enforcement_point'] };
      const { token, secret } = await mesh.app.tokenActs.create(request, operator);
      const headers = { Authorization: `Bearer ${secret}` };
      const before = await byEveryWorker(mesh.url, ask('finance'), headers);
      expect(before.map(({ status }) => status)).toEqual(Array(TRIES).fill(200));
      await mesh.app.tokenActs.revoke({ id: token.id, reason: 'lost' }, operator);
      const after = await byEveryWorker(mesh.url, ask('finance'), headers);
      expect(after.map(({ status }) => status)).toEqual(Array(TRIES).fill(401));
    }
  });

  test('a product is known to every worker once it is registered, and to none once it is retired', async () => {
    const token = await tokenOf(mesh.app, 'sid', ['steward:finance']);
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
    const descriptor = {
      apiVersion: 'v1.0.0',
      kind: 'DataProduct',
      id: 'orders',
      name: 'Orders',
      version: '1.0.0',
      status: 'active',
      domain: 'finance',
    };
    const read = {
      subject: { type: 'user', id: 'bob' },
      action: { name: 'read' },
      resource: { type: 'data_product', id: 'orders' },
    };
    const codes = async () =>
      (await byEveryWorker(mesh.url, read)).map(({ text }) => JSON.parse(text).context.code);
    expect(await codes()).toEqual(Array(TRIES).fill('policy_error'));
    const put = await fetch(`${mesh.url}/v1/products/orders`, {
      ...{ method: 'PUT', headers },
      body: JSON.stringify({ descriptor }),
    });
    expect(put.status, await put.text()).toBe(201);
    expect(await codes()).toEqual(Array(TRIES).fill('permitted'));
    expect((await fetch(`${mesh.url}/v1/products/orders`, { method: 'DELETE', headers })).status).toBe(200);
    expect(await codes()).toEqual(Array(TRIES).fill('policy_error'));
  });

  test('what the main process refuses and what workers refuse is on record', async () => {
    const headers = { Authorization: 'Bearer nobody' };
    expect((await byEveryWorker(mesh.url, ask('finance'), headers)).map(({ status }) => status)).toEqual(
      Array(TRIES).fill(401),
    );
    await expect
      .poll(async () => (await mesh.records('kind=refusal')).map(({ record }) => record.attempt), SOON)
      .toContain('POST /access/v1/evaluation');
  });

  test('no request fails while the law changes, and the log keeps their order', async () => {
    const load = new Load(mesh.url, ask('sales'));
    for (let n = 2; n < 8; n += 1) {
      const { id } = await mesh.approved(
        { ...denies(`revision ${n}`), version: `1.0.${n}` },
        {
          layer: 'sales',
          votes: [
            ['sid', 'sid', 'approve'],
            ['sue', 'sue', 'approve'],
          ],
        },
      );
      const revision = mesh.app.current.policies.revision + 1;
      await mesh.app.activation.activate(id, {}, SID);
      const answers = await byEveryWorker(mesh.url, ask('sales'));
      expect(answers.map(({ text }) => JSON.parse(text).context)).toEqual(
        answers.map(() =>
          expect.objectContaining({
            revision,
            reasons: [expect.objectContaining({ message: `revision ${n}` })],
          }),
        ),
      );
    }
    await load.stop();
    expect(load.failures).toEqual([]);
    expect(new Set(load.revisions).size).toBeGreaterThan(1);
    let revision = 1;
    let decisions = 0;
    for (const { record } of await mesh.records('')) {
      if (record.kind === 'activation') revision = record.revision;
      if (record.kind !== 'decision') continue;
      decisions += 1;
      expect(record.revision).toBe(revision);
    }
    expect(decisions).toBeGreaterThan(load.revisions.length);
  });

  test('a shadow run looks at the decisions of all workers', async () => {
    const { id } = await mesh.approved({
      rules: 'permit := true\n\ndeny contains {"message": "no more"} if input.domain == "finance"',
      version: '2.0.0',
    });
    await mesh.app.activation.activate(id, { shadow: {} }, SID);
    await byEveryWorker(mesh.url, ask('finance'));
    const report = () => mesh.app.shadows.reportOf(mesh.app.council.existing(id));
    await expect.poll(report, SOON).toMatchObject({ evaluated: TRIES, skipped: 0 });
    await expect.poll(report, SOON).toMatchObject({ divergent: TRIES });
  });

  test('a worker that hangs is ended and replaced, and whoever waited for it goes on', async () => {
    const before = childrenOf(process.pid).filter((pid) => isWorker(pid));
    expect(before).toHaveLength(WORKERS);
    const [hanging = 0] = before;
    process.kill(hanging, 'SIGSTOP');
    const { token } = await mesh.app.tokenActs.create(
      { caller: 'gate', roles: ['enforcement_point'] },
      { caller: { id: 'opal', roles: ['operator'] } },
    );
    expect(token.caller).toBe('gate');
    expect(isRunning(hanging)).toBe(false);
    await expect.poll(() => mesh.app.deciders.size, SOON).toBe(WORKERS);
    const answers = await byEveryWorker(mesh.url, ask('finance'));
    expect(answers.map(({ status }) => status)).toEqual(Array(TRIES).fill(200));
  });
});

describe('a service of processes', () => {
  let service: RunningService;
  const policies = policiesFolder({
    global: { open: { rules: 'permit := true' } },
    slow: {
      pairs: {
        rules:
          'deny contains {"message": "never"} if {\n\tr := numbers.range(1, input.context.n)\n\tr[i] == r[j]\n\ti != j\n}',
      },
    },
  });
  const environment = {
    WITAN_WORKERS: String(WORKERS),
    WITAN_POLICIES: policies,
    WITAN_SEED: seedFolder(['slow', 'quick']),
  };
  beforeAll(async () => {
    service = await startService(environment);
  });
  afterAll(() => service.stop('SIGKILL'));
  const workers = () => childrenOf(service.process.pid ?? 0).filter((pid) => isWorker(pid));

  test('every decision is on record once, whatever becomes of a worker', async () => {
    const load = new Load(service.url, ask('quick'));
    await expect.poll(() => load.answered.length, SOON).toBeGreaterThan(50);
    const [victim = 0] = workers();
    process.kill(victim, 'SIGKILL');
    await expect.poll(() => service.output(), SOON).toMatch(/a worker is replaced: it ended with SIGKILL/);
    await expect
      .poll(async () => (await jsonOf(fetchAuthorized(`${service.url}/healthz`))).workers.deciding, SOON)
      .toBe(WORKERS);
    expect(workers()).not.toContain(victim);
    const then = load.answered.length;
    await expect.poll(() => load.answered.length, SOON).toBeGreaterThan(then + 50);
    await load.stop();
    // Connections of the one that died are broken off, and nothing is answered otherwise.
    expect(load.failures.filter((failure) => !/ECONNRESET|socket hang up|EPIPE/.test(failure))).toEqual([]);

    const recorded = new Map<string, number>();
    let sequence = -1;
    let next = '';
    do {
      const page = await jsonOf(
        fetchAuthorized(`${service.url}/v1/records?order=oldest&limit=1000${next && `&cursor=${next}`}`),
      );
      for (const { sequence: at, record } of page.records) {
        expect(at).toBe(sequence + 1);
        sequence = at;
        if (record.kind === 'decision') recorded.set(record.id, (recorded.get(record.id) ?? 0) + 1);
      }
      next = page.next ?? '';
    } while (next !== '');
    for (const id of load.answered) expect(recorded.get(id)).toBe(1);
    expect(new Set(load.answered).size).toBe(load.answered.length);
    expect(new Set(recorded.values())).toEqual(new Set([1]));
  });

  test('a policy that one worker puts into quarantine is not asked by the others, and recorded once', async () => {
    const long = JSON.stringify(ask('slow', { n: 100_000 }));
    const first = await send(`${service.url}/access/v1/evaluation`, long);
    expect(JSON.parse(first.text)).toMatchObject({ decision: false, context: { code: 'policy_error' } });
    await expect
      .poll(
        async () =>
          (await byEveryWorker(service.url, ask('slow', { n: 3 }))).map(
            ({ text }) => JSON.parse(text).context.code,
          ),
        SOON,
      )
      .toEqual(Array(TRIES).fill('policy_error'));
    expect(await jsonOf(fetchAuthorized(`${service.url}/readyz`))).toMatchObject({
      quarantined: [{ layer: 'slow', policy: 'pairs' }],
    });
    const { records } = await jsonOf(fetchAuthorized(`${service.url}/v1/records?kind=quarantine`));
    expect(records).toHaveLength(1);
  });

  test('stops when it is told, and what is there verifies; without it no worker goes on', async () => {
    const stopped = workers();
    expect(await service.stop()).toBe(0);
    expect(stopped.filter(isRunning)).toEqual([]);
    expect(existsSync(join(service.dataDir, 'main.sock'))).toBe(false);
    const verified = await runShell(`node dist/cli/main.js audit verify --data-dir ${service.dataDir}`);
    expect(verified.code, verified.stdout + verified.stderr).toBe(0);

    service = await startService({ ...environment, WITAN_DATA_DIR: service.dataDir });
    const left = workers();
    expect(left).toHaveLength(WORKERS);
    await service.stop('SIGKILL');
    await expect.poll(() => left.filter(isRunning), SOON).toEqual([]);
  });
});

describe('a service that refuses', () => {
  test('more than may wait for the log, and says when to come again', async () => {
    const service = await startService({
      WITAN_WORKERS: '1',
      WITAN_AUDIT_QUEUE_ENTRIES_MAX: '1',
      WITAN_POLICIES: policiesFolder({ global: { open: { rules: 'permit := true' } } }),
      WITAN_SEED: seedFolder(['quick']),
    });
    try {
      const batch = JSON.stringify({ ...ask('quick'), evaluations: [{}, {}] });
      const refused = await send(`${service.url}/access/v1/evaluations`, batch);
      expect(refused).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
      expect(JSON.parse(refused.text)).toMatchObject({ code: 'overloaded' });
      await expect
        .poll(async () => (await byEveryWorker(service.url, ask('quick'))).map(({ status }) => status), SOON)
        .toEqual(Array(TRIES).fill(200));
    } finally {
      await service.stop();
    }
  });

  test('a folder whose path is too long for a socket', async () => {
    const dataDir = join(temporaryFolder(), 'x'.repeat(120), 'data');
    const { code, stderr } = await runToEnd({
      WITAN_WORKERS: '1',
      WITAN_DATA_DIR: dataDir,
      WITAN_POLICIES: policiesFolder({ global: { open: { rules: 'permit := true' } } }),
      WITAN_SEED: seedFolder(['quick']),
    });
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/too long for the socket of the workers.* \[config_invalid\]/);
  });
});

/** Other children of the process that runs the tests are none of it. */
function isWorker(pid: number): boolean {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('workers/worker.js');
}
