import { readUnsigned, sectionsOf, unsigned, withContent } from './wasm-sections.js';

const MEMORY_SECTION = 5;
const PAGE_BYTES = 65_536;

/**
 * A WebAssembly module whose own memory has `bytesMax` from the start and cannot grow: the limits of its memory
 * section (WebAssembly core specification 2.0, section 5.5.8) are rewritten, since the engine offers no other way
 * to limit them. Untouched pages cost nothing. That memory never grows also keeps clear of a crash of V8 11.3
 * (Node 20): a collection that a growing memory sets off while the module runs can end the process.
 *
 * @throws Error when the module declares no memory or needs more than `bytesMax` from the start.
 */
export function withFixedMemory(module: Uint8Array, bytesMax: number): Uint8Array {
  for (const section of sectionsOf(module)) {
    if (section.id !== MEMORY_SECTION) continue;
    const { content } = section;
    const count = readUnsigned(content, 0);
    const minimum = readUnsigned(content, count.next + 1);
    const maximum = Math.floor(bytesMax / PAGE_BYTES);
    if (count.value !== 1 || minimum.value > maximum) {
      throw new Error(`the module needs ${minimum.value} pages of memory, ${maximum} are allowed`);
    }
    const limits = Buffer.from([1, 1, ...unsigned(maximum), ...unsigned(maximum)]);
    return withContent(module, section, [limits]);
  }
  throw new Error('the module declares no memory');
}
