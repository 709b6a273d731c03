import { afterAll, describe, expect, test } from 'vitest';
import { testToolchain } from '../decision/testing/load-for-test.js';
import { inputSchema } from '../decision/input.js';
import { createBundle } from '../policy/bundle.js';
import { policiesInForce, type LayerInForce } from '../policy/in-force.js';
import { loadLayers } from '../policy/load.js';
import { createPolicyModule } from '../rego/evaluator.js';
import { ModuleBytes } from '../rego/module-bytes.js';
import { createOpaBuiltins } from '../rego/opa-builtins.js';
import { moduleInput } from '../rego/policy-module.js';
import { lawOfReplica, lawReplica, type LawReplica } from './law-replica.js';

const toolchain = testToolchain();
const opaBuiltins = createOpaBuiltins({ wasmPath: toolchain.wasmPath });
const bytes = new ModuleBytes();
afterAll(() => toolchain.close());

async function layerOf(name: string, rules: string): Promise<LayerInForce> {
  const manifest = `layer: ${name}\nversion: 1.0.0\npolicies:\n  main: { enforcement: hard }\n`;
  const rego = `# METADATA\n# title: main\n# description: of a test\n# scope: package\n# custom:\n#   applies_to: [access]\n#   controls: []\npackage mesh.${name}.policy.main\n\n${rules}\n`;
  const bundle = createBundle([
    { path: 'manifest.yaml', text: manifest },
    { path: 'policy/main.rego', text: rego },
  ]);
  const [layer] = await loadLayers([bundle], {
    ...{ toolchain, inputSchema },
    createModule: (wasm, data) => {
      const module = createPolicyModule(wasm, data, { opaBuiltins });
      bytes.keep(module, wasm);
      return module;
    },
    probe: { measure: () => Promise.resolve() },
    probeInputs: { publish: [], access: [], consume: [] },
  });
  if (layer === undefined) throw new Error('nothing was loaded');
  return layer;
}

/** As it is on the other side of the channel. */
const passed = (replica: LawReplica): LawReplica => structuredClone(replica);
const ask = (layer: LayerInForce | undefined) =>
  layer?.module?.evaluate('witan/access', moduleInput({ kind: 'access' }), 0);

describe('the law as another process is handed it', () => {
  test('says the same, and what did not change is neither handed over nor made again', async () => {
    const [global, sales, other] = [
      await layerOf('global', 'permit := true'),
      await layerOf('sales', 'deny contains {"message": "no"} if true'),
      await layerOf('sales', 'deny contains {"message": "never"} if true'),
    ];
    const fault = { ...sales, layer: 'finance', fault: 'it is not decided' };
    delete (fault as { module?: unknown }).module;
    const first = policiesInForce(1, [global, sales, fault]);
    const made = await lawOfReplica(passed(lawReplica(first, undefined, bytes)), undefined, opaBuiltins);
    expect([...made.layers.keys()]).toEqual(['global', 'sales', 'finance']);
    for (const name of first.layers.keys()) {
      expect(ask(made.layers.get(name))).toEqual(ask(first.layers.get(name)));
      const { module: _, ...layer } = first.layers.get(name)!;
      expect(made.layers.get(name)).toMatchObject(layer);
    }

    const second = policiesInForce(2, [global, other]);
    const replica = lawReplica(second, first, bytes);
    expect(replica.layers.map((each) => typeof each)).toEqual(['string', 'object']);
    const next = await lawOfReplica(passed(replica), made, opaBuiltins);
    expect(next.revision).toBe(2);
    expect(next.layers.get('global')).toBe(made.layers.get('global'));
    expect(ask(next.layers.get('sales'))).toEqual(ask(other));
  });

  test('a module that is not the one that its digest names is refused', async () => {
    const policies = policiesInForce(1, [await layerOf('global', 'permit := true')]);
    const other = await layerOf('global', 'permit := false');
    const replica = lawReplica(policies, undefined, bytes);
    const forged = {
      ...replica,
      layers: replica.layers.map((each) =>
        typeof each === 'string'
          ? each
          : { ...each, layer: { ...each.layer, moduleDigest: other.moduleDigest! } },
      ),
    };
    await expect(lawOfReplica(forged, undefined, opaBuiltins)).rejects.toMatchObject({
      code: 'internal_error',
      message: expect.stringMatching(/^the module of `global` is sha256:/) as string,
    });
  });
});
