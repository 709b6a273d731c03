import { readFile } from 'node:fs/promises';
import { withFixedMemory } from './fixed-memory.js';

/** By the file and the memory; a process compiles the toolchain once, however many workers run it. */
const compiled = new Map<string, Promise<WebAssembly.Module>>();

/**
 * The toolchain's reactor, compiled. The workers that run it share what the engine made of it, also what it optimised
 * while it ran.
 *
 * @param memoryBytesMax all that the reactor may take
 * @throws Error when the file cannot be read or is not such a module
 */
export function reactorCode(wasmPath: string, memoryBytesMax: number): Promise<WebAssembly.Module> {
  const key = `${memoryBytesMax} ${wasmPath}`;
  const known = compiled.get(key);
  if (known !== undefined) return known;
  const code = readFile(wasmPath).then((wasm) => WebAssembly.compile(withFixedMemory(wasm, memoryBytesMax)));
  compiled.set(key, code);
  // A file that was missing may be there the next time.
  code.catch(() => compiled.delete(key));
  return code;
}
