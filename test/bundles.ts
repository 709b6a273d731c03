import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryFolder } from './service.js';

/** A policy of a test: its rules, and what it applies to. */
export interface TestPolicy {
  readonly rules: string;
  readonly appliesTo?: readonly string[];
  readonly enforcement?: string;
}

/**
 * Writes a policies folder of small bundles: layer → name → policy. Answers its path.
 *
 * @param audit what the manifests say of the audit log, as YAML by layer
 */
export function policiesFolder(
  layers: Readonly<Record<string, Readonly<Record<string, TestPolicy>>>>,
  audit: Readonly<Record<string, string>> = {},
): string {
  const folder = temporaryFolder();
  for (const [layer, policies] of Object.entries(layers)) {
    const bundle = join(folder, layer === 'global' ? 'global' : join('domains', layer));
    const entries = Object.entries(policies).map(
      ([name, { enforcement = 'hard' }]) => `  ${name}: { enforcement: ${enforcement} }`,
    );
    write(
      join(bundle, 'manifest.yaml'),
      `layer: ${layer}\nversion: 1.0.0\npolicies:\n${entries.join('\n')}\n${audit[layer] === undefined ? '' : `audit: ${audit[layer]}\n`}`,
    );
    for (const [name, policy] of Object.entries(policies)) {
      write(join(bundle, 'policy', `${name}.rego`), regoOf(layer, name, policy));
    }
  }
  return folder;
}

export function regoOf(layer: string, name: string, { rules, appliesTo = ['access'] }: TestPolicy): string {
  return `# METADATA
# title: ${name}
# description: a policy of a test
# scope: package
# custom:
#   applies_to: [${appliesTo.join(', ')}]
#   controls: []
package mesh.${layer.replaceAll('/', '.')}.policy.${name}

${rules}
`;
}

export function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/**
 * A seed of the given domains and one person, `ann` of the first, who may do everything there and in the whole mesh.
 * Answers its folder.
 */
export function seedFolder(domains: readonly string[]): string {
  const folder = temporaryFolder();
  const lines = domains.map((path) => `- { path: ${path}, name: ${path} }`);
  write(join(folder, 'domains.yaml'), `${lines.join('\n')}\n`);
  write(
    join(folder, 'people.yaml'),
    `- { type: user, id: ann, domain: ${domains[0] ?? ''}, properties: { roles: [steward, representative, auditor, operator] } }\n`,
  );
  mkdirSync(join(folder, 'products'));
  return folder;
}
