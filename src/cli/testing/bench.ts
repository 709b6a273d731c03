import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { openToolchainAt, type CommandNeeds } from '../command.js';

/** One for all tests of a file: starting it takes longer than what it does for them. Its worker keeps nothing alive. */
const toolchain = openToolchainAt('build/toolchain.wasm');

/** What a command writes to, as strings; no colours, no progress. */
export function bench(stdin = ''): CommandNeeds & { readonly out: () => string; readonly err: () => string } {
  const written = { out: '', err: '' };
  return {
    terminal: {
      out: (text) => {
        written.out += text;
      },
      err: (text) => {
        written.err += text;
      },
      outBytes: (bytes) => {
        written.out += bytes.toString('latin1');
        return Promise.resolve();
      },
      outIsTerminal: false,
      interactive: false,
      colours: false,
    },
    openToolchain: () => ({ ...toolchain, close: () => Promise.resolve() }),
    nowMs: () => Date.parse('2026-06-01T12:00:00Z'),
    stdin: () => Promise.resolve(stdin),
    version: '1.2.3',
    out: () => written.out,
    err: () => written.err,
  };
}

/** A folder of files by path, and how to be rid of it. */
export function folderOf(files: Readonly<Record<string, string>>): {
  readonly path: string;
  readonly remove: () => void;
} {
  const path = mkdtempSync(join(tmpdir(), 'witan-cli-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), text);
  }
  return {
    path,
    remove: () => {
      rmSync(path, { recursive: true });
    },
  };
}

const metadata = (title: string, kinds: string): string => `# METADATA
# title: ${title}
# description: ${title}.
# custom:
#   applies_to: [${kinds}]
#   controls: [house rules]
#   remedy: Mend it.
#   owner: the house
`;

/** The smallest mesh that can say yes and no: a product needs support, and whoever asks in May may read. */
export const SMALL_POLICIES: Readonly<Record<string, string>> = {
  'global/manifest.yaml': `layer: global
version: 1.0.0
title: Small
description: A small law.
layers_without_bundle: abstain
policies:
  support: { enforcement: hard }
  season: { enforcement: hard }
`,
  'global/policy/support.rego': `${metadata('Support', 'publish')}package mesh.global.policy.support

deny contains {"message": "nowhere to ask", "path": "/product/support"} if {
	not input.product.support
}

advice contains {"message": "it is on its way", "path": "/product/status"} if {
	input.product.status == "draft"
}
`,
  'global/policy/season.rego': `${metadata('Season', 'access')}package mesh.global.policy.season

permit if startswith(input.now, "2026-05")

obligations contains {"type": "mask_column", "properties": {"table": "orders", "column": "email", "method": "redact"}} if {
	permit
}
`,
  'global/test/support_test.rego': `package mesh.global.test.support

import data.mesh.global.policy.support

test_without if {
	count(support.deny) == 1 with input as {"product": {}}
}
`,
};
