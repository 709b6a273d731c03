import { readUnsigned, sectionsOf, withContent } from './wasm-sections.js';

const IMPORT_SECTION = 2;
const FUNCTION = 0;
const MEMORY = 2;
/** How the limits of a memory begin that has a maximum and is shared. */
const SHARED = 3;
/** The most pages that a memory of 32 bits has, so that any that the host makes fits. */
const PAGES_MAX = Buffer.from([0x80, 0x80, 0x04]);

/**
 * Compiles one of OPA's modules for the engine, as one whose memory is shared. No other thread ever sees it; but of a
 * memory that is not shared V8 takes all that is reserved for memory in use, and collects the whole heap for each that is
 * made (ADR 0028).
 *
 * @throws Error when it is no such module
 */
export function engineModule(wasm: Uint8Array): WebAssembly.Module {
  return new WebAssembly.Module(withSharedMemory(wasm));
}

/** The module with the memory that it imports shared (WebAssembly threads, limits); nothing else differs. */
function withSharedMemory(module: Uint8Array): Uint8Array {
  for (const section of sectionsOf(module)) {
    if (section.id !== IMPORT_SECTION) continue;
    const { content } = section;
    const limits = memoryLimits(content);
    const minimum = readUnsigned(content, limits + 1).next;
    const end = content[limits] === 0 ? minimum : readUnsigned(content, minimum).next;
    return withContent(module, section, [
      content.subarray(0, limits),
      Buffer.from([SHARED]),
      content.subarray(limits + 1, minimum),
      PAGES_MAX,
      content.subarray(end),
    ]);
  }
  throw new Error('the module imports no memory');
}

/** Where the limits of the imported memory begin. Before it OPA's modules import nothing but functions. */
function memoryLimits(imports: Uint8Array): number {
  const count = readUnsigned(imports, 0);
  let at = count.next;
  for (let index = 0; index < count.value; index += 1) {
    for (let name = 0; name < 2; name += 1) {
      const length = readUnsigned(imports, at);
      at = length.next + length.value;
    }
    const kind = imports[at];
    if (kind === MEMORY) return at + 1;
    if (kind !== FUNCTION) break;
    at = readUnsigned(imports, at + 1).next;
  }
  throw new Error('the module imports no memory');
}
