import Database from 'better-sqlite3';
import fc from 'fast-check';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApp, type App } from '../src/app.js';
import { readConfig } from '../src/config.js';
import { serveHttp, type HttpServer } from '../src/http/server.js';
import { policiesFolder, seedFolder, write } from './bundles.js';
import { laySeededStore } from './seeded-stores.js';
import {
  jsonOf,
  post,
  root,
  runShell,
  seedStore,
  startService,
  temporaryFolder,
  type RunningService,
} from './service.js';
import { witan } from './served-mesh.js';
import { fetchAuthorized, knowService } from './tokens.js';

const toolchainPath = join(root, 'build/toolchain.wasm');

async function serving(settings: Record<string, string> = {}) {
  const config = readConfig({
    WITAN_DATA_DIR: join(temporaryFolder(), 'data'),
    WITAN_PORT: '0',
    ...settings,
  });
  await laySeededStore(config, 'now', (dataDir) => seedStore({ ...settings, WITAN_DATA_DIR: dataDir }));
  const app: App = await createApp({ config, toolchainPath, nowMs: Date.now });
  const server: HttpServer = await serveHttp(app, pino({ level: 'silent' }));
  knowService({ url: server.url, dataDir: config.dataDir });
  return {
    app,
    url: server.url,
    async ask(evaluation: object): Promise<string> {
      const { context } = await jsonOf(post(`${server.url}/access/v1/evaluation`, evaluation));
      return context.id;
    },
    replay: (id: string) => fetchAuthorized(`${server.url}/v1/records/${id}/replay`, { method: 'POST' }),
    explanation: (id: string) => fetchAuthorized(`${server.url}/v1/records/${id}/explanation`),
    async close() {
      await server.close(1000);
      await app.close();
    },
  };
}

describe('the default mesh', () => {
  let service: Awaited<ReturnType<typeof serving>>;
  beforeAll(async () => {
    service = await serving();
  });
  afterAll(() => service.close());

  test('every evaluation that is decided replays byte-equal', async () => {
    const golden = readdirSync(join(root, 'fixtures/decisions')).map(
      (file) => JSON.parse(readFileSync(join(root, 'fixtures/decisions', file), 'utf8')).evaluation,
    );
    const all = <T>(pick: (evaluation: any) => T) => fc.constantFrom(...golden.map(pick));
    const evaluation = fc.record({
      subject: all(({ subject }) => subject),
      action: all(({ action }) => action),
      resource: all(({ resource }) => resource),
      context: fc.oneof(
        all(({ context }) => context ?? {}),
        fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 }),
      ),
    });
    await fc.assert(
      fc.asyncProperty(evaluation, async (asked) => {
        const response = await post(`${service.url}/access/v1/evaluation`, asked);
        // Metadata of one product do not decide about another.
        fc.pre(response.status === 200);
        const { context } = await jsonOf(response);
        expect(await jsonOf(service.replay(context.id))).toEqual({
          id: context.id,
          equal: true,
          differences: [],
          toolchain: 'same',
        });
      }),
      { numRuns: 40 },
    );
  });

  test('a record is explained as the decision was, without the address that the mesh masks', async () => {
    const evaluation = JSON.parse(readFileSync(join(root, 'fixtures/requests/global-refusal.json'), 'utf8'));
    const id = await service.ask(evaluation);
    const { record } = await jsonOf(fetchAuthorized(`${service.url}/v1/records/${id}`));
    const explained = await jsonOf(service.explanation(id));
    expect(explained).toMatchObject({
      id,
      equal: true,
      explanation: { decision: record.decision, code: record.code, differs: false, truncated: false },
    });
    expect(explained.explanation.summary).toMatch(/^denied, because /);
  });

  test('what is no record, and no decision', async () => {
    for (const answer of [service.replay('none'), service.explanation('none')]) {
      const response = await answer;
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({ code: 'not_found' });
    }
    const { records } = await jsonOf(fetchAuthorized(`${service.url}/v1/records?kind=seed`));
    const { id } = records[0].record;
    for (const answer of [service.replay(id), service.explanation(id)]) {
      const response = await answer;
      expect(response.status).toBe(409);
      expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
      expect(await response.json()).toMatchObject({
        code: 'not_replayable',
        detail: 'cannot be replayed: it is no decision but a record of kind `seed`',
      });
    }
    const wrong = await fetchAuthorized(`${service.url}/v1/records/${id}/replay`);
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'POST']);
  });
});

describe('a mesh that masks what is said of a subject', () => {
  let service: Awaited<ReturnType<typeof serving>>;
  beforeAll(async () => {
    const policies = policiesFolder({
      global: {
        tells: {
          rules: [
            'permit := true',
            'deny contains {"message": sprintf("%v of %v may not", [input.subject.properties.role, data.mesh.global.lib.words.word])} if {\n\trole := input.subject.properties.role\n\tstartswith(role, "guest")\n\tinput.subject.properties.trusted == false\n\tinput.subject.properties.level < 9876\n}',
          ].join('\n\n'),
        },
      },
    });
    write(
      join(policies, 'global/manifest.yaml'),
      'layer: global\nversion: 1.0.0\naudit: { mask: [/subject/properties] }\npolicies:\n  tells: { enforcement: hard }\n',
    );
    write(join(policies, 'global/lib/words.rego'), 'package mesh.global.lib.words\n\nword := "them"\n');
    service = await serving({ WITAN_POLICIES: policies, WITAN_SEED: seedFolder(['sales']) });
  });
  afterAll(() => service.close());

  const long = `guest of ${'the house '.repeat(40)}`;
  const evaluation = (role: string) => ({
    subject: { type: 'user', id: 'bea', properties: { role, trusted: false, level: 4321 } },
    action: { name: 'read' },
    resource: { type: 'table', id: 't' },
  });

  test.each(['guest-4711', long])('no answer about a record tells a masked value: %s', async (role) => {
    const answer = await jsonOf(post(`${service.url}/access/v1/evaluation`, evaluation(role)));
    const message = `${role} of them may not`;
    expect(answer.context.reasons[0].message).toBe(message);
    const { id } = answer.context;
    const { record } = await jsonOf(fetchAuthorized(`${service.url}/v1/records/${id}`));
    expect(record).toMatchObject({
      masked: ['/subject/properties'],
      evaluation: {
        subject: { properties: { masked: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) as string } },
      },
      reasons: [{ message: '<masked /subject/properties> of them may not' }],
    });
    const replayed = await jsonOf(service.replay(id));
    expect(replayed).toMatchObject({ equal: true, differences: [] });
    const explained = await jsonOf(service.explanation(id));
    expect(explained).toMatchObject({ equal: true, explanation: { code: 'forbidden', differs: false } });
    const text = JSON.stringify(explained);
    expect(text).toContain('<masked /subject/properties> of them may not');
    for (const secret of [role, 'guest of the', 'guest-4711', '4321']) expect(text).not.toContain(secret);
    const [{ definition }] = explained.explanation.decisive;
    const read = Object.assign({}, ...definition.lines.map(({ values }: { values: object }) => values));
    expect(read['input.subject.properties.trusted']).toBe('<masked /subject/properties>');
    expect(read['input.subject.properties.level']).toBe('<masked /subject/properties>');
  });

  test('once a value is erased, its record cannot be replayed, and says which it was', async () => {
    const id = await service.ask(evaluation('guest-4712'));
    expect(await jsonOf(service.replay(id))).toMatchObject({ equal: true });
    const erased = await post(`${service.url}/v1/erasures`, {
      records: [id],
      pointers: ['/subject/properties'],
      reason: 'she asked for it',
    });
    expect(await jsonOf(erased)).toMatchObject({ records: 1, values: 1 });
    for (const answer of [service.replay(id), service.explanation(id)]) {
      const response = await answer;
      expect(response.status).toBe(409);
      expect(await response.json()).toMatchObject({
        code: 'not_replayable',
        detail: 'cannot be replayed: the masked value at `/subject/properties` was erased',
      });
    }
  });
});

describe('witan audit replay and witan explain --record', () => {
  const dataDir = join(temporaryFolder(), 'data');
  let service: RunningService;
  const ids: string[] = [];
  beforeAll(async () => {
    service = await startService({
      WITAN_DATA_DIR: dataDir,
      WITAN_POLICIES: policiesFolder({
        global: {
          open: { rules: 'permit := true' },
          clock: { rules: 'advice contains {"message": sprintf("at %d", [time.now_ns()])}' },
          closed: { rules: 'deny contains {"message": "no"} if input.context.no' },
        },
      }),
      WITAN_SEED: seedFolder(['sales']),
    });
    for (const context of [{}, { no: true }, { other: [1, 2] }]) {
      const answer = await jsonOf(
        post(`${service.url}/access/v1/evaluation`, {
          subject: { type: 'user', id: 'bea' },
          action: { name: 'read' },
          resource: { type: 'table', id: 't' },
          context,
        }),
      );
      ids.push(answer.context.id);
    }
  });
  afterAll(() => service.stop());

  const asProcess = (line: string) => runShell(`node dist/cli/main.js ${line}`);
  const run = (line: string) => witan(...line.split(' '));
  const places = () => [`--data-dir ${dataDir}`, `--server ${service.url}`];

  test('every decision is equal, by the folder and by the service', async () => {
    for (const place of places()) {
      const some = await run(`audit replay ${ids.slice(0, 2).join(' ')} ${place}`);
      expect(some.err).toBe('equal: 2 decisions, byte for byte what is on record\n');
      expect(some.out).toBe(
        ids
          .slice(0, 2)
          .map((id) => `equal    ${id}\n`)
          .join(''),
      );
      expect(some.code).toBe(0);
      const last = await run(`audit replay --last 2 --json ${place}`);
      expect(JSON.parse(last.out)).toEqual({
        replays: [ids[2], ids[1]].map((id) => ({ id, equal: true, differences: [], toolchain: 'same' })),
      });
      expect(last.code).toBe(0);
    }
  });

  test('what was changed in a record is shown with its place', async () => {
    const copy = temporaryFolder();
    const db = new Database(join(dataDir, 'witan.db'), { readonly: true });
    await db.backup(join(copy, 'witan.db'));
    db.close();
    const changed = new Database(join(copy, 'witan.db'));
    // Deny became permit, in one place of three.
    changed.exec(
      `UPDATE records SET body = CAST(replace(CAST(body AS TEXT), '"decision":false', '"decision":true') AS BLOB)`,
    );
    changed.close();
    const { code, stdout, stderr } = await asProcess(`audit replay ${ids.join(' ')} --data-dir ${copy}`);
    expect(code).toBe(1);
    expect(stdout).toBe(
      `equal    ${ids[0]}\nDIFFERS  ${ids[1]}\n    /decision\n      recorded: true\n      replayed: false\nequal    ${ids[2]}\n`,
    );
    expect(stderr).toBe('not equal: 1 of 3 decisions differs from what is on record\n');
    const explained = await asProcess(`explain --record ${ids[1]} --data-dir ${copy}`);
    expect(explained.stderr).toMatch(/^the replay differs from what is on record as /);
  });

  test('the explanation of a record is that of its decision', async () => {
    for (const place of places()) {
      const { code, out, err } = await run(`explain --record ${ids[1]} ${place}`);
      expect(err).toBe(`replayed: byte for byte what is on record as ${ids[1]}\n`);
      expect(out).toMatch(/^DENY forbidden\ndenied, because `closed` of `global` forbids it: no\n/);
      expect(out).toMatch(/global\/policy\/closed\.rego:\d+ deny/);
      expect(code).toBe(1);
    }
  });

  test('wrong use is said, and what cannot be replayed is a no', async () => {
    expect(await run(`audit replay --data-dir ${dataDir}`)).toMatchObject({
      code: 2,
      err: expect.stringContaining('which records? Give their ids, or `--last <number>`') as string,
    });
    expect(await run(`audit replay --last 0 --data-dir ${dataDir}`)).toMatchObject({ code: 2 });
    expect(await run(`audit replay ${ids[0]} --last 1 --data-dir ${dataDir}`)).toMatchObject({ code: 2 });
    expect(await run(`explain --record ${ids[0]} request.json`)).toMatchObject({ code: 2 });
    expect(await run('explain')).toMatchObject({ code: 2 });
    for (const place of places()) {
      expect(await run(`audit replay none ${place}`)).toMatchObject({
        code: 2,
        err: 'witan: there is no record `none` [not_found]\n',
      });
    }
    const { records } = await jsonOf(fetchAuthorized(`${service.url}/v1/records?kind=seed`));
    for (const place of places()) {
      const { id } = records[0].record;
      const refused = await run(`audit replay ${id} ${place}`);
      expect(refused).toEqual({
        code: 1,
        out: `refused  ${id}  cannot be replayed: it is no decision but a record of kind \`seed\`\n`,
        err: 'not equal: 1 of 1 decision cannot be replayed\n',
      });
    }
  });
});
