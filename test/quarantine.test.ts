import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { policiesFolder, seedFolder, type TestPolicy } from './bundles.js';
import { jsonOf, post, startService, type RunningService } from './service.js';
import { fetchAuthorized } from './tokens.js';

interface Answer {
  readonly decision: boolean;
  readonly context: {
    readonly id: string;
    readonly code: string;
    readonly reasons: readonly {
      readonly policy: string;
      readonly layer: string;
      readonly message: string;
    }[];
  };
}

const permitAll: TestPolicy = { rules: 'permit := true' };
/** Compares every pair of `context.n` numbers: harmless for all that the bundle is measured with, endless for others. */
const pairs: TestPolicy = {
  rules:
    'deny contains {"message": "never"} if {\n\tr := numbers.range(1, input.context.n)\n\tr[i] == r[j]\n\ti != j\n}',
};
const CONNECTIONS = 32;

describe('a policy that takes for ever on an input that nobody had seen', () => {
  let service: RunningService;
  beforeAll(async () => {
    service = await startService({
      WITAN_POLICIES: policiesFolder({
        global: { open: permitAll },
        slow: { pairs },
        quick: { open: permitAll },
      }),
      WITAN_SEED: seedFolder(['slow', 'quick']),
    });
  });
  afterAll(() => service.stop());

  const ask = async (domain: string, context: object): Promise<Answer & { readonly ms: number }> => {
    const started = performance.now();
    const response = await post(`${service.url}/access/v1/evaluation`, {
      subject: { type: 'user', id: 'ann' },
      action: { name: 'read' },
      resource: { type: 'table', id: 't', properties: { domain } },
      context,
    });
    return { ...((await response.json()) as Answer), ms: performance.now() - started };
  };

  test('is in quarantine within two seconds, under load, and every other decision is answered', async () => {
    let loading = true;
    const others: (Answer & { readonly ms: number })[] = [];
    const load = Array.from({ length: CONNECTIONS }, async () => {
      while (loading) others.push(await ask('quick', {}));
    });
    expect(await ask('slow', { n: 3 })).toMatchObject({ decision: true });

    const first = await ask('slow', { n: 100_000 });
    expect(first).toMatchObject({ decision: false, context: { code: 'policy_error' } });
    expect(first.context.reasons).toMatchObject([
      {
        policy: 'pairs',
        layer: 'slow',
        message: expect.stringMatching(/^the evaluation took more than/) as string,
      },
    ]);
    expect(first.ms).toBeLessThan(2000);

    // From now on the policy is not asked: also what it could answer is an error, at once.
    for (const n of [100_000, 3]) {
      const held = await ask('slow', { n });
      expect(held).toMatchObject({ decision: false, context: { code: 'policy_error' } });
      expect(held.context.reasons[0]?.message).toMatch(
        /^the policy is in quarantine until \d{4}-.*: the evaluation took more than \d+ steps$/,
      );
      expect(held.ms).toBeLessThan(500);
    }
    loading = false;
    await Promise.all(load);
    expect(others.length).toBeGreaterThan(CONNECTIONS);
    expect(others.every(({ decision }) => decision)).toBe(true);
    expect(Math.max(...others.map(({ ms }) => ms))).toBeLessThan(2000);

    const { records } = await jsonOf(fetchAuthorized(`${service.url}/v1/records?kind=quarantine`));
    expect(records).toMatchObject([
      { record: { policy: 'pairs', layer: 'slow', domain: 'slow', triggered_by: first.context.id } },
    ]);
    expect(records).toHaveLength(1);
    expect(await jsonOf(fetchAuthorized(`${service.url}/readyz`))).toMatchObject({
      status: 'ready',
      quarantined: [{ layer: 'slow', policy: 'pairs' }],
    });
    expect(service.output()).toMatch(/`pairs` of `slow` is in quarantine until/);
  });
});
