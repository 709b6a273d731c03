/**
 * Counts how many of OPA's own cases pass, through the product's evaluator and through the package that it is measured
 * against. Every case that does not pass must stand in `docs/rego-conformance.md`, and none else.
 *
 *   npm run conformance [-- --only TEXT]
 */
import { parseArgs } from 'node:util';
import { createOpaBuiltins } from '../../src/rego/opa-builtins.js';
import { createToolchain } from '../../src/rego/toolchain.js';
import { assembler } from './assemble.js';
import { casesFolder, readCases } from './cases.js';
import { readExceptions } from './exceptions.js';
import { judgeOwn, judgeSdk } from './judge.js';

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
const note = (line: string): void => {
  process.stderr.write(`${line}\n`);
};
const wasmPath = 'build/toolchain.wasm';
const { only } = parseArgs({ options: { only: { type: 'string', default: '' } } }).values;
const folder = casesFolder();
if (folder === undefined) {
  say('skipped: OPA is not in the Go module cache; `go mod download` in toolchain/ brings it');
  process.exit(0);
}
const chosen = readCases(folder).filter(({ name }) => name.includes(only));
const toolchain = createToolchain({ wasmPath, timeLimitMs: 60_000 });
const assemble = assembler(toolchain);
const opa = createOpaBuiltins({ wasmPath });
opa.start();

const failed = new Map<string, string>();
const uncompiled: string[] = [];
let bySdk = 0;
const started = performance.now();
for (const [index, each] of chosen.entries()) {
  const assembled = await assemble(each);
  if (assembled.errors.length > 0) {
    uncompiled.push(`${each.name}: ${assembled.errors[0]?.message ?? ''}`);
  } else {
    const own = judgeOwn(each, assembled, opa);
    if (own !== 'passed') failed.set(each.name, own.reason);
    if (judgeSdk(each, assembled) === 'passed') bySdk += 1;
  }
  if (index % 100 === 99) {
    note(`${index + 1} of ${chosen.length} cases, ${Math.round((performance.now() - started) / 1000)} s`);
  }
}
await toolchain.close();
opa.close();

const exceptions = readExceptions();
for (const [name, reason] of failed) {
  say(`${exceptions.has(name) ? 'known' : 'NOT KNOWN'}: ${name}: ${reason}`);
}
for (const line of uncompiled) say(`cannot be compiled: ${line}`);
const mended = only === '' ? [...exceptions.keys()].filter((name) => !failed.has(name)) : [];
for (const name of mended) say(`MENDED, yet listed: ${name}`);
const runnable = chosen.length - uncompiled.length;
say(`${chosen.length} cases of OPA 1.22.2, ${runnable} of them can be compiled and run`);
say(`passed by Witan's evaluator: ${runnable - failed.size}`);
say(`passed by @open-policy-agent/opa-wasm alone: ${bySdk}`);
process.exit([...failed.keys()].every((name) => exceptions.has(name)) && mended.length === 0 ? 0 : 1);
