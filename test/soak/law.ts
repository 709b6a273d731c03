import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const SALES = 'scripts/bench/policies/domains/sales';

/** How personal data are masked at a revision: the law goes to and fro between two bundles. */
export function maskingMethod(revision: number): 'redact' | 'hash' {
  return revision % 2 === 1 ? 'redact' : 'hash';
}

/** The bundle of sales that is in force at a revision; the one of the benchmark at revision 1. */
export function salesBundle(revision: number): readonly { readonly path: string; readonly text: string }[] {
  return readdirSync(SALES, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => ({
      path: file.slice(SALES.length + 1),
      text: readFileSync(file, 'utf8')
        .replace(/^version: .*$/m, `version: 1.0.${revision}`)
        .replace('"method": "redact"', `"method": "${maskingMethod(revision)}"`),
    }));
}
