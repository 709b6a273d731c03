import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, describe, expect, it } from 'vitest';
import { ServerError } from './ask-server.js';
import { obligationInWords, runDecide } from './decide.js';
import { EXIT } from './terminal.js';
import { bench, folderOf, SMALL_POLICIES } from './testing/bench.js';

const policies = folderOf(SMALL_POLICIES);
afterAll(() => {
  policies.remove();
});

const REQUEST = JSON.stringify({
  subject: { type: 'user', id: 'ada' },
  action: { name: 'query' },
  resource: { type: 'report', id: 'r' },
});

const decide = async (options: Partial<Parameters<typeof runDecide>[0]> = {}, stdin = REQUEST) => {
  const needs = bench(stdin);
  const given = { request: '-', policies: policies.path, seed: 'none', format: 'pretty' } as const;
  const code = await runDecide({ ...given, ...options }, needs);
  return { code, out: needs.out(), err: needs.err() };
};

describe('witan decide', () => {
  it('permits with obligations in words, as of the time given', async () => {
    expect(await decide({ now: '2026-05-01T00:00:00Z' })).toEqual({
      code: EXIT.fine,
      out: 'PERMIT permitted\nobligations:\n  - mask column orders.email: redact\n',
      err: 'decided offline: this decision is not recorded\n',
    });
  });

  it('denies with exit code 1', async () => {
    const { code, out } = await decide({ format: 'json' });
    expect(code).toBe(EXIT.no);
    expect(JSON.parse(out)).toMatchObject({ decision: false, context: { code: 'not_permitted' } });
  });

  it('names every fault of a request with its place', async () => {
    await expect(decide({}, '{\n "subject": { "type": "user" },\n "action": {} }')).rejects.toMatchObject({
      code: 'invalid_request',
      faults: expect.arrayContaining([
        expect.objectContaining({ pointer: '/subject/id', row: 2 }),
        expect.objectContaining({ pointer: '/action/name', row: 3 }),
        expect.objectContaining({ pointer: '/resource' }),
      ]),
    });
  });

  it.each<[string, Parameters<typeof decide>[0], string]>([
    ['a file that does not exist', { request: 'nowhere.json' }, 'not_found'],
    ['a time that is none', { now: 'yesterday' }, 'invalid_request'],
    [
      'a time for a server',
      { now: '2026-05-01T00:00:00Z', server: { url: 'http://127.0.0.1:8180' } },
      'invalid_request',
    ],
    ['a server that is no URL', { server: { url: 'foo' } }, 'invalid_request'],
  ])('refuses %s', async (_, options, code) => {
    await expect(decide(options)).rejects.toMatchObject({ name: 'WitanError', code });
  });

  it('asks a server, and tells one that is not there', async () => {
    const context = { id: 'x1', code: 'permitted', reasons: [], obligations: [], advice: [] };
    const server = createServer((_, response) => {
      response.end(JSON.stringify({ decision: true, context }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect(await decide({ server: { url } })).toEqual({
      code: EXIT.fine,
      out: 'PERMIT permitted recorded as x1\n',
      err: '',
    });
    await new Promise((resolve) => server.close(resolve));
    await expect(decide({ server: { url } })).rejects.toBeInstanceOf(ServerError);
  });

  it.each([
    [
      'filter_rows',
      { column: 'region', operator: 'in', values: ['eu', 'uk'] },
      'keep only rows where region is one of eu, uk',
    ],
    ['allow_columns', { table: 't', columns: ['a', 'b'] }, 'show only the columns a, b of t'],
    ['limit_rows', { max: 10 }, 'answer at most 10 rows'],
    ['expire', { at: '2026-01-01T00:00:00Z' }, 'end the access at 2026-01-01T00:00:00Z'],
    ['notify_owner', { within: 'PT1H' }, 'notify owner: within PT1H'],
  ])('words %s', (type, properties, words) => {
    expect(obligationInWords({ type, properties })).toBe(words);
  });
});
