import { afterAll, beforeAll, expect, test } from 'vitest';
import { ServedMesh } from './served-mesh.js';

const mesh = new ServedMesh({ global: '{}', sales: '{}' });
beforeAll(() => mesh.start());
afterAll(() => mesh.stop());

const MANIFEST = 'layer: sales\nversion: 1.1.0\npolicies: { open: { enforcement: soft } }\n';
const policy = (rules: string): string => `# METADATA
# title: open
# description: a policy of a test
# custom:
#   applies_to: [access]
package mesh.sales.policy.open

${rules}
`;
const files = (rules: string) => [
  { path: 'manifest.yaml', text: MANIFEST },
  { path: 'policy/open.rego', text: policy(rules) },
];

test('files of a layer are checked, and nothing changes', async () => {
  const { status, body } = await mesh.post('/v1/check', { layer: 'sales', files: files('permit := true') });
  expect(status).toBe(200);
  expect(body).toMatchObject({ at: '2026-06-01T00:00:00.000Z', revision: 1, faults: [], coverage: 0 });
  expect(body.digest).toMatch(/^sha256:/);
  expect(body.warnings.map(({ code }: { code: string }) => code)).toContain('no_tests');
  expect(mesh.app.policies().revision).toBe(1);
  expect(mesh.app.current.law.bundles.get('sales')?.digest).not.toBe(body.digest);
});

test('what is wrong with the files stands in the report', async () => {
  const wrong = await mesh.post('/v1/check', { layer: 'sales', files: files('permit := input.nothing') });
  expect(wrong.status).toBe(200);
  expect(wrong.body.faults).toMatchObject([{ file: 'policy/open.rego', row: 8, code: 'rego_type_error' }]);
  const none = await mesh.post('/v1/check', { layer: 'global', files: files('permit := true') });
  expect(none.body.faults).toMatchObject([{ pointer: '/layer', code: 'manifest_invalid' }]);
});

test.each([
  ['no layer', { files: [] }, 400, 'invalid_request'],
  ['no files', { layer: 'sales', files: [] }, 400, 'invalid_request'],
  ['what is no layer', { layer: 'Sales', files: files('') }, 400, 'invalid_request'],
  ['a file without text', { layer: 'sales', files: [{ path: 'manifest.yaml' }] }, 400, 'invalid_request'],
])('%s is refused', async (_, body, status, code) => {
  expect(await mesh.post('/v1/check', body)).toMatchObject({ status, body: { code } });
});

test('too many at once are turned away', async () => {
  const all = await Promise.all(
    Array.from({ length: 14 }, () =>
      mesh.post('/v1/check', { layer: 'sales', files: files('permit := true') }),
    ),
  );
  const refused = all.filter(({ status }) => status === 503);
  expect(refused.length).toBeGreaterThan(0);
  expect(refused[0]?.body).toMatchObject({ code: 'overloaded' });
  expect(all.filter(({ status }) => status === 200)).toHaveLength(14 - refused.length);
});
