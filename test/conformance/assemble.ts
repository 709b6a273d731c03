import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AssembledQuery, Toolchain } from '../../src/rego/toolchain.js';
import { digestOf, type ConformanceCase } from './cases.js';

/** Compiles a case. What was compiled is kept below `data/`, by the digests of the case and of the toolchain. */
export type Assemble = (each: ConformanceCase) => Promise<AssembledQuery>;

export function assembler(toolchain: Toolchain): Assemble {
  const digest = createHash('sha256').update(readFileSync(toolchain.wasmPath)).digest('hex').slice(0, 16);
  const folder = join('data', 'conformance', digest);
  mkdirSync(folder, { recursive: true });
  return async (each) => {
    const path = join(folder, digestOf(each));
    if (!existsSync(path)) {
      const files = each.modules.map((text, index) => ({ path: `module-${index}.rego`, text }));
      const { errors, wasm, bare } = await toolchain.assemble(each.query, files);
      const encoded = [wasm, bare].map((bytes) => Buffer.from(bytes).toString('base64'));
      writeFileSync(path, JSON.stringify({ errors, wasm: encoded[0], bare: encoded[1] }));
    }
    const kept = JSON.parse(readFileSync(path, 'utf8')) as AssembledQuery & { wasm: string; bare: string };
    return {
      errors: kept.errors,
      wasm: Buffer.from(kept.wasm, 'base64'),
      bare: Buffer.from(kept.bare, 'base64'),
    };
  };
}
