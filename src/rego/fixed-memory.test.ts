import { describe, expect, test } from 'vitest';
import { withFixedMemory } from './fixed-memory.js';

const PAGE_BYTES = 65_536;
const HEADER = [0, ...Buffer.from('asm'), 1, 0, 0, 0];

/** A custom section named `x`, which an engine passes over. */
const CUSTOM = [0, 3, 1, 0x78, 9];
/** Exports memory 0 as `m`. */
const EXPORT = [7, 5, 1, 1, 0x6d, 2, 0];

const section = (...content: number[]) => [5, content.length, ...content];
const moduleOf = (...parts: number[][]) => Uint8Array.from([...HEADER, ...parts.flat()]);

interface ExportedMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

function memoryOf(module: Uint8Array): ExportedMemory {
  const instance = new WebAssembly.Instance(new WebAssembly.Module(module), {});
  return instance.exports['m'] as ExportedMemory;
}

describe('a memory that can grow is rewritten to one that cannot', () => {
  test.each<[string, number[], number]>([
    ['without a maximum', section(1, 0, 1), 3],
    ['with a greater maximum', section(1, 1, 1, 9), 3],
    ['with a smaller maximum', section(1, 1, 1, 2), 3],
    ['that needs just as much', section(1, 0, 3), 3],
    ['of more than 127 pages, in two bytes', section(1, 0, 2), 300],
    ['whose minimum takes two bytes', section(1, 0, 0x82, 0x01), 200],
    ['whose minimum is written longer than it must be', section(1, 0, 0x82, 0x80, 0x00), 3],
  ])('%s', (_, memorySection, pages) => {
    const memory = memoryOf(
      withFixedMemory(moduleOf(CUSTOM, memorySection, EXPORT, CUSTOM), pages * PAGE_BYTES),
    );
    expect(memory.buffer.byteLength).toBe(pages * PAGE_BYTES);
    expect(() => memory.grow(1)).toThrow(RangeError);
  });

  test('a part of a page counts for nothing', () => {
    const memory = memoryOf(withFixedMemory(moduleOf(section(1, 0, 1), EXPORT), 2.9 * PAGE_BYTES));
    expect(memory.buffer.byteLength).toBe(2 * PAGE_BYTES);
  });

  test('every other section keeps its bytes', () => {
    expect([...withFixedMemory(moduleOf(CUSTOM, section(1, 0, 1), EXPORT, CUSTOM), 3 * PAGE_BYTES)]).toEqual([
      ...moduleOf(CUSTOM, section(1, 1, 3, 3), EXPORT, CUSTOM),
    ]);
  });
});

test.each<[string, Uint8Array, string]>([
  ['more than is allowed', moduleOf(section(1, 0, 4)), 'the module needs 4 pages of memory, 3 are allowed'],
  ['no memory', moduleOf(CUSTOM), 'the module declares no memory'],
  ['nothing at all', new Uint8Array(), 'the module declares no memory'],
  ['a section cut off in its size', Uint8Array.from([...HEADER, 0, 0x80]), 'the module is malformed'],
  [
    'a size without end',
    Uint8Array.from([...HEADER, 0, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80]),
    'the module is malformed',
  ],
  ['a memory section cut off', Uint8Array.from([...HEADER, 5, 3, 1, 0]), 'the module is malformed'],
])('refused: %s', (_, module, message) => {
  expect(() => withFixedMemory(module, 3 * PAGE_BYTES)).toThrow(message);
});
