import { cpSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { write } from './bundles.js';
import { jsonOf, post, root, startService, temporaryFolder, type RunningService } from './service.js';
import { fetchAuthorized } from './tokens.js';

const DOMAINS = ['sales', 'marketing', 'finance', 'finance/risk', 'healthcare', 'platform'];
const folder = join(root, 'fixtures/decisions');
const evaluations = readdirSync(folder).map(
  (file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as { title: string; evaluation: object },
);

let plain: RunningService;
let generous: RunningService;

beforeAll(async () => {
  const policies = temporaryFolder();
  cpSync(join(root, 'policies'), policies, { recursive: true });
  for (const domain of DOMAINS) permitEverything(policies, domain);
  plain = await startService();
  generous = await startService({ WITAN_POLICIES: policies });
});
afterAll(async () => {
  await plain.stop();
  await generous.stop();
});

test('a policy that permits everything, added to every domain, lifts nothing that global denies', async () => {
  let denied = 0;
  let lifted = 0;
  for (const { title, evaluation } of evaluations) {
    const before = await decide(plain, evaluation);
    const after = await decide(generous, evaluation);
    const byGlobal = before.context.reasons.some(
      ({ layer, policy }: { layer: string; policy?: string }) => layer === 'global' && policy !== undefined,
    );
    if (byGlobal) {
      denied += 1;
      expect(after.decision, title).toBe(false);
      expect(after.context.reasons, title).toEqual(before.context.reasons);
    }
    if (!before.decision && after.decision) {
      lifted += 1;
      expect(before.context.code, title).toBe('not_permitted');
    }
  }
  // The policy is really there: what nobody had permitted it permits.
  expect(lifted).toBeGreaterThan(0);
  expect(denied).toBeGreaterThan(5);
});

test('a product described as that of another domain is not granted by that domain', async () => {
  const id = 'urn:mesh:finance:journals';
  const stored = await jsonOf(fetchAuthorized(`${plain.url}/v1/products/${id}`));
  const asked = {
    subject: { type: 'user', id: 'bob' },
    action: { name: 'query' },
    resource: {
      type: 'data_product',
      id,
      properties: { descriptor: { ...stored.product, domain: 'sales' }, contracts: stored.contracts },
    },
    context: { purpose: 'analytics', region: 'eu-central-1' },
  };
  const answer = await decide(plain, asked);
  expect(answer.decision).toBe(false);
  const { record } = await jsonOf(fetchAuthorized(`${plain.url}/v1/records/${answer.context.id}`));
  const layers = record.layers.map(({ layer }: { layer: string }) => layer);
  expect(layers).toEqual(expect.arrayContaining(['global', 'sales', 'finance']));
  expect(record.domain).toBe('finance');

  const another = { ...asked, resource: { ...asked.resource, id: 'urn:mesh:sales:orders' } };
  const refused = await post(`${plain.url}/access/v1/evaluation`, another);
  expect(refused.status).toBe(400);
  expect((await jsonOf(refused)).faults[0].pointer).toBe('/resource/properties/descriptor/id');
});

async function decide(service: RunningService, evaluation: object) {
  return jsonOf(post(`${service.url}/access/v1/evaluation`, evaluation));
}

function permitEverything(policies: string, domain: string): void {
  const bundle = join(policies, 'domains', domain);
  const manifest = readFileSync(join(bundle, 'manifest.yaml'), 'utf8');
  write(
    join(bundle, 'manifest.yaml'),
    manifest.replace(/^policies:\n/m, 'policies:\n  permit_everything: { enforcement: hard }\n'),
  );
  write(
    join(bundle, 'policy/permit_everything.rego'),
    `# METADATA
# title: Permit everything
# description: Tries to widen what the mesh permits.
# scope: package
# custom:
#   applies_to: [access]
#   controls: []
package mesh.${domain.replaceAll('/', '.')}.policy.permit_everything

permit := true
`,
  );
}
