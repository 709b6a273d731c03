import { afterAll, describe, expect, it } from 'vitest';
import { createToolchain } from '../rego/toolchain.js';
import { createBundle } from './bundle.js';
import { traceLayer } from './trace-layer.js';

const toolchain = createToolchain({ wasmPath: 'build/toolchain.wasm', timeLimitMs: 60_000 });
afterAll(() => toolchain.close());

const METADATA =
  '# METADATA\n# title: T\n# description: D.\n# custom:\n#   applies_to: [access]\npackage mesh.finance.policy.p\n\n';

const global = createBundle([
  { path: 'manifest.yaml', text: 'layer: global\nversion: 1.0.0\npolicies: {}\n' },
  { path: 'lib/l.rego', text: 'package mesh.global.lib.l\n\nat(text) := time.parse_rfc3339_ns(text)\n' },
]);

function finance(rules: string, library = 'own := true') {
  return createBundle([
    {
      path: 'manifest.yaml',
      text: 'layer: finance\nversion: 1.0.0\npolicies: { p: { enforcement: hard } }\n',
    },
    { path: 'policy/p.rego', text: METADATA + rules },
    { path: 'lib/m.rego', text: `package mesh.finance.lib.m\n\n${library}\n` },
    // A test that does not compile takes no part.
    { path: 'test/p_test.rego', text: 'package mesh.finance.test.p\n\ntest_x if nothing\n' },
  ]);
}

const trace = (bundle: ReturnType<typeof finance>, by = toolchain) =>
  traceLayer(
    bundle,
    new Map([global, bundle].map((each) => [each.layer, each])),
    { kind: 'access', inputText: '{"now": "2026-06-01T00:00:00Z", "kind": "access"}' },
    { toolchain: by, inputSchema: {} },
  );

describe('tracing a layer', () => {
  it('names files by their layer, those of outer layers too', async () => {
    const rules =
      'import data.mesh.finance.lib.m\nimport data.mesh.global.lib.l\n\ndeny contains {"message": "x"} if {\n\tm.own\n\tl.at(input.kind) > 0\n}\n';
    const { layer, kind, policies, truncated } = await trace(finance(rules));
    expect({ layer, kind, truncated }).toEqual({ layer: 'finance', kind: 'access', truncated: false });
    expect(policies[0]).toMatchObject({
      file: 'finance/policy/p.rego',
      error: { code: 'eval_builtin_error', file: 'global/lib/l.rego', row: 3 },
    });
    expect(policies[0]?.rules.map(({ file }) => file)).toEqual([
      'finance/policy/p.rego',
      'finance/lib/m.rego',
      'global/lib/l.rego',
    ]);
  });

  it('refuses a bundle with a fault, with its place', async () => {
    await expect(trace(finance('deny if true\n'))).rejects.toMatchObject({
      code: 'bundle_invalid',
      faults: [{ code: 'policy_rule_shape', file: 'finance/policy/p.rego', row: 8 }],
    });
  });

  it('says that there is no trace when one takes too long', async () => {
    const hasty = createToolchain({ wasmPath: 'build/toolchain.wasm', timeLimitMs: 3000 });
    try {
      const endless =
        'deny contains {"message": "x"} if {\n\tsome a in numbers.range(1, 100000)\n\tsome b in numbers.range(1, 100000)\n\ta + b == 0\n}\n';
      expect(await trace(finance(endless), hasty)).toEqual({
        layer: 'finance',
        kind: 'access',
        policies: [],
        truncated: false,
        untraced: 'the toolchain took longer than 3000 ms for `evaluate` and was stopped',
      });
    } finally {
      await hasty.close();
    }
  });
});
