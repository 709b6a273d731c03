import { readFileSync } from 'node:fs';

const DOCUMENT = 'docs/rego-conformance.md';

/** The cases that do not pass, by their names, with the reason of each: the table in `docs/rego-conformance.md`. */
export function readExceptions(): ReadonlyMap<string, string> {
  const rows = readFileSync(DOCUMENT, 'utf8').matchAll(/^\| `(?<name>[^`]+)` *\| (?<reason>[^|]+?) *\|$/gm);
  return new Map([...rows].map(({ groups }) => [groups?.['name'] ?? '', groups?.['reason'] ?? '']));
}
