import express from 'express';
import pino from 'pino';
import supertest from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { identify } from '../src/http/caller.js';
import { controlRoutes, routesOf } from '../src/http/control-routes.js';
import { lawOf } from '../src/law/law-on-record.js';
import type { Proposal } from '../src/council/proposal.js';
import { createBundle, type Bundle } from '../src/policy/bundle.js';
import { ServedMesh } from './served-mesh.js';
import { fetchAuthorized } from './tokens.js';

const mesh = new ServedMesh({ global: '{}', sales: '{}', finance: '{}', 'finance/risk': '{}' });
const HEAD = { caller: { id: 'cleo', roles: ['representative:sales'] }, time: '2026-06-01T00:00:00.000Z' };
let proposed: Bundle;

/** Hands in a bundle of `sales` with a policy more, as a proposal that is open. */
beforeAll(async () => {
  await mesh.start();
  const { app } = mesh;
  const base = app.current.law.bundles.get('sales');
  if (base === undefined) throw new Error('there is no bundle of sales');
  const manifest =
    'layer: sales\nversion: 1.1.0\npolicies:\n  open: { enforcement: soft }\n  purpose: { enforcement: soft }\n';
  const open = base.files.find(({ path }) => path === 'policy/open.rego')?.text ?? '';
  proposed = createBundle([
    { path: 'manifest.yaml', text: manifest },
    { path: 'policy/open.rego', text: open },
    { path: 'policy/purpose.rego', text: open.replaceAll('open', 'purpose') },
  ]);
  const proposal: Proposal = {
    id: '1',
    version: 1,
    layer: 'sales',
    title: 'Ask for a purpose',
    author: 'cleo',
    digest: proposed.digest,
    base: { revision: 1, digest: base.digest },
    state: 'open',
    created_at: HEAD.time,
    ballots: [],
    comments: [],
    timeline: [],
  };
  await app.commit({
    record: {
      ...HEAD,
      id: app.newId(),
      kind: 'proposal',
      revision: 1,
      event: 'opened',
      proposal: '1',
      layer: 'sales',
      domain: 'sales',
      digest: proposed.digest,
      base: 1,
      author: 'cleo',
    },
    changes: [
      { kind: 'put_bundle', digest: proposed.digest, layer: 'sales', files: proposed.files },
      { kind: 'put_proposal', proposal },
    ],
  });
});
afterAll(() => mesh.stop());

const status = async (path: string): Promise<number> => (await fetchAuthorized(`${mesh.url}${path}`)).status;

describe('layers', () => {
  test('are listed with what is in force', async () => {
    const { revision, layers } = await mesh.get('/v1/layers');
    expect(revision).toBe(1);
    expect(layers.map(({ layer }: { layer: string }) => layer)).toEqual([
      'global',
      'finance',
      'sales',
      'finance/risk',
    ]);
    expect(layers[2]).toMatchObject({
      layer: 'sales',
      digest: mesh.app.current.law.bundles.get('sales')?.digest,
      version: '1.0.0',
      policies: [{ policy: 'open', title: 'open', enforcement: 'hard' }],
      council: { of: 'global', seats: [] },
    });
  });

  test.each([
    '/v1/layers/nowhere/bundles',
    '/v1/layers/Sales/effective',
    '/v1/layers/sales/bundles/sha256:0',
    '/v1/proposals/7/diff',
  ])('%s is nowhere', async (path) => {
    expect(await status(path)).toBe(404);
  });

  test('refuse a query that is not known', async () => {
    expect(await status('/v1/layers?layer=sales')).toBe(400);
    expect(await status('/v1/proposals/1/diff?against=yesterday')).toBe(400);
  });
});

describe('who may read', () => {
  /** Asks as a caller with these roles. */
  const as = (roles: readonly string[]) =>
    supertest(
      express()
        .use((request, _response, next) => {
          identify(request, { id: 'someone', roles });
          next();
        })
        .use(controlRoutes(routesOf(mesh.app), pino({ level: 'silent' }), () => undefined)),
    );

  test.each([
    [['steward:sales'], '/v1/layers/sales/effective', 200],
    [['steward:sales'], '/v1/layers/global/effective', 200],
    [['steward:sales'], '/v1/layers/finance/effective', 403],
    [['enforcement_point:finance/risk'], '/v1/layers/finance/bundles', 200],
    [['enforcement_point:finance'], '/v1/layers/finance%2Frisk/bundles', 403],
    [['auditor'], '/v1/layers/finance%2Frisk/bundles', 200],
    [[], '/v1/layers/global/bundles', 403],
    [['steward:sales'], '/v1/proposals/1/diff', 200],
    [['steward:finance'], '/v1/proposals/1/diff', 404],
    [['enforcement_point'], '/v1/proposals/1/diff', 403],
  ])('with %j, %s is answered with %i', async (roles, path, expected) => {
    expect((await as(roles).get(path)).status).toBe(expected);
  });

  test('lists the layers that the caller may read, and the proposals', async () => {
    const { body } = await as(['enforcement_point:sales']).get('/v1/layers');
    expect(body.layers.map(({ layer }: { layer: string }) => layer)).toEqual(['global', 'sales']);
    expect((await as(['enforcement_point:sales']).get('/v1/layers/sales/effective')).body.proposals).toEqual(
      [],
    );
    const seen = await as(['enforcement_point:sales']).get(`/v1/layers/sales/bundles/${proposed.digest}`);
    expect(seen.status).toBe(404);
  });

  test.each([
    [['auditor'], 'sales', 403],
    [['enforcement_point'], 'global', 403],
    [['steward:finance'], 'sales', 403],
    [['steward:sales'], 'sales', 200],
    [['representative:finance'], 'global', 200],
  ])('with %j, files of %s are checked: %i', async (roles, layer, expected) => {
    const files = [{ path: 'notes.md', text: '' }];
    expect((await as(roles).post('/v1/check').send({ layer, files })).status).toBe(expected);
  });
});

test('what binds a domain names its chain and what would change it', async () => {
  const risk = await mesh.get('/v1/layers/finance%2Frisk/effective');
  expect(risk.chain.map(({ layer }: { layer: string }) => layer)).toEqual([
    'global',
    'finance',
    'finance/risk',
  ]);
  expect(risk.policies).toHaveLength(3);
  expect(risk.policies[0]).toMatchObject({ layer: 'global', policy: 'open', level: 'hard', binds: true });
  expect(risk.proposals).toEqual([]);
  const sales = await mesh.get('/v1/layers/sales/effective');
  expect(sales.proposals).toEqual([{ id: '1', title: 'Ask for a purpose', layer: 'sales', state: 'open' }]);
});

test('a proposal is told in words, as data and line by line', async () => {
  const diff = await mesh.get('/v1/proposals/1/diff');
  expect(diff).toMatchObject({
    layer: 'sales',
    from: { revision: 1, digest: mesh.app.current.law.bundles.get('sales')?.digest },
    to: { digest: proposed.digest },
    words: [
      '`open` goes from hard to soft',
      '`purpose` is new and binds (soft)',
      'the version goes from `1.0.0` to `1.1.0`',
    ],
    policies: [
      { policy: 'open', change: 'changed' },
      { policy: 'purpose', change: 'added' },
    ],
    domains: { sales: { binding: { before: 2, after: 3 } } },
    files: [
      { path: 'manifest.yaml', removed: expect.any(Number) },
      { path: 'policy/purpose.rego', removed: 0 },
    ],
  });
  expect(Object.keys(diff.domains)).toEqual(['sales']);
  expect(diff.files[0].diff).toMatch(
    /^@@ -1,\d+ \+1,\d+ @@\n layer: sales\n-version: 1\.0\.0\n\+version: 1\.1\.0\n/,
  );
});

test('a proposal of a layer is no bundle of its history until it is law', async () => {
  const { app } = mesh;
  const { digest } = proposed;
  const before = await mesh.get('/v1/layers/sales/bundles');
  expect(before.bundles).toMatchObject([{ revision: 1, by: 'seed', since: '2026-06-01T00:00:00.000Z' }]);
  expect(await mesh.get(`/v1/layers/sales/bundles/${digest}`)).toMatchObject({
    in_force: false,
    revisions: [],
  });
  expect(await status(`/v1/layers/finance/bundles/${digest}`)).toBe(404);

  // Puts it in force as the council's vote would.
  const { policies } = app.current;
  const layers = new Map([...policies.layers.values()].map((each) => [each.layer, each.digest])).set(
    'sales',
    digest,
  );
  const toolchain = { opa: '1', digest: 'sha256:0' };
  await app.commit({
    record: {
      ...HEAD,
      ...lawOf(policies, toolchain),
      id: app.newId(),
      kind: 'activation',
      by: 'council',
      revision: 2,
      layer: 'sales',
      domain: 'sales',
      digest,
      proposal: '1',
      time: '2026-06-02T00:00:00.000Z',
    },
    changes: [{ kind: 'activate', revision: 2, layers }],
  });
  const after = await mesh.get('/v1/layers/sales/bundles');
  expect(after.bundles).toMatchObject([
    { revision: 2, digest, by: 'council', since: '2026-06-02T00:00:00.000Z', proposal: '1', caller: 'cleo' },
    { revision: 1, by: 'seed' },
  ]);
  expect((await mesh.get('/v1/layers/finance/bundles')).bundles).toHaveLength(1);
  const bundle = await mesh.get(`/v1/layers/sales/bundles/${digest}`);
  expect(bundle).toMatchObject({ layer: 'sales', digest, revisions: [2], manifest: { version: '1.1.0' } });
  expect(bundle.files.map(({ path }: { path: string }) => path)).toEqual([
    'manifest.yaml',
    'policy/open.rego',
    'policy/purpose.rego',
  ]);
});

test('against what is in force, a proposal whose base moved is told anew', async () => {
  const { app } = mesh;
  app.current.replace({
    policies: app.current.policies,
    bundles: new Map(app.current.law.bundles).set('sales', proposed),
  });
  const diff = await mesh.get('/v1/proposals/1/diff?against=in_force');
  expect(diff).toMatchObject({ words: [], policies: [], manifest: [], files: [] });
  expect((await mesh.get('/v1/proposals/1/diff')).words).toHaveLength(3);
});
