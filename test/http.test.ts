import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import fc from 'fast-check';
import supertest from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { jsonOf, post, root, startService, type RunningService } from './service.js';
import { fetchAuthorized, tokenFor } from './tokens.js';

const ask = JSON.parse(readFileSync(join(root, 'fixtures/requests/permit.json'), 'utf8'));
const refused = JSON.parse(readFileSync(join(root, 'fixtures/requests/global-refusal.json'), 'utf8'));

let service: RunningService;
/** Asks with a token for everything. */
let client: ReturnType<typeof supertest.agent>;
beforeAll(async () => {
  service = await startService({ WITAN_BODY_BYTES_MAX: '65536', WITAN_BATCH_ITEMS_MAX: '50' });
  client = supertest.agent(service.url).auth((await tokenFor(service.url)) ?? '', { type: 'bearer' });
});
afterAll(async () => {
  expect(await service.stop()).toBe(0);
});

const single = () => `${service.url}/access/v1/evaluation`;
const batch = () => `${service.url}/access/v1/evaluations`;

describe('AuthZEN evaluation', () => {
  test('answers with the decision, its id and its reasons, and echoes the request id', async () => {
    const response = await post(single(), refused, { 'X-Request-ID': 'r-1', traceparent: '00-ab-cd-01' });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('x-request-id')).toBe('r-1');
    const { decision, context } = await jsonOf(response);
    expect(decision).toBe(false);
    expect(response.headers.get('x-decision-id')).toBe(context.id);
    expect(context).toMatchObject({ code: 'forbidden', revision: 1, obligations: [] });
    const { record } = await jsonOf(fetchAuthorized(`${service.url}/v1/records/${context.id}`));
    expect(record.correlation).toEqual({ request_id: 'r-1', traceparent: '00-ab-cd-01' });
  });

  test('unknown members are ignored, a charset is accepted', async () => {
    const response = await post(
      single(),
      { ...ask, extra: { a: 1 } },
      { 'Content-Type': 'application/json; charset=UTF-8' },
    );
    expect((await jsonOf(response)).decision).toBe(true);
  });

  const deep = `${'{"a":'.repeat(70)}1${'}'.repeat(70)}`;
  test.each([
    ['no JSON', '{"subject":', 400, 'malformed_json', /row 1/],
    ['a duplicate member', '{"subject":1,"subject":2}', 400, 'malformed_json', /subject/],
    ['nesting over 64', deep, 400, 'malformed_json', /64/],
    ['nothing', '', 400, 'malformed_json', /./],
    ['an array', '[]', 400, 'invalid_request', /object/],
    ['an empty object', '{}', 400, 'invalid_request', /subject|required/],
    [
      'a body over the limit',
      JSON.stringify({ ...ask, x: 'y'.repeat(70_000) }),
      413,
      'body_too_large',
      /65536/,
    ],
  ])('%s is refused', async (_, body, status, code, detail) => {
    const response = await post(single(), body);
    const problem = await jsonOf(response);
    expect({ status: response.status, code: problem.code }).toEqual({ status, code });
    expect(problem.detail).toMatch(detail);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
  });

  test('a whole number beyond 2^53 is recorded as it was written', async () => {
    const body = JSON.stringify({ ...ask, context: { ...ask.context, exact: 'EXACT' } }).replace(
      '"EXACT"',
      '9007199254740993',
    );
    const { context } = await jsonOf(post(single(), body));
    const text = await (await fetchAuthorized(`${service.url}/v1/records/${context.id}`)).text();
    expect(text).toContain('"exact":9007199254740993');
  });

  test('half a character is refused, since no record could hold it', async () => {
    const body = JSON.stringify({ ...ask, context: { note: '\ud83d' } });
    const response = await post(single(), body);
    expect(response.status).toBe(400);
    expect(await jsonOf(response)).toMatchObject({
      code: 'malformed_json',
      detail: expect.stringContaining('half a surrogate pair') as string,
    });
  });

  test('every fault is named with its pointer', async () => {
    const problem = await jsonOf(
      post(single(), { subject: { type: 1 }, action: {}, resource: { type: 'a', id: '' } }),
    );
    const pointers = problem.faults.map(({ pointer }: { pointer: string }) => pointer).sort();
    expect(pointers).toEqual(['/action/name', '/resource/id', '/subject/id', '/subject/type']);
  });

  test.each([
    ['text/plain', 415, 'unsupported_media_type'],
    ['application/json; charset=latin1', 415, 'unsupported_media_type'],
  ])('content type %s', async (type, status, code) => {
    const response = await post(single(), ask, { 'Content-Type': type });
    expect({ status: response.status, code: (await jsonOf(response)).code }).toEqual({ status, code });
  });

  test('another method is told which one is allowed', async () => {
    const response = await fetch(single());
    expect({ status: response.status, allow: response.headers.get('allow') }).toEqual({
      status: 405,
      allow: 'POST',
    });
  });

  test('bytes that are not UTF-8 are refused', async () => {
    const response = await fetch(single(), {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
    });
    expect((await jsonOf(response)).code).toBe('malformed_json');
  });

  test('whatever comes as a body, the answer is a decision or a problem', async () => {
    const members = fc.record(
      { subject: fc.jsonValue(), action: fc.jsonValue(), resource: fc.jsonValue(), context: fc.jsonValue() },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.jsonValue(), members), async (body) => {
        const response = await post(single(), body);
        expect([200, 400]).toContain(response.status);
      }),
      { numRuns: 100 },
    );
  });

  test('a page of another site, resolved to this machine, is refused by its Host', async () => {
    const status = await new Promise<number | undefined>((resolve) => {
      const { hostname, port } = new URL(service.url);
      request({ hostname, port, path: '/v1/records', headers: { Host: 'evil.example.com' } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      }).end();
    });
    expect(status).toBe(403);
  });
});

describe('AuthZEN evaluations', () => {
  const { subject, action, resource, context } = ask;
  const no = { ...refused };

  test('members of the top level are defaults of each item', async () => {
    const body = { subject, action, context, evaluations: [{ resource }, no] };
    const { evaluations } = await jsonOf(post(batch(), body));
    expect(evaluations.map(({ decision }: { decision: boolean }) => decision)).toEqual([true, false]);
    expect(evaluations[0].context.id).toBeUndefined();
  });

  test.each([
    ['execute_all', [ask, no, ask], [true, false, true]],
    ['deny_on_first_deny', [ask, no, ask], [true, false]],
    ['permit_on_first_permit', [no, ask, no], [false, true]],
  ])('%s', async (semantic, evaluations, expected) => {
    const body = { evaluations, options: { evaluations_semantic: semantic } };
    const answer = await jsonOf(post(batch(), body));
    expect(answer.evaluations.map(({ decision }: { decision: boolean }) => decision)).toEqual(expected);
  });

  test('without items it is a single evaluation', async () => {
    expect(await jsonOf(post(batch(), { ...ask, evaluations: [] }))).toMatchObject({ decision: true });
  });

  test('faults of items, an unknown semantic and too many items are refused', async () => {
    const bad = await jsonOf(
      post(batch(), { evaluations: [ask, { subject }], options: { evaluations_semantic: 'some' } }),
    );
    expect(bad.faults.map(({ pointer }: { pointer: string }) => pointer).sort()).toEqual([
      '/evaluations/1/action',
      '/evaluations/1/resource',
      '/options/evaluations_semantic',
    ]);
    const many = await post(batch(), { evaluations: Array(51).fill(ask) });
    expect({ status: many.status, code: (await jsonOf(many)).code }).toEqual({
      status: 413,
      code: 'too_many_items',
    });
  });
});

describe('products', () => {
  const read = (file: string): any => parse(readFileSync(join(root, 'fixtures', file), 'utf8'));
  const id = 'urn:mesh:sales:returns';
  const path = `/v1/products/${encodeURIComponent(id)}`;
  const good = () => read('descriptors/returns.odps.yaml');
  const contracts = () => [read('descriptors/returns.odcs.yaml')];

  test('are registered with the decision that permits it, then read and listed', async () => {
    const body = { descriptor: good(), contracts: contracts() };
    const created = await client.put(path).send(body);
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({
      decision: true,
      code: 'permitted',
      product: { id, domain: 'sales' },
    });
    expect((await client.put(path).send(body)).status).toBe(200);

    const read = await client.get(path);
    expect(read.body).toMatchObject({ id, product: { id }, digest: created.body.product.digest });
    const listed = await client.get('/v1/products?domain=sales&limit=2');
    expect(listed.body.products).toHaveLength(2);
    const next = await client.get(`/v1/products?domain=sales&cursor=${encodeURIComponent(listed.body.next)}`);
    expect(next.body.products.map((product: { id: string }) => product.id)).toContain(id);

    const { record } = await jsonOf(fetchAuthorized(`${service.url}/v1/records/${created.body.id}`));
    expect(record).toMatchObject({ decision_kind: 'publish', evaluation: { action: { name: 'register' } } });
  });

  test('that are not compliant are refused with every violation, and not registered', async () => {
    const { team: _, ...ownerless } = good();
    const response = await client
      .put('/v1/products/urn:x')
      .send({ descriptor: { ...ownerless, id: 'urn:x' }, contracts: contracts() });
    expect(response.status).toBe(422);
    expect(response.body).toMatchObject({ code: 'forbidden', decision: false, status: 422 });
    expect(response.body.reasons.map(({ policy }: { policy: string }) => policy)).toContain('ownership');
    expect((await client.get('/v1/products/urn:x')).status).toBe(404);
  });

  test('with another id than the path, or a wrong member, are refused with a pointer', async () => {
    const other = await client.put('/v1/products/urn:y').send({ descriptor: good() });
    expect({ status: other.status, code: other.body.code }).toEqual({ status: 400, code: 'invalid_request' });
    const wrong = await client.put(path).send({ descriptor: { ...good(), outputPorts: [{ version: 1 }] } });
    expect(wrong.body.code).toBe('descriptor_invalid');
    expect(wrong.body.faults[0].pointer).toMatch(/^\/descriptor\/outputPorts\/0/);
  });

  test('compliance answers without registering or recording; as NDJSON line by line', async () => {
    const before = await jsonOf(fetchAuthorized(`${service.url}/v1/records?limit=1`));
    const one = await client.post('/v1/compliance').send({ descriptor: good(), contracts: contracts() });
    expect(one.body).toMatchObject({ compliant: true, product: id, format: 'bitol-odps' });
    const lines = [
      JSON.stringify({ descriptor: good(), contracts: contracts() }),
      '{"broken":',
      '{"unknown":1}',
    ];
    const many = await client
      .post('/v1/compliance')
      .set('Content-Type', 'application/x-ndjson')
      .send(lines.join('\n'))
      .buffer()
      .parse((response, done) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () => {
          done(null, text);
        });
      });
    const answers = (many.body as string)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(answers.map((answer) => answer.error?.code ?? answer.compliant)).toEqual([
      true,
      'malformed_json',
      'descriptor_unknown_format',
    ]);
    expect(await jsonOf(fetchAuthorized(`${service.url}/v1/records?limit=1`))).toEqual(before);
  });
});

describe('records', () => {
  test('are found by subject, resource, decision and time, in pages', async () => {
    for (let count = 0; count < 3; count += 1) await post(single(), refused);
    const query = `subject=${refused.subject.id}&resource=${encodeURIComponent(refused.resource.id)}&decision=false`;
    const first = await jsonOf(fetchAuthorized(`${service.url}/v1/records?${query}&limit=2`));
    expect(first.records).toHaveLength(2);
    const second = await jsonOf(
      fetchAuthorized(`${service.url}/v1/records?${query}&limit=2&cursor=${first.next}`),
    );
    const sequences = [...first.records, ...second.records].map(
      ({ sequence }: { sequence: number }) => sequence,
    );
    expect(sequences).toEqual([...sequences].sort((a, b) => b - a));
    expect(new Set(sequences).size).toBe(sequences.length);
    const future = await jsonOf(fetchAuthorized(`${service.url}/v1/records?from=2999-01-01T00:00:00Z`));
    expect(future.records).toEqual([]);
  });

  test.each([
    ['subjet=a', /subjet/],
    ['decision=maybe', /true or false/],
    ['limit=0', /1 to 1000/],
    ['cursor=nonsense', /cursor/],
    ['from=yesterday', /from|RFC 3339/],
    ['subject=a&subject=b', /more than once/],
  ])('the query %s is refused', async (query, detail) => {
    const response = await fetchAuthorized(`${service.url}/v1/records?${query}`);
    const problem = await jsonOf(response);
    expect(response.status).toBe(400);
    expect(problem.detail).toMatch(detail);
  });

  test('one that is not there is 404', async () => {
    expect((await fetchAuthorized(`${service.url}/v1/records/nope`)).status).toBe(404);
  });
});

describe('operation', () => {
  test('health, readiness, the interface and what is not there', async () => {
    expect(await jsonOf(fetchAuthorized(`${service.url}/healthz`))).toEqual({ status: 'ok' });
    expect(await jsonOf(fetchAuthorized(`${service.url}/readyz`))).toMatchObject({
      status: 'ready',
      revision: 1,
    });
    const document = await jsonOf(fetchAuthorized(`${service.url}/openapi.json`));
    expect(document).toEqual(JSON.parse(readFileSync(join(root, 'docs/openapi.json'), 'utf8')));
    expect((await fetchAuthorized(`${service.url}/nothing`)).status).toBe(404);
    const wrong = await fetchAuthorized(`${service.url}/healthz`, { method: 'DELETE' });
    expect({ status: wrong.status, allow: wrong.headers.get('allow') }).toEqual({
      status: 405,
      allow: 'GET',
    });
  });

  test('every route of the interface is served', async () => {
    const { paths } = await jsonOf(fetchAuthorized(`${service.url}/openapi.json`));
    for (const [path, operations] of Object.entries(paths as Record<string, object>)) {
      for (const method of Object.keys(operations)) {
        const response = await fetchAuthorized(`${service.url}${path.replace(/\{\w+\}/g, 'none')}`, {
          method: method.toUpperCase(),
        });
        expect([404, 200, 400, 415], `${method} ${path}`).toContain(response.status);
        if (response.status === 404) expect((await jsonOf(response)).detail).not.toMatch(/nothing at/);
      }
    }
  });
});

test('what is in flight is finished when the service stops, and everything is there after a restart', async () => {
  const dataDir = join(root, 'build', `restart-${process.pid}`);
  const first = await startService({ WITAN_DATA_DIR: dataDir });
  const asked = Array.from({ length: 40 }, () =>
    post(`${first.url}/access/v1/evaluation`, ask).then((r) => r.json() as any),
  );
  await asked[0];
  const ended = first.stop();
  const answers = (await Promise.allSettled(asked)).flatMap((each) =>
    each.status === 'fulfilled' ? [each.value] : [],
  );
  expect(await ended).toBe(0);
  expect(answers.length).toBeGreaterThan(0);

  const second = await startService({ WITAN_DATA_DIR: dataDir });
  for (const { context } of answers) {
    expect((await fetchAuthorized(`${second.url}/v1/records/${context.id}`)).status).toBe(200);
  }
  await second.stop();
});
