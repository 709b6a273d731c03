/** One element of ASN.1 in DER. */
export interface DerElement {
  readonly tag: number;
  readonly content: Buffer;
  /** With its tag and length. */
  readonly whole: Buffer;
}

export const DER_INTEGER = 0x02;
export const DER_BIT_STRING = 0x03;
export const DER_OBJECT_IDENTIFIER = 0x06;
export const DER_SEQUENCE = 0x30;
/** The version of a certificate. */
export const DER_CONTEXT_0 = 0xa0;

const LENGTH_BYTES_MAX = 4;

/** The elements that make up the bytes. @throws Error when they are no DER */
export function derElements(bytes: Buffer): readonly DerElement[] {
  const elements: DerElement[] = [];
  for (let at = 0; at < bytes.length;) {
    const { start, end } = extentOf(bytes, at);
    elements.push({
      tag: bytes[at] ?? 0,
      content: bytes.subarray(start, end),
      whole: bytes.subarray(at, end),
    });
    at = end;
  }
  return elements;
}

/** The elements of the sequence that the bytes are. @throws Error when they are none, or more than one */
export function derSequence(bytes: Buffer): readonly DerElement[] {
  const [sequence, ...others] = derElements(bytes);
  if (sequence?.tag !== DER_SEQUENCE || others.length > 0) throw fault();
  return derElements(sequence.content);
}

/** A whole number greater than zero. @throws Error when the element is none */
export function derPositive(element: DerElement | undefined): bigint {
  const [first = 0x80, second = 0x80] = element?.content ?? [];
  if (element?.tag !== DER_INTEGER || first >= 0x80 || (first === 0 && second < 0x80)) throw fault();
  return BigInt(`0x${element.content.toString('hex')}`);
}

function extentOf(bytes: Buffer, at: number): { start: number; end: number } {
  const short = bytes[at + 1];
  if (short === undefined) throw fault();
  const lengthBytes = short < 0x80 ? 0 : short - 0x80;
  const start = at + 2 + lengthBytes;
  if (lengthBytes > LENGTH_BYTES_MAX || short === 0x80 || start > bytes.length) throw fault();
  const length = lengthBytes === 0 ? short : bytes.readUIntBE(at + 2, lengthBytes);
  // DER has but one way to write a length.
  if (lengthBytes > 0 && (length < 0x80 || bytes[at + 2] === 0)) throw fault();
  if (start + length > bytes.length) throw fault();
  return { start, end: start + length };
}

function fault(): Error {
  return new Error('it is no DER');
}
