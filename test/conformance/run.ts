/**
 * Counts how many of OPA's own cases pass, through the product's evaluator and through the package that it is measured
 * against, and prints every case that does not pass:
 *
 *   npm run conformance [-- --every N] [-- --only TEXT]
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createOpaBuiltins } from '../../src/rego/opa-builtins.js';
import { createToolchain, type AssembledQuery, type Toolchain } from '../../src/rego/toolchain.js';
import { casesFolder, digestOf, readCases, type ConformanceCase } from './cases.js';
import { judgeOwn, judgeSdk } from './judge.js';

const { values } = parseArgs({ options: { every: { type: 'string' }, only: { type: 'string' } } });
const wasmPath = process.env['WITAN_TOOLCHAIN'] ?? 'build/toolchain.wasm';
const folder = casesFolder();
if (folder === undefined) {
  console.log('skipped: the Go module of OPA is not in the module cache; `go mod download` in toolchain/ brings it');
  process.exit(0);
}
const toolchainDigest = createHash('sha256').update(readFileSync(wasmPath)).digest('hex').slice(0, 16);
const every = Number(values.every ?? 1);
const chosen = readCases(folder).filter(
  (each, index) => index % every === 0 && each.name.includes(values.only ?? ''),
);
const toolchain = createToolchain({ wasmPath, timeLimitMs: 60_000 });
const opa = createOpaBuiltins({ wasmPath });
opa.start();
let runnable = 0;
const passed = { own: 0, sdk: 0 };
const uncompiled: string[] = [];
const started = performance.now();
for (const [index, each] of chosen.entries()) {
  const assembled = await assemble(toolchain, each);
  if (assembled.errors.length > 0) {
    uncompiled.push(`${each.name}: ${assembled.errors[0]?.message ?? ''}`);
    continue;
  }
  runnable += 1;
  const own = judgeOwn(each, assembled, opa);
  if (own === 'passed') passed.own += 1;
  else console.log(`not passed: ${each.name}: ${own.reason}`);
  if (judgeSdk(each, assembled) === 'passed') passed.sdk += 1;
  if (index % 100 === 99) {
    const seconds = ((performance.now() - started) / 1000).toFixed(0);
    console.error(`${index + 1} of ${chosen.length} cases, ${seconds} s`);
  }
}
for (const line of uncompiled) console.log(`not compiled: ${line}`);
console.log(`${chosen.length} cases, ${runnable} can be compiled and run`);
console.log(`passed by Witan: ${passed.own}; by @open-policy-agent/opa-wasm alone: ${passed.sdk}`);
await toolchain.close();
opa.close();
process.exit(0);

/** Compiled cases are kept below `data/`, by the digests of the case and of the toolchain. */
async function assemble(compiler: Toolchain, each: ConformanceCase): Promise<AssembledQuery> {
  const cache = join('data', 'conformance', toolchainDigest);
  const path = join(cache, digestOf(each));
  if (!existsSync(path)) {
    mkdirSync(cache, { recursive: true });
    const files = each.modules.map((text, index) => ({ path: `module-${index}.rego`, text }));
    const { errors, wasm, bare } = await compiler.assemble(each.query, files);
    const kept = { errors, wasm: Buffer.from(wasm).toString('base64'), bare: Buffer.from(bare).toString('base64') };
    writeFileSync(path, JSON.stringify(kept));
  }
  const kept = JSON.parse(readFileSync(path, 'utf8')) as AssembledQuery & { wasm: string; bare: string };
  return {
    errors: kept.errors,
    wasm: Buffer.from(kept.wasm, 'base64'),
    bare: Buffer.from(kept.bare, 'base64'),
  };
}
