import express from 'express';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { pinoHttp } from 'pino-http';
import { afterEach, expect, test } from 'vitest';
import type { App } from '../app.js';
import type { StoredRecord } from '../audit/query.js';
import { MemoryLog } from '../audit/testing/memory-log.js';
import { WitanError } from '../errors.js';
import { identify } from './caller.js';
import { exportRoute } from './exports.js';

const log = new MemoryLog(
  Array.from({ length: 40 }, (_, n) => Buffer.from(`{"n":${n},"x":"${'x'.repeat(50_000)}"}`)),
);
const servers: (() => void)[] = [];
afterEach(() => {
  for (const close of servers.splice(0)) close();
});

/** The log, read until it fails. */
async function* failing(after: number): AsyncGenerator<readonly StoredRecord[], void> {
  for (let sequence = 0; sequence < after; sequence += 1) {
    await Promise.resolve();
    yield [{ sequence, bytes: log.bytes[sequence]! }];
  }
  throw new WitanError('store_corrupt', 'the log cannot be read further');
}

async function served(after: number): Promise<string> {
  const records = {
    scan: () => failing(after),
    minimumIndex: () => log.minimumIndex(),
    size: () => Promise.resolve(40),
  };
  const tree = {
    seal: () => Promise.resolve(log.checkpoint),
    nodes: log.nodes.bind(log),
    keys: () => log.keys(),
  };
  // INVARIANT: the route reads nothing else of a store.
  const store = { records, tree } as unknown as App['store'];
  const { path, answer } = exportRoute({ store, nowMs: () => Date.parse('2026-07-01T00:00:00Z') });
  const app = express();
  app.use(pinoHttp({ logger: pino({ level: 'silent' }) }));
  app.use((request, _response, next) => {
    identify(request, { id: 'ann', roles: ['auditor'] });
    next();
  });
  app.get(path, answer);
  app.use(((thrown: WitanError, _request, response, _next) => {
    response.status(503).send(thrown.message);
  }) satisfies express.ErrorRequestHandler);
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  servers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
}

test('an export that fails in the middle ends with its connection', async () => {
  const response = await fetch(await served(30));
  expect(response.status).toBe(200);
  await expect(response.arrayBuffer()).rejects.toThrow('terminated');
});

test('an export that fails before it has begun is answered as a problem', async () => {
  const response = await fetch(await served(0));
  expect([response.status, await response.text()]).toEqual([503, 'the log cannot be read further']);
});
