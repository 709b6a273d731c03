import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCommit, createShow } from '../commit.js';
import { Deciders } from '../deciders.js';
import type { AuthMode } from '../config.js';
import { InMemoryCouncil } from '../council/in-memory-council.js';
import { giveFirstTokens } from './first-tokens.js';
import { InMemoryTokens } from '../identity/in-memory-tokens.js';
import { uuidv7 } from '../ids.js';
import { InMemoryRegistry } from '../registry/in-memory-registry.js';
import type { Entity } from '../registry/registry.js';
import { openStore } from '../store/sqlite/open-store.js';
import { createTokenActs, type TokenActs } from './tokens.js';

const PEOPLE: readonly Entity[] = [
  {
    type: 'user',
    id: 'cleo',
    domain: 'sales',
    properties: { roles: ['analyst', 'steward', 'representative'] },
  },
  { type: 'user', id: 'bob', domain: 'sales', properties: { roles: ['analyst'] } },
  { type: 'user', id: 'uma', domain: 'finance', properties: { roles: ['auditor', 'gateway'] } },
  { type: 'user', id: 'sam', domain: 'platform', properties: { roles: ['operator'] } },
  { type: 'user', id: 'tom', properties: { roles: ['steward', 7, 'toString'] } },
  {
    type: 'service',
    id: 'query_gateway',
    domain: 'platform',
    properties: { roles: ['gateway', 'operator'] },
  },
  { type: 'service', id: 'pipeline', domain: 'sales', properties: { roles: 'gateway' } },
  { type: 'table', id: 'orders', domain: 'sales', properties: { roles: ['operator'] } },
];

interface Started {
  readonly tokens: InMemoryTokens;
  readonly tokenActs: TokenActs;
  readonly said: readonly string[];
}

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'witan-tokens-'));
});
afterEach(() => {
  rmSync(dataDir, { recursive: true });
});

/** One start of a service over the folder, as far as tokens go: with a real store, and what `use` does then. */
async function start(
  auth: AuthMode,
  use: (started: Started) => void | Promise<void>,
  people: readonly Entity[] = PEOPLE,
): Promise<void> {
  const store = await openStore({ dataDir, queueEntriesMax: 100 });
  try {
    const registry = new InMemoryRegistry({ domains: [], entities: people, products: [] });
    const tokens = new InMemoryTokens(await store.tokens.load());
    const council = new InMemoryCouncil(await store.council.load());
    const nowMs = () => Date.parse('2026-06-01T00:00:00Z');
    const commit = createCommit(store.audit, createShow({ registry, council, tokens }, new Deciders()));
    const needs = { tokens, commit, nowMs, newId: uuidv7(nowMs), randomBytes, revision: () => 1 };
    const tokenActs = createTokenActs(needs);
    const said: string[] = [];
    const progress = (message: string) => said.push(message);
    await giveFirstTokens({ config: { auth, dataDir }, registry, tokens, tokenActs, nowMs, progress });
    await use({ tokens, tokenActs, said });
  } finally {
    await store.close();
  }
}

const fileOf = (name: string) => join(dataDir, name);
const demo = (): Readonly<Record<string, { token: string; roles: readonly string[]; domain?: string }>> =>
  JSON.parse(readFileSync(fileOf('demo-tokens.json'), 'utf8'));
const callerOf = ({ tokens }: Started, token = '') =>
  tokens.callerOf(token, Date.parse('2026-06-01T00:00:00Z'));

describe('the tokens of the demo', () => {
  it('are those of people and services with roles that count here, in a file that its owner alone reads', async () => {
    await start('development', (started) => {
      expect((statSync(fileOf('demo-tokens.json')).mode & 0o777).toString(8)).toBe('600');
      const token = expect.stringMatching(/^witan_[A-Za-z0-9_-]{43}$/) as string;
      expect(demo()).toEqual({
        cleo: { token, roles: ['steward:sales', 'representative:sales'], domain: 'sales' },
        uma: { token, roles: ['auditor'], domain: 'finance' },
        sam: { token, roles: ['operator'], domain: 'platform' },
        query_gateway: { token, roles: ['enforcement_point'], domain: 'platform' },
      });
      expect(callerOf(started, demo()['cleo']?.token)).toEqual({
        id: 'cleo',
        roles: ['steward:sales', 'representative:sales'],
      });
      expect(new Set(Object.values(demo()).map((each) => each.token)).size).toBe(4);
    });
  });

  it('stay over a restart, and are made again when the file is gone: then the old ones are not valid', async () => {
    await start('development', () => undefined);
    const before = demo();
    await start('development', (started) => {
      expect(demo()).toEqual(before);
      expect(started.said).toEqual([]);
      expect(callerOf(started, before['uma']?.token)).toMatchObject({ id: 'uma' });
    });
    rmSync(fileOf('demo-tokens.json'));
    await start('development', (started) => {
      expect(demo()['uma']?.token).not.toBe(before['uma']?.token);
      for (const { token } of Object.values(before)) expect(callerOf(started, token)).toBeUndefined();
      expect(callerOf(started, demo()['uma']?.token)).toMatchObject({ id: 'uma' });
    });
  });

  it('replace a file of another store', async () => {
    writeFileSync(fileOf('demo-tokens.json'), '{"uma": {"token": "witan_stale"}}', { mode: 0o644 });
    await start('development', (started) => {
      expect(callerOf(started, demo()['uma']?.token)).toMatchObject({ id: 'uma' });
      expect((statSync(fileOf('demo-tokens.json')).mode & 0o777).toString(8)).toBe('600');
    });
  });

  it('have an operator also where nobody is one', async () => {
    await start(
      'development',
      () => {
        expect(demo()).toEqual({ operator: { token: expect.any(String) as string, roles: ['operator'] } });
      },
      [],
    );
  });

  it('are not touched when someone else wrote the same note', async () => {
    await start('development', async ({ tokenActs }) => {
      const made = { caller: 'eve', roles: ['auditor'], note: 'demo token' };
      const { secret } = await tokenActs.create(made, { caller: { id: 'sam', roles: ['operator'] } });
      writeFileSync(fileOf('kept'), secret);
    });
    rmSync(fileOf('demo-tokens.json'));
    await start('development', (started) => {
      expect(callerOf(started, readFileSync(fileOf('kept'), 'utf8'))).toMatchObject({ id: 'eve' });
    });
  });
});

describe('outside of development', () => {
  it('one token of an operator is made and told of, and those of the demo are not valid', async () => {
    await start('development', () => undefined);
    const before = demo();
    let first = '';
    await start('token', (started) => {
      const { token, roles } = JSON.parse(readFileSync(fileOf('operator-token.json'), 'utf8')) as {
        token: string;
        roles: readonly string[];
      };
      first = token;
      expect(roles).toEqual(['operator']);
      expect((statSync(fileOf('operator-token.json')).mode & 0o777).toString(8)).toBe('600');
      expect(callerOf(started, token)).toEqual({ id: 'operator', roles: ['operator'] });
      for (const each of Object.values(before)) expect(callerOf(started, each.token)).toBeUndefined();
      expect(started.said.join('\n')).toContain('operator-token.json');
      expect(started.said.join('\n')).not.toContain(token);
    });
    writeFileSync(fileOf('operator-token.json'), '{}');
    await start('token', (started) => {
      expect(callerOf(started, first)).toMatchObject({ id: 'operator' });
      expect(readFileSync(fileOf('operator-token.json'), 'utf8')).toBe('{}');
      expect(started.said).toEqual([]);
    });
  });

  it('the demo ends where operators come from an identity provider, too', async () => {
    await start('development', () => undefined);
    const before = demo();
    await start('oidc', ({ tokens }) => {
      for (const { token } of Object.values(before)) expect(tokens.callerOf(token, 0)).toBeUndefined();
    });
  });

  it('an operator is made again when the tokens of all have been lost', async () => {
    await start('token', async ({ tokens, tokenActs }) => {
      const [first] = tokens.all();
      await tokenActs.revoke(
        { id: first?.id ?? '', reason: 'r', evenLast: true },
        { caller: { id: 'x', roles: [] } },
      );
    });
    rmSync(fileOf('operator-token.json'));
    await start('token', (started) => {
      const { token } = JSON.parse(readFileSync(fileOf('operator-token.json'), 'utf8')) as { token: string };
      expect(callerOf(started, token)).toMatchObject({ id: 'operator' });
    });
  });
});
