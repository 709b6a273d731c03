import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { registeredProduct } from '../src/decision/testing/sample-mesh.js';
import { ActingMesh } from './acting-mesh.js';
import { policiesFolder, seedFolder } from './bundles.js';

const DAY_MS = 86_400_000;
const COUNCILS = {
  global: '{ sales: [sal], marketing: [mia], finance: [fay] }',
  finance: '[fay, fred]',
};
const deniesWhen = (flag: string): string => `deny contains {"message": "${flag}"} if input.context.${flag}`;

function mesh(): ActingMesh {
  const soft = (rules: string) => ({ rules, enforcement: 'soft' });
  const policies = policiesFolder(
    {
      global: {
        grants: { rules: 'permit := true' },
        documented: soft(deniesWhen('undocumented')),
        seldom: soft(deniesWhen('seldom')),
        legal: { rules: deniesWhen('illegal') },
      },
      finance: { books: soft(deniesWhen('books')) },
      'finance/risk': { limits: soft(deniesWhen('limits')) },
      marketing: { own: soft(deniesWhen('own')) },
      sales: { own: soft(deniesWhen('own')) },
    },
    Object.fromEntries(
      Object.entries(COUNCILS).map(([layer, members]) => [layer, `{}\ncouncil: { members: ${members} }`]),
    ),
  );
  return new ActingMesh({
    policies,
    seed: seedFolder(['finance', 'finance/risk', 'marketing', 'sales']),
  });
}

const served = mesh();
const as = (caller: string, ...roles: string[]) => served.as(caller, ...roles);
const sam = as('sam', 'steward:sales');
const mia = as('mia', 'representative:marketing');
const auditor = as('audrey', 'auditor');
const products = { finance: 'ledger', 'finance/risk': 'exposure', marketing: 'campaigns', sales: 'orders' };

beforeAll(async () => {
  await served.start();
  for (const [domain, id] of Object.entries(products)) {
    await served.app.commit({
      record: {
        id: served.app.newId(),
        time: new Date(served.nowMs).toISOString(),
        kind: 'access_change',
        caller: { id: 'test', roles: [] },
        revision: 1,
        event: 'created',
        entity: { type: 'data_product', id },
      },
      changes: [{ kind: 'put_product', product: registeredProduct(id, domain) }],
    });
  }
});
afterAll(() => served.stop());

const untilDays = (days: number): string => new Date(served.nowMs + days * DAY_MS).toISOString();
const ask = (more: Record<string, unknown> = {}): Record<string, unknown> => ({
  layer: 'global',
  policy: 'documented',
  domain: 'sales',
  category: 'waiver',
  reason: 'until the catalogue moves',
  resources: ['orders'],
  until: untilDays(30),
  ...more,
});
const read = (id: string, flag: string, subject = 'bob') => ({
  subject: { type: 'user', id: subject },
  action: { name: 'read' },
  resource: { type: 'data_product', id },
  context: { [flag]: true },
});
const grant = { decision: 'grant', reason: 'it is little data' };

/** A waiver that is in force. */
async function granted(more: Record<string, unknown> = {}): Promise<any> {
  const { body } = await sam.post('/v1/waivers', ask(more));
  const decided = await mia.post(`/v1/waivers/${body.id}/decision`, grant);
  expect(decided.status).toBe(200);
  return decided.body;
}

describe('the way of a waiver', () => {
  test('is asked for, granted, used, named on record, and revoked; its record replays byte-equal all along', async () => {
    const denied = await served.decide(read('orders', 'undocumented'));
    expect(denied).toMatchObject({ decision: false, context: { code: 'forbidden' } });

    const asked = await sam.post('/v1/waivers', ask());
    expect(asked.status).toBe(201);
    expect(asked.headers.get('location')).toBe(`/v1/waivers/${asked.body.id}`);
    expect(asked.body).toMatchObject({ ...ask(), state: 'requested', asked_by: 'sam', in_force: false });
    expect((await served.decide(read('orders', 'undocumented'))).decision).toBe(false);

    const path = `/v1/waivers/${asked.body.id}`;
    const decided = await mia.post(`${path}/decision`, grant);
    expect(decided).toMatchObject({
      status: 200,
      body: { state: 'granted', in_force: true, decided_by: 'mia' },
    });
    const waived = await served.decide(read('orders', 'undocumented'));
    expect(waived).toMatchObject({
      decision: true,
      context: { advice: [{ policy: 'documented', waiver: asked.body.id }] },
    });
    const replayed = () => auditor.post(`/v1/records/${waived.context.id}/replay`, {});
    expect(await replayed()).toMatchObject({ status: 200, body: { equal: true } });

    expect((await mia.post(`${path}/decision`, grant)).body.code).toBe('waiver_closed');
    const revoked = await sam.post(`${path}/revocation`, { reason: 'we are done' });
    expect(revoked.body).toMatchObject({
      state: 'revoked',
      in_force: false,
      revocation_reason: 'we are done',
    });
    expect((await served.decide(read('orders', 'undocumented'))).decision).toBe(false);
    expect(await replayed()).toMatchObject({ status: 200, body: { equal: true } });
    expect((await sam.post(`${path}/revocation`, { reason: 'x' })).status).toBe(409);

    const { body } = await auditor.get(`/v1/records?kind=waiver&waiver=${asked.body.id}&order=oldest`);
    expect(body.records.map(({ record }: any) => [record.event, record.caller.id, record.reason])).toEqual([
      ['requested', 'sam', 'until the catalogue moves'],
      ['granted', 'mia', 'it is little data'],
      ['revoked', 'sam', 'we are done'],
    ]);
    for (const { record } of body.records) {
      expect(record).toMatchObject({
        waiver: asked.body.id,
        layer: 'global',
        policy: 'documented',
        domain: 'sales',
        category: 'waiver',
        resources: ['orders'],
        until: ask()['until'],
        revision: 1,
      });
    }
  });

  test('ends by the clock at the very moment that it names, and its record still replays', async () => {
    const { id, until } = await granted();
    const start = served.nowMs;
    const waived = await served.decide(read('orders', 'undocumented'));
    served.nowMs = Date.parse(until) - 1;
    expect((await served.decide(read('orders', 'undocumented'))).decision).toBe(true);
    expect((await auditor.get(`/v1/waivers/${id}`)).body.in_force).toBe(true);
    served.nowMs = Date.parse(until);
    expect((await served.decide(read('orders', 'undocumented'))).decision).toBe(false);
    expect((await auditor.get(`/v1/waivers/${id}`)).body).toMatchObject({
      state: 'granted',
      in_force: false,
    });
    expect((await sam.post(`/v1/waivers/${id}/revocation`, { reason: 'x' })).body.code).toBe('waiver_closed');
    const replay = await auditor.post(`/v1/records/${waived.context.id}/replay`, {});
    expect(replay.body).toMatchObject({ equal: true });
    served.nowMs = start;
    await sam.post(`/v1/waivers/${id}/revocation`, { reason: 'x' });
  });

  test('outlives the process, as does the end of another', async () => {
    const kept = await granted({ resources: ['orders'] });
    const gone = await granted({ policy: 'seldom' });
    await sam.post(`/v1/waivers/${gone.id}/revocation`, { reason: 'x' });
    await served.stop();
    await served.start();
    expect(await served.decide(read('orders', 'undocumented'))).toMatchObject({
      decision: true,
      context: { advice: [{ waiver: kept.id }] },
    });
    expect((await served.decide(read('orders', 'seldom'))).decision).toBe(false);
    await sam.post(`/v1/waivers/${kept.id}/revocation`, { reason: 'x' });
  });

  test('falls away when its policy becomes hard, and is kept', async () => {
    const { id } = await granted({ policy: 'seldom' });
    const open = (await sam.post('/v1/waivers', ask({ policy: 'seldom' }))).body;
    const before = served.app.current.law;
    const global = before.policies.layers.get('global')!;
    const harder = { ...global.policies.get('seldom')!, enforcement: 'hard' as const };
    const hardened = {
      ...global,
      policies: new Map([...global.policies, ['seldom', harder]]),
      byKind: {
        ...global.byKind,
        access: global.byKind.access.map((each) => (each.name === 'seldom' ? harder : each)),
      },
    };
    const layers = new Map([...before.policies.layers, ['global', hardened]]);
    served.app.current.replace({ ...before, policies: { ...before.policies, layers } });
    expect((await served.decide(read('orders', 'seldom'))).decision).toBe(false);
    expect((await sam.get(`/v1/waivers/${id}`)).body).toMatchObject({
      state: 'granted',
      in_force: false,
      falls_away: true,
    });
    const late = await mia.post(`/v1/waivers/${open.id}/decision`, grant);
    expect([late.status, late.body.code]).toEqual([409, 'waiver_closed']);
    served.app.current.replace(before);
    expect((await served.decide(read('orders', 'seldom'))).decision).toBe(true);
    await sam.post(`/v1/waivers/${id}/revocation`, { reason: 'x' });
  });
});

describe('those who would have more than is theirs', () => {
  it.each<[string, string[], Record<string, unknown>, number, RegExp]>([
    ['everything', ['steward:sales'], { resources: undefined }, 400, /never everything/],
    ['nothing at all, by an empty list', ['steward:sales'], { resources: [] }, 400, /fewer than 1/],
    [
      'too many at once',
      ['steward:sales'],
      { resources: Array.from({ length: 101 }, (_, i) => `r${i}`) },
      400,
      /more than 100/,
    ],
    ['an id without end', ['steward:sales'], { resources: ['r'.repeat(257)] }, 400, /more than 256/],
    ['a reason without end', ['steward:sales'], { reason: 'r'.repeat(4097) }, 400, /more than 4096/],
    ['no reason', ['steward:sales'], { reason: '' }, 400, /fewer than 1/],
    [
      "another domain's product",
      ['steward:sales'],
      { resources: ['campaigns'] },
      400,
      /registered in `marketing`/,
    ],
    ['for ever', ['steward:sales'], { until: '9999-12-31T00:00:00Z' }, 400, /at most 366 days/],
    ['in the past', ['steward:sales'], { until: '2020-01-01T00:00:00Z' }, 400, /must lie ahead/],
    ['from a hard policy', ['steward:sales'], { policy: 'legal' }, 400, /is hard: it cannot be waived/],
    [
      'from a policy of another domain',
      ['steward:sales'],
      { layer: 'marketing', policy: 'own' },
      400,
      /no layer that/,
    ],
    [
      'for another domain',
      ['steward:sales'],
      { domain: 'marketing', resources: ['campaigns'] },
      403,
      /steward of `marketing`/,
    ],
    [
      'for the domain around it',
      ['steward:finance/risk'],
      { domain: 'finance', resources: ['ledger'] },
      403,
      /steward of `finance`/,
    ],
    [
      'for a domain within',
      ['steward:finance'],
      { domain: 'finance/risk', resources: ['exposure'] },
      403,
      /steward of `finance\/risk`/,
    ],
    ['as a representative', ['representative:sales'], {}, 403, /./],
    ['as an operator', ['operator'], {}, 403, /./],
    [
      'in a category of its own',
      ['steward:sales'],
      { category: 'free' },
      400,
      /must be one of `waiver`, `mitigated`/,
    ],
  ])('ask for %s', async (_, roles, more, status, message) => {
    const answer = await as('eve', ...roles).post('/v1/waivers', ask(more));
    expect([answer.status, answer.body.detail]).toEqual([status, expect.stringMatching(message)]);
  });

  test('grant themselves through a second role, or a second token', async () => {
    const both = as('fay', 'steward:sales', 'representative:finance');
    const { body } = await both.post('/v1/waivers', ask());
    for (const one of [
      both,
      as('fay', 'representative:finance'),
      as('fay', 'operator', 'representative:finance'),
    ]) {
      const answer = await one.post(`/v1/waivers/${body.id}/decision`, grant);
      expect([answer.status, answer.body.detail]).toEqual([403, expect.stringMatching(/whoever asks/)]);
    }
    const council = await as('sal', 'representative:sales').post(`/v1/waivers/${body.id}/decision`, grant);
    expect([council.status, council.body.detail]).toEqual([403, expect.stringMatching(/another domain/)]);
    expect(
      (await mia.post(`/v1/waivers/${body.id}/decision`, { ...grant, decision: 'refuse' })).body.state,
    ).toBe('refused');
  });

  test('decide at once: one of them wins', async () => {
    const { body } = await sam.post('/v1/waivers', ask());
    const fay = as('fay', 'representative:finance');
    const answers = await Promise.all(
      [mia, fay, mia, fay].map((one) => one.post(`/v1/waivers/${body.id}/decision`, grant)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409]);
    await sam.post(`/v1/waivers/${body.id}/revocation`, { reason: 'x' });
  });

  test('use a waiver for what is not theirs', async () => {
    const { id } = await granted({ resources: undefined, subjects: ['bob'] });
    const lifted = async (product: string): Promise<unknown> =>
      (await served.decide(read(product, 'undocumented'))).decision;
    expect(await Promise.all(Object.values(products).map(lifted))).toEqual([false, false, false, true]);
    const claimed = await served.decide({
      ...read('campaigns', 'undocumented'),
      resource: {
        type: 'data_product',
        id: 'campaigns',
        properties: {
          descriptor: {
            apiVersion: 'v1.0.0',
            kind: 'DataProduct',
            id: 'campaigns',
            status: 'active',
            domain: 'sales',
          },
        },
      },
    });
    expect(claimed).toMatchObject({ decision: false, context: { code: 'forbidden' } });
    expect((await served.decide(read('orders', 'undocumented', 'ann'))).decision).toBe(false);
    await sam.post(`/v1/waivers/${id}/revocation`, { reason: 'x' });
  });
});

describe('a list of waivers', () => {
  const ids = (answer: { body: any }): string[] => answer.body.waivers.map(({ id }: { id: string }) => id);
  let own: { sales: string; books: string; limits: string };

  beforeAll(async () => {
    const sales = await granted();
    const fred = as('fred', 'steward:finance');
    const rik = as('rik', 'steward:finance/risk');
    const books = ask({ layer: 'finance', policy: 'books', domain: 'finance', resources: ['ledger'] });
    const limits = ask({
      layer: 'finance/risk',
      policy: 'limits',
      domain: 'finance/risk',
      resources: ['exposure'],
    });
    own = {
      sales: sales.id,
      books: (await fred.post('/v1/waivers', books)).body.id,
      limits: (await rik.post('/v1/waivers', limits)).body.id,
    };
  });

  test('is for those whose own it is, and for those who decide it', async () => {
    const seen = async (caller: string, ...roles: string[]): Promise<string[]> => {
      const found = ids(await as(caller, ...roles).get('/v1/waivers?limit=1000'));
      return Object.entries(own).flatMap(([name, id]) => (found.includes(id) ? [name] : []));
    };
    expect(await seen('audrey', 'auditor')).toEqual(['sales', 'books', 'limits']);
    expect(await seen('sam', 'steward:sales')).toEqual(['sales']);
    expect(await seen('mia', 'representative:marketing')).toEqual(['sales']);
    expect(await seen('fay', 'steward:finance')).toEqual(['books', 'limits']);
    expect(await seen('rik', 'steward:finance/risk')).toEqual(['limits']);
    const hidden = await sam.get(`/v1/waivers/${own.books}`);
    const none = await sam.get('/v1/waivers/999999');
    expect([hidden.status, none.status]).toEqual([404, 404]);
    expect((await as('p', 'enforcement_point').get('/v1/waivers')).status).toBe(403);
    // The council of `finance` decides for the domain within that has none, with four eyes.
    const decide = (caller: string, id: string) =>
      as(caller, 'steward:finance').post(`/v1/waivers/${id}/decision`, grant);
    expect((await decide('fred', own.books)).status).toBe(403);
    expect((await decide('fay', own.books)).status).toBe(200);
    expect((await decide('fred', own.limits)).status).toBe(200);
    expect((await served.decide(read('ledger', 'books'))).decision).toBe(true);
    expect((await served.decide(read('exposure', 'limits'))).decision).toBe(true);
    expect((await served.decide(read('exposure', 'books'))).decision).toBe(false);
  });

  test('comes in pages, newest first, without a gap or a repeat', async () => {
    const all = ids(await auditor.get('/v1/waivers?limit=1000'));
    expect(all).toEqual([...all].sort((a, b) => Number(b) - Number(a)));
    const paged: string[] = [];
    let cursor = '';
    do {
      const page = await auditor.get(`/v1/waivers?limit=3${cursor}`);
      paged.push(...ids(page));
      cursor = page.body.next === undefined ? '' : `&cursor=${page.body.next}`;
    } while (cursor !== '');
    expect(paged).toEqual(all);
  });

  it.each<[string, (waiver: any) => boolean]>([
    ['state=revoked', ({ state }) => state === 'revoked'],
    ['in_force=true', (waiver) => waiver.in_force],
    ['in_force=false&state=granted', (waiver) => !waiver.in_force && waiver.state === 'granted'],
    ['layer=finance&policy=books', ({ policy }) => policy === 'books'],
    ['domain=sales', ({ domain }) => domain === 'sales'],
  ])('is narrowed by %s', async (query, matches) => {
    const { waivers } = (await auditor.get('/v1/waivers?limit=1000')).body;
    const expected = waivers.filter(matches).map(({ id }: { id: string }) => id);
    expect(ids(await auditor.get(`/v1/waivers?limit=1000&${query}`))).toEqual(expected);
  });

  it.each(['state=open', 'in_force=1', 'limit=0', 'cursor=x', 'polcy=books'])('refuses %s', async (query) => {
    expect((await auditor.get(`/v1/waivers?${query}`)).body.code).toBe('invalid_request');
  });
});

test('rates say which rule is waived most often, and what follows', async () => {
  const before = (await auditor.get('/v1/waivers/rates')).body.rates;
  const rateOf = (rates: any[], policy: string) => rates.find((rate) => rate.policy === policy);
  const books = rateOf(before, 'books');
  expect(books).toMatchObject({
    layer: 'finance',
    asked: 1,
    granted: 1,
    refused: 0,
    in_force: 1,
    denied: 2,
    waived: 1,
    waived_share: 0.5,
    domains_share: 0.25,
    note: '`books` is waived in 50 % of its denials: the rule may be the wrong one',
  });
  for (let count = 0; count < 2; count++) await served.decide(read('exposure', 'books'));
  const after = (await auditor.get('/v1/waivers/rates')).body.rates;
  expect(rateOf(after, 'books')).toMatchObject({ denied: 4, waived: 1, waived_share: 0.25 });
  expect(rateOf(after, 'books').note).toBeUndefined();
  const shares = after.map((rate: any) => rate.waived_share);
  expect(shares).toEqual([...shares].sort((a: number, b: number) => b - a));
  const seen = (await as('mo', 'steward:marketing').get('/v1/waivers/rates')).body.rates;
  expect(new Set(seen.map(({ layer }: any) => layer))).toEqual(new Set(['global']));
});
