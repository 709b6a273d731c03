import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { isAlias, isMap, isScalar, isSeq, parseDocument, type Document, type Node } from 'yaml';
import { readNotation } from '../../src/rego/notation.js';
import type { RegoValue } from '../../src/rego/value.js';

/** One of OPA's own test cases (`v1/test/cases/cases.go`). */
export interface ConformanceCase {
  /** File below the cases' folder and note, which together are its name. */
  readonly name: string;
  readonly query: string;
  readonly modules: readonly string[];
  /** JSON text. */
  readonly data: string;
  /** In Rego's notation; absent leaves `input` undefined. */
  readonly input?: string;
  readonly wantResult?: readonly RegoValue[];
  readonly wantDefined?: boolean;
  readonly wantError: boolean;
  /** The error shows only when built-ins that fail are errors. */
  readonly strictError: boolean;
  readonly sortBindings: boolean;
}

const MODULE = 'github.com/open-policy-agent/opa@v1.22.2';

/** The folder of the cases in Go's module cache; `undefined` when the module is not there. */
export function casesFolder(): string | undefined {
  const cache = execFileSync('go', ['env', 'GOMODCACHE'], { encoding: 'utf8' }).trim();
  const folder = join(cache, MODULE, 'v1/test/cases/testdata/v1');
  return existsSync(folder) ? folder : undefined;
}

export function readCases(folder: string): readonly ConformanceCase[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.yaml'),
  );
  return files.sort().flatMap((path) => casesOf(join(folder, path), relative(folder, join(folder, path))));
}

/** A name for caches: equal cases have equal digests. */
export function digestOf(each: ConformanceCase): string {
  return createHash('sha256')
    .update(JSON.stringify([each.query, each.modules]))
    .digest('hex');
}

function casesOf(path: string, file: string): readonly ConformanceCase[] {
  const document = parseDocument(readFileSync(path, 'utf8'));
  const cases = document.get('cases');
  if (!isSeq(cases)) return [];
  return cases.items.filter(isMap).map((node) => {
    const text = (key: string): string | undefined => {
      const value: unknown = node.get(key);
      return typeof value === 'string' ? value : undefined;
    };
    const json = (key: string): string | undefined => {
      const value = node.get(key, true) as Node | undefined;
      return value === undefined ? undefined : jsonOf(value, document);
    };
    const modules = node.get('modules');
    const want = json('want_result');
    // Rego allows a comma at the end of a list, which the notation does not.
    const input = text('input_term')?.replaceAll(/,\s*([}\]])/g, '$1') ?? json('input');
    const defined: unknown = node.get('want_defined');
    return {
      name: `${file}: ${text('note') ?? ''}`,
      query: text('query') ?? '',
      modules: isSeq(modules) ? (modules.toJSON() as string[]) : [],
      data: json('data') ?? '{}',
      ...(input !== undefined && { input }),
      ...(want !== undefined && { wantResult: readNotation(want) as readonly RegoValue[] }),
      ...(typeof defined === 'boolean' && { wantDefined: defined }),
      wantError: node.has('want_error') || node.has('want_error_code'),
      strictError: node.get('strict_error') === true,
      sortBindings: node.get('sort_bindings') === true,
    };
  });
}

/** A node as JSON text with its numbers as they are written, since JavaScript would round them. */
function jsonOf(node: unknown, document: Document): string {
  if (isAlias(node)) return jsonOf(node.resolve(document), document);
  if (isMap(node)) {
    const members = node.items.map(({ key, value }) => {
      const name: unknown = isScalar(key) ? key.value : key;
      return `${JSON.stringify(String(name))}:${value === null ? 'null' : jsonOf(value, document)}`;
    });
    return `{${members.join(',')}}`;
  }
  if (isSeq(node)) return `[${node.items.map((item) => jsonOf(item, document)).join(',')}]`;
  if (!isScalar(node)) return 'null';
  if (typeof node.value === 'number' && /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(node.source ?? '')) {
    return node.source ?? '';
  }
  return JSON.stringify(node.value);
}
