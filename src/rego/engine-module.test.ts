import { describe, expect, test } from 'vitest';
import { engineModule } from './engine-module.js';

const HEADER = [0, ...Buffer.from('asm'), 1, 0, 0, 0];
/** A type: a function without parameters and results. */
const TYPES = [1, 4, 1, 0x60, 0, 0];
const FUNCTION = [1, 0x61, 1, 0x66, 0, 0];
const memory = (...limits: number[]) => [1, 0x61, 1, 0x6d, 2, ...limits];
const imports = (...each: number[][]) => {
  const content = [each.length, ...each.flat()];
  return [2, content.length, ...content];
};
/** Exports memory 0 as `m`. */
const EXPORT = [7, 5, 1, 1, 0x6d, 2, 0];
const moduleOf = (...parts: number[][]) => Uint8Array.from([...HEADER, ...TYPES, ...parts.flat()]);

describe('a module gets a shared memory of any size', () => {
  test.each<[string, Uint8Array]>([
    ['without a maximum', moduleOf(imports(memory(0, 2)), EXPORT)],
    ['with a maximum', moduleOf(imports(memory(1, 2, 0xff, 0x01)), EXPORT)],
    ['behind functions', moduleOf(imports(FUNCTION, memory(0, 2), FUNCTION), EXPORT)],
    ['whose minimum is written in two bytes', moduleOf(imports(memory(0, 0x82, 0x00)), EXPORT)],
  ])('%s', (_, wasm) => {
    const given = new WebAssembly.Memory({ initial: 3, maximum: 3, shared: true });
    const f = (): void => undefined;
    const instance = new WebAssembly.Instance(engineModule(wasm), { a: { m: given, f } });
    expect(instance.exports['m']).toBe(given);
  });
});

test.each<[string, Uint8Array]>([
  ['without imports', moduleOf(EXPORT)],
  ['that imports functions alone', moduleOf(imports(FUNCTION))],
  ['that imports something else first', moduleOf(imports([1, 0x61, 1, 0x67, 3, 0x7f, 0], memory(0, 2)))],
])('one %s is refused', (_, wasm) => {
  expect(() => engineModule(wasm)).toThrow('the module imports no memory');
});
