const HEADER_BYTES = 8;
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
  let offset = HEADER_BYTES;
  while (offset < module.length) {
    const id = module[offset];
    const size = readUnsigned(module, offset + 1);
    const end = size.next + size.value;
    if (id === MEMORY_SECTION) {
      const count = readUnsigned(module, size.next);
      const minimum = readUnsigned(module, count.next + 1);
      const maximum = Math.floor(bytesMax / PAGE_BYTES);
      if (count.value !== 1 || minimum.value > maximum) {
        throw new Error(`the module needs ${minimum.value} pages of memory, ${maximum} are allowed`);
      }
      const content = Buffer.from([1, 1, ...unsigned(maximum), ...unsigned(maximum)]);
      return Buffer.concat([
        module.subarray(0, offset),
        Buffer.from([MEMORY_SECTION, ...unsigned(content.length)]),
        content,
        module.subarray(end),
      ]);
    }
    offset = end;
  }
  throw new Error('the module declares no memory');
}

/** An unsigned LEB128 number and where the next byte stands. */
function readUnsigned(bytes: Uint8Array, at: number): { readonly value: number; readonly next: number } {
  let value = 0;
  let shift = 0;
  for (let next = at; ; next += 1) {
    const byte = bytes[next];
    if (byte === undefined || shift > 28) throw new Error('the module is malformed');
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return { value, next: next + 1 };
    shift += 7;
  }
}

function unsigned(value: number): readonly number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    const byte = rest & 0x7f;
    rest >>>= 7;
    bytes.push(rest === 0 ? byte : byte | 0x80);
  } while (rest !== 0);
  return bytes;
}
