const HEADER_BYTES = 8;
const CUSTOM_SECTION = 0;

/** A section of a WebAssembly module in its binary form: `start` is where its identifier stands, `end` where the next does. */
export interface WasmSection {
  readonly id: number;
  readonly start: number;
  readonly content: Uint8Array;
  readonly end: number;
}

/** The sections of a module (WebAssembly core specification 2.0, section 5.5), in order. @throws Error when it is malformed */
export function* sectionsOf(module: Uint8Array): Generator<WasmSection> {
  let start = HEADER_BYTES;
  while (start < module.length) {
    const id = module[start] ?? CUSTOM_SECTION;
    const size = readUnsigned(module, start + 1);
    const end = size.next + size.value;
    if (end > module.length) throw new Error('the module is malformed');
    yield { id, start, content: module.subarray(size.next, end), end };
    start = end;
  }
}

/** The module with other content, which is given in parts, in the place of a section's. */
export function withContent(
  module: Uint8Array,
  { id, start, end }: WasmSection,
  content: readonly Uint8Array[],
): Uint8Array {
  const bytes = content.reduce((sum, { length }) => sum + length, 0);
  const head = Buffer.from([id, ...unsigned(bytes)]);
  return Buffer.concat([module.subarray(0, start), head, ...content, module.subarray(end)]);
}

/** The text of a custom section; `undefined` where there is none. @throws Error when the module is malformed */
export function customText(module: Uint8Array, name: string): string | undefined {
  for (const { id, content } of sectionsOf(module)) {
    if (id !== CUSTOM_SECTION) continue;
    const length = readUnsigned(content, 0);
    const start = length.next + length.value;
    const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
    if (bytes.toString('utf8', length.next, start) === name) return bytes.toString('utf8', start);
  }
  return undefined;
}

/** An unsigned LEB128 number and where the next byte stands. @throws Error when it is none of 32 bits */
export function readUnsigned(
  bytes: Uint8Array,
  at: number,
): { readonly value: number; readonly next: number } {
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

/** A number as unsigned LEB128. */
export function unsigned(value: number): readonly number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    const byte = rest & 0x7f;
    rest >>>= 7;
    bytes.push(rest === 0 ? byte : byte | 0x80);
  } while (rest !== 0);
  return bytes;
}
