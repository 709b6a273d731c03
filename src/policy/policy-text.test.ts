import { afterAll, describe, expect, it } from 'vitest';
import { inputSchema } from '../decision/input.js';
import { testToolchain } from '../decision/testing/load-for-test.js';
import { sourceOf } from './load.js';
import { policyTexts, readPolicyText } from './policy-text.js';
import { readBundles } from './read-bundles.js';

const toolchain = testToolchain();
afterAll(() => toolchain.close());

describe('the text of a policy', () => {
  it('says of the default mesh what the toolchain reads in it', async () => {
    const bundles = await readBundles('policies');
    const byLayer = new Map(bundles.map((bundle) => [bundle.layer, bundle]));
    for (const bundle of bundles) {
      const { policies } = await toolchain.check(sourceOf(bundle, byLayer, inputSchema));
      const read = policyTexts(bundle);
      expect(read.size).toBe(policies.length);
      for (const { name, title, description, applies_to, controls, remedy, owner } of policies) {
        const { appliesTo, code, ...said } = read.get(name) ?? { appliesTo: [], code: '' };
        expect({ ...said, appliesTo }, `${bundle.layer} ${name}`).toEqual({
          title,
          description,
          controls,
          appliesTo: applies_to,
          ...(remedy !== undefined && { remedy }),
          ...(owner !== undefined && { owner }),
        });
        expect(code).toMatch(/^package /);
      }
    }
  });

  it('leaves comments and empty lines out of what the policy does', () => {
    const { code } = readPolicyText('# METADATA\n# title: x\npackage p\n\n  # why\na := "# not a comment"\n');
    expect(code).toBe('package p\na := "# not a comment"');
  });

  it.each([
    '',
    'package p\n',
    '# METADATA\n# title: [\npackage p\n',
    '# METADATA\n# - 1\npackage p\n',
    'package p\n# METADATA\n# title: of a rule\nx := 1\n',
  ])('is empty where %j says nothing that can be read', (rego) => {
    expect(readPolicyText(rego)).toMatchObject({ title: '', description: '', appliesTo: [], controls: [] });
  });
});
