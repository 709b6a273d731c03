import { describe, expect, it } from 'vitest';
import { WitanError } from '../errors.js';
import { readManifest, type Manifest } from './manifest.js';
import { proposedBundle } from './proposed-bundle.js';

const inForce = new Map<string, Manifest>(
  [
    'layer: global\nversion: 1.0.0\npolicies: { retention: { enforcement: hard }, purpose: { enforcement: soft } }',
    'layer: finance\nversion: 1.0.0\npolicies: { purpose: { enforcement: soft } }',
  ].map((yaml) => {
    const manifest = readManifest(yaml);
    return [manifest.layer, manifest];
  }),
);
const propose = (layer: string, manifest: string, ...policies: readonly string[]) =>
  proposedBundle(
    layer,
    [
      { path: 'manifest.yaml', text: manifest },
      ...policies.map((name) => ({
        path: `policy/${name}.rego`,
        text: `package mesh.${layer}.policy.${name}\n`,
      })),
    ],
    inForce,
  );
const faultsOf = (layer: string, manifest: string, ...policies: readonly string[]) => {
  try {
    propose(layer, manifest, ...policies);
  } catch (thrown) {
    if (thrown instanceof WitanError) return { code: thrown.code, faults: thrown.faults };
    throw thrown;
  }
  throw new Error('nothing was thrown');
};
const naming = (layer: string, policy: string): string =>
  `layer: ${layer}\nversion: 1.0.0\npolicies:\n  ${policy}: { enforcement: advisory }\n`;

describe('a bundle that is proposed', () => {
  it('may have a policy with the name of one above it', () => {
    expect(propose('finance', naming('finance', 'retention'), 'retention')).toMatchObject({
      layer: 'finance',
    });
  });

  it.each([
    ['finance', 'retention', 'global', 'bundle_invalid'],
    ['finance', 'global.retention', 'global', 'manifest_invalid'],
    ['finance', 'global/retention', 'global', 'manifest_invalid'],
    ['finance/risk', 'purpose', 'finance', 'bundle_invalid'],
    ['finance/risk', 'global.purpose', 'global', 'manifest_invalid'],
  ])('of %s cannot say how `%s` of %s binds', (layer, policy, owner, code) => {
    const thrown = faultsOf(layer, naming(layer, policy));
    expect(thrown.code).toBe(code);
    expect(thrown.faults).toContainEqual(
      expect.objectContaining({
        file: 'manifest.yaml',
        code: 'policy_of_another_layer',
        message: `\`${policy}\` is a policy of \`${owner}\`: the manifest of \`${layer}\` names its own alone, and how that one binds is for the council of \`${owner}\` to say`,
      }),
    );
  });

  it('says of any other policy that it has no file', () => {
    expect(faultsOf('finance', naming('finance', 'other')).faults).toMatchObject([
      { message: 'the manifest names the policy `other`, but there is no `policy/other.rego`' },
    ]);
  });

  it('is of the layer that it is proposed for', () => {
    expect(faultsOf('finance', 'layer: global\nversion: 1.0.0\npolicies: {}\n')).toEqual({
      code: 'manifest_invalid',
      faults: [
        {
          file: 'manifest.yaml',
          pointer: '/layer',
          message: 'is `global`, but the bundle is proposed for `finance`',
        },
      ],
    });
  });
});
