import { mkdirSync, rmSync, writeFileSync, chmodSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { policiesFolder, seedFolder, write, type TestPolicy } from './bundles.js';
import { post, runToEnd, startService, temporaryFolder, type RunningService } from './service.js';
import { fetchAuthorized } from './tokens.js';

/** What is read of an answer here. */
interface Answer {
  readonly decision: boolean;
  readonly context: { readonly id: string; readonly reasons: readonly { readonly message: string }[] };
}

const permitAll: TestPolicy = { rules: 'permit := true' };

/** Each stands in the domain of the same name, beside a policy that permits. */
const faulty: Readonly<Record<string, { readonly policy: TestPolicy; readonly error: RegExp }>> = {
  trap: {
    policy: {
      rules:
        'deny contains {"message": "never"} if {\n\tinput.context.trap\n\tcount(numbers.range(1, 100000000)) == 1\n}',
    },
    error: /the policy ran out of memory/,
  },
  conflict: {
    policy: { rules: 'permit := true if input.context.trap\n\npermit := false if input.context.trap' },
    error: /conflict|multiple/,
  },
  builtin: {
    policy: { rules: 'deny contains {"message": "late"} if time.parse_rfc3339_ns(input.context.when) > 0' },
    error: /the built-in `time.parse_rfc3339_ns` failed/,
  },
  rubbish: {
    policy: { rules: 'deny contains 42 if input.context.trap' },
    error: /`deny` holds an item that is not an object/,
  },
  missing: {
    policy: {
      rules: 'requires contains "/context/purpose"\n\npermit if input.context.purpose == "analytics"',
    },
    error: /required input is missing: `\/context\/purpose`/,
  },
};

describe('a policy that is broken denies, is recorded, and the service lives', () => {
  let service: RunningService;

  beforeAll(async () => {
    const layers = Object.fromEntries(
      Object.entries(faulty).map(([domain, { policy }]) => [domain, { broken: policy, open: permitAll }]),
    );
    const domains = Object.keys(faulty);
    service = await startService({
      WITAN_POLICIES: policiesFolder({ global: { open: permitAll }, ...layers }),
      WITAN_SEED: seedFolder(domains),
    });
  });
  afterAll(() => service.stop());

  const ask = (domain: string, context: object) =>
    post(`${service.url}/access/v1/evaluation`, {
      subject: { type: 'user', id: 'ann' },
      action: { name: 'read' },
      resource: { type: 'table', id: 't', properties: { domain } },
      context,
    }).then((response) => response.json() as Promise<Answer>);

  test.each(Object.entries(faulty))('%s', async (domain, { error }) => {
    const context = { trap: true, when: 'yesterday' };
    const answer = await ask(domain, context);
    expect(answer).toMatchObject({ decision: false, context: { code: 'policy_error' } });
    expect(answer.context.reasons).toHaveLength(1);
    expect(answer.context.reasons[0]).toMatchObject({ policy: 'broken', layer: domain });
    expect(answer.context.reasons[0]?.message).toMatch(error);

    const stored = await fetchAuthorized(`${service.url}/v1/records/${answer.context.id}`);
    const { record } = (await stored.json()) as { record: { findings: readonly object[] } };
    expect(record).toMatchObject({ decision: false, code: 'policy_error' });
    expect(record.findings).toContainEqual(expect.objectContaining({ policy: 'broken', outcome: 'error' }));

    const next = await ask(domain, { purpose: 'analytics', when: '1969-01-01T00:00:00Z' });
    if (domain === 'trap') {
      // What exhausts its memory is in quarantine for a while.
      expect(next.context.reasons[0]?.message).toMatch(/^the policy is in quarantine until/);
      return;
    }
    // The next one is evaluated as if nothing had happened.
    expect(next).toMatchObject({ decision: true, context: { code: 'permitted' } });
  });
});

describe('what stands in the way of a start is one clear line and an exit code', () => {
  const oneLine = (stderr: string): string => {
    const lines = stderr.trim().split('\n');
    expect(lines).toHaveLength(1);
    expect(stderr).not.toMatch(/\n\s+at /);
    return lines[0] ?? '';
  };

  test('a policy that never ends is refused before it comes into force, and nothing is seeded', async () => {
    const dataDir = join(temporaryFolder(), 'data');
    // Ten thousand million pairs that are compared and never kept: time alone can end it, not memory.
    const endless = {
      rules:
        'deny contains {"message": "never"} if {\n\tr := numbers.range(1, 100000)\n\tr[i] == r[j]\n\ti != j\n}',
    };
    const environment = {
      WITAN_DATA_DIR: dataDir,
      WITAN_SEED: seedFolder(['sales']),
    };
    const ended = await runToEnd({ ...environment, WITAN_POLICIES: policiesFolder({ global: { endless } }) });
    expect(ended.code).toBe(3);
    expect(oneLine(ended.stderr)).toMatch(
      /`global`: `endless`: the evaluation took more than \d+ steps \[policy_too_slow\]/,
    );

    // The store is still empty: the mended bundle becomes revision 1.
    const service = await startService({
      ...environment,
      WITAN_POLICIES: policiesFolder({ global: { open: permitAll } }),
    });
    expect(await (await fetchAuthorized(`${service.url}/readyz`)).json()).toMatchObject({ revision: 1 });
    expect(await service.stop()).toBe(0);
  });

  test('a manifest with an error is named with file and row', async () => {
    const folder = policiesFolder({ global: { open: permitAll } });
    write(
      join(folder, 'global/manifest.yaml'),
      'layer: global\nversion: 1.0.0\npolicies:\n  open: { enforcement: maybe }\n',
    );
    const dataDir = join(temporaryFolder(), 'data');
    const ended = await runToEnd({ WITAN_POLICIES: folder, WITAN_SEED: 'none', WITAN_DATA_DIR: dataDir });
    expect(ended.code).toBe(3);
    expect(oneLine(ended.stderr)).toMatch(
      /global\/manifest\.yaml:4:\d+: \/policies\/open\/enforcement must be one of `hard`/,
    );
  });

  test('a port in use', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => holder.once('listening', resolve));
    const { port } = holder.address() as { port: number };
    const ended = await runToEnd({
      WITAN_PORT: String(port),
      WITAN_DATA_DIR: join(temporaryFolder(), 'data'),
      WITAN_POLICIES: policiesFolder({ global: { open: permitAll } }),
      WITAN_SEED: 'none',
    });
    holder.close();
    expect(ended.code).toBe(3);
    expect(oneLine(ended.stderr)).toContain(`port ${port} on 127.0.0.1 is in use`);
  });

  test('a data folder that is a file, and one below a file', async () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    for (const dataDir of [file, join(file, 'data')]) {
      const ended = await runToEnd({ WITAN_DATA_DIR: dataDir });
      expect(ended.code).toBe(3);
      expect(oneLine(ended.stderr)).toMatch(/\[store_unavailable\]/);
    }
  });

  test.skipIf(process.getuid?.() === 0)('a data folder that may not be written', async () => {
    const parent = temporaryFolder();
    chmodSync(parent, 0o500);
    const ended = await runToEnd({ WITAN_DATA_DIR: join(parent, 'data') });
    expect(ended.code).toBe(3);
    expect(oneLine(ended.stderr)).toMatch(/\[store_unavailable\]/);
    expect(readdirSync(parent)).toEqual([]);
  });

  test('a store that is not a database', async () => {
    const dataDir = temporaryFolder();
    mkdirSync(dataDir, { recursive: true });
    writeFileSync(
      join(dataDir, 'witan.db'),
      'not a database at all, but long enough to be read as one'.repeat(100),
    );
    const ended = await runToEnd({ WITAN_DATA_DIR: dataDir });
    expect(ended.code).toBe(3);
    expect(oneLine(ended.stderr)).toMatch(/\[store_corrupt\]/);
    rmSync(dataDir, { recursive: true });
  });

  test('a second service on the same folder', async () => {
    const environment = {
      WITAN_DATA_DIR: join(temporaryFolder(), 'data'),
      WITAN_POLICIES: policiesFolder({ global: { open: permitAll } }),
      WITAN_SEED: 'none',
    };
    const first = await startService(environment);
    const second = await runToEnd(environment);
    expect(second.code).toBe(3);
    expect(oneLine(second.stderr)).toMatch(/\[store_unavailable\]/);
    expect(await first.stop()).toBe(0);
  });

  test('settings that are wrong are all named at once', async () => {
    const ended = await runToEnd({ WITAN_HOST: '0.0.0.0', WITAN_PORT: 'http', WITAN_PROT: '1' });
    expect(ended.code).toBe(2);
    const line = oneLine(ended.stderr);
    for (const name of ['WITAN_HOST', 'WITAN_PORT', 'WITAN_PROT']) expect(line).toContain(name);
  });
});
