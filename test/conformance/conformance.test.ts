import { afterAll, describe, expect, test } from 'vitest';
import { createOpaBuiltins } from '../../src/rego/opa-builtins.js';
import { createToolchain } from '../../src/rego/toolchain.js';
import { casesFolder, readCases } from './cases.js';
import { readExceptions } from './exceptions.js';
import { judgeOwn } from './judge.js';

/** Every how many cases one is run here; `npm run conformance` runs all and prints the figures. */
const EVERY = 25;

const wasmPath = 'build/toolchain.wasm';
const folder = casesFolder();
const cases = folder === undefined ? [] : readCases(folder);
const exceptions = readExceptions();

describe.skipIf(folder === undefined)(
  "OPA's own cases (skipped where OPA is not in the Go module cache)",
  () => {
    const toolchain = createToolchain({ wasmPath, timeLimitMs: 60_000 });
    const opa = createOpaBuiltins({ wasmPath });
    afterAll(() => {
      opa.close();
      return toolchain.close();
    });

    test('those that are listed as not passing are cases, fewer than the limit', () => {
      const names = new Set(cases.map(({ name }) => name));
      expect([...exceptions.keys()].filter((name) => !names.has(name))).toEqual([]);
      expect(cases.length).toBe(2400);
      expect(exceptions.size).toBeLessThanOrEqual(23);
    });

    const chosen = cases.filter((each, index) => index % EVERY === 0 && !exceptions.has(each.name));
    test.each(chosen.map((each) => [each.name, each] as const))('%s', async (_, each) => {
      const files = each.modules.map((text, index) => ({ path: `module-${index}.rego`, text }));
      const assembled = await toolchain.assemble(each.query, files);
      // It calls a built-in that only OPA's own tests have.
      if (assembled.errors.length > 0) expect(each.name).toBe('time/test-time-0947.yaml: time/time caching');
      else expect(judgeOwn(each, assembled, opa)).toBe('passed');
    });
  },
);
