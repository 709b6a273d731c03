import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApp, type App } from '../src/app.js';
import { readConfig } from '../src/config.js';
import { checkCompliance } from '../src/decision/compliance.js';
import { canonicalJson } from '../src/document/json.js';
import { serveHttp, type HttpServer } from '../src/http/server.js';
import { jsonOf, post, root, temporaryFolder } from './service.js';
import { fetchAuthorized, knowService } from './tokens.js';

interface Golden {
  readonly title: string;
  readonly now: string;
  readonly evaluation: object;
  readonly expected: {
    readonly decision: boolean;
    readonly code: string;
    readonly reasons: readonly { readonly layer: string; readonly policy?: string }[];
    readonly obligations: readonly object[];
  };
}

const folder = join(root, 'fixtures/decisions');
const cases = readdirSync(folder).map((file) => ({
  file,
  golden: JSON.parse(readFileSync(join(folder, file), 'utf8')) as Golden,
}));

let clock = Date.parse('2026-06-01T00:00:00Z');
let app: App;
let server: HttpServer;

beforeAll(async () => {
  const config = readConfig({ WITAN_DATA_DIR: join(temporaryFolder(), 'data'), WITAN_PORT: '0' });
  const toolchainPath = join(root, 'build/toolchain.wasm');
  app = await createApp({ config, toolchainPath, nowMs: () => clock });
  server = await serveHttp(app, pino({ level: 'silent' }));
  knowService({ url: server.url, dataDir: config.dataDir });
});

afterAll(async () => {
  await server.close(1000);
  await app.close();
});

describe('the golden decisions of the default mesh, over HTTP, with their records and replays', () => {
  test.each(cases)('$file: $golden.title', async ({ golden }) => {
    clock = Date.parse(golden.now);
    const response = await post(`${server.url}/access/v1/evaluation`, golden.evaluation);
    expect(response.status).toBe(200);
    const { decision, context } = await jsonOf(response);
    const reasons = new Set<string>(context.reasons.map(place));
    expect({ decision, code: context.code, reasons: [...reasons].sort() }).toEqual({
      decision: golden.expected.decision,
      code: golden.expected.code,
      reasons: golden.expected.reasons.map(place).sort(),
    });
    expect(context.obligations.map(canonicalJson).sort()).toEqual(
      golden.expected.obligations.map(canonicalJson).sort(),
    );

    const { record } = await jsonOf(fetchAuthorized(`${server.url}/v1/records/${context.id}`));
    expect(record).toMatchObject({
      id: context.id,
      time: new Date(clock).toISOString(),
      kind: 'decision',
      decision,
      code: context.code,
      reasons: context.reasons,
      obligations: context.obligations,
      advice: context.advice,
      revision: 1,
    });
    if (record.metadata !== undefined) {
      const document = await fetchAuthorized(`${server.url}/v1/documents/${record.metadata}`);
      expect((await jsonOf(document)).product.id).toBe(record.evaluation.resource.id);
    }

    const replayed = await fetchAuthorized(`${server.url}/v1/records/${context.id}/replay`, {
      method: 'POST',
    });
    expect(await jsonOf(replayed)).toEqual({
      id: context.id,
      equal: true,
      differences: [],
      toolchain: 'same',
    });
  });
});

test('every product of the default mesh may be published as it stands', () => {
  const basis = app.basis();
  const refused = [...app.registry.products()]
    .map((product) => ({
      id: product.id,
      ...checkCompliance(basis, product, Date.parse('2026-06-01T00:00:00Z')),
    }))
    .filter(({ decision }) => !decision)
    .map(({ id, reasons }) => ({ id, reasons }));
  expect(refused).toEqual([]);
  expect([...app.registry.products()].length).toBeGreaterThanOrEqual(12);
});

test('the default mesh has at least 18 global policies and 3 in each domain, all with controls or a reason to have none', () => {
  const counts = Object.fromEntries(
    [...app.policies().layers].map(([layer, { policies }]) => [layer, policies.size]),
  );
  expect(counts['global']).toBeGreaterThanOrEqual(18);
  expect(Object.keys(counts).sort()).toEqual(
    ['finance', 'finance/risk', 'global', 'healthcare', 'marketing', 'platform', 'sales'].sort(),
  );
  for (const count of Object.values(counts)) expect(count).toBeGreaterThanOrEqual(3);
});

function place({ layer, policy }: { layer: string; policy?: string }): string {
  return `${layer}/${policy ?? ''}`;
}
