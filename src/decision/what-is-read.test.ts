import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { policiesInForce, type PoliciesInForce } from '../policy/in-force.js';
import { loadLayers } from '../policy/load.js';
import { readBundles } from '../policy/read-bundles.js';
import { InMemoryRegistry } from '../registry/in-memory-registry.js';
import { readSeed } from '../registry/seed.js';
import { createPolicyModule } from '../rego/evaluator.js';
import { createOpaBuiltins } from '../rego/opa-builtins.js';
import type { PolicyModule } from '../rego/policy-module.js';
import { withoutReads } from '../rego/testing/without-reads.js';
import { decide } from './decide.js';
import { inputSchema } from './input.js';
import { createQuarantine } from './quarantine.js';
import type { Evaluation } from './request.js';
import { NO_SALT, testToolchain } from './testing/load-for-test.js';
import { NO_WAIVERS } from './waiver.js';

const NOW_MS = Date.parse('2026-06-01T00:00:00Z');
const ID = '01890000-0000-7000-8000-000000000000';
const GOLDEN = 'fixtures/decisions';

const toolchain = testToolchain();
const opaBuiltins = createOpaBuiltins({ wasmPath: 'build/toolchain.wasm' });
let registry: InMemoryRegistry;
let projected: PoliciesInForce;
let whole: PoliciesInForce;

beforeAll(async () => {
  registry = new InMemoryRegistry(await readSeed('fixtures/mesh', new Date(NOW_MS).toISOString()));
  const bundles = await readBundles('policies');
  const twins = new Map<PolicyModule, PolicyModule>();
  const layers = await loadLayers(bundles, {
    toolchain,
    createModule: (wasm, data) => {
      const module = createPolicyModule(wasm, data, { opaBuiltins });
      twins.set(module, createPolicyModule(withoutReads(wasm), data, { opaBuiltins }));
      return module;
    },
    probe: { measure: () => Promise.resolve() },
    inputSchema,
    probeInputs: { publish: [], access: [], consume: [] },
  });
  projected = policiesInForce(1, layers);
  whole = policiesInForce(
    1,
    layers.map((layer) => ({ ...layer, module: twins.get(layer.module!)! })),
  );
});
afterAll(() => {
  opaBuiltins.close();
  return toolchain.close();
});

function golden(): readonly Evaluation[] {
  return readdirSync(GOLDEN).map((file) => {
    const { evaluation } = JSON.parse(readFileSync(join(GOLDEN, file), 'utf8')) as { evaluation: Evaluation };
    return evaluation;
  });
}

/** Every product asked to stay as it is, which all policies of its chain about metadata judge. */
function published(): readonly Evaluation[] {
  return [...registry.products()].map(({ id }) => ({
    subject: { type: 'user', id: 'ana' },
    action: { name: 'publish' },
    resource: { type: 'data_product', id },
  }));
}

test('the policies of the default mesh say of what they read what they say of the whole input', () => {
  const evaluations = [...golden(), ...published()];
  const decided = (policies: PoliciesInForce, evaluation: Evaluation): unknown => {
    const basis = { policies, registry, waivers: NO_WAIVERS, quarantine: createQuarantine() };
    const call = { id: ID, nowMs: NOW_MS, salt: NO_SALT, caller: { id: 'local', roles: [] } };
    return decide(basis, evaluation, call).entry.record;
  };
  const findings = new Set<string>();
  for (const evaluation of evaluations) {
    const record = decided(projected, evaluation);
    expect(record).toEqual(decided(whole, evaluation));
    // Again, with the texts of the metadata at hand.
    expect(decided(projected, evaluation)).toEqual(record);
    for (const { layer, policy, outcome } of (record as { findings: readonly Record<string, string>[] })
      .findings)
      findings.add(`${layer}/${policy}: ${outcome}`);
  }
  expect(evaluations.length).toBeGreaterThan(50);
  expect(findings.size).toBeGreaterThan(50);
});
