import { isUtf8 } from 'node:buffer';

/**
 * Bytes as text. OPA keeps bytes that are no UTF-8 in its strings and shows each as U+FFFD when it writes them; here
 * they become it at once.
 */
export function textOfBytes(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString();
  let text = '';
  for (let at = 0; at < bytes.length;) {
    const character = bytes.subarray(at, at + sequenceLength(bytes[at] ?? 0));
    const isWhole = isUtf8(character);
    text += isWhole ? character.toString() : '\ufffd';
    at += isWhole ? character.length : 1;
  }
  return text;
}

/** How many bytes a character has, by its first. */
function sequenceLength(first: number): number {
  if (first < 0xc0) return 1;
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : 4;
}

const ASCII = /^[\0-\x7f]*$/;

/** A text with a character for each of its bytes in UTF-8, for what Go does byte by byte. */
export function byteTextOf(text: string): string {
  return ASCII.test(text) ? text : Buffer.from(text).toString('latin1');
}

/** What `byteTextOf` was made of. */
export function textOfByteText(text: string): string {
  return ASCII.test(text) ? text : textOfBytes(Buffer.from(text, 'latin1'));
}

const LINE_BREAKS = /[\r\n]/g;

/** The bytes that a text in base64 stands for, as Go reads it: padded, with line breaks anywhere. @throws Error */
export function decodeBase64(text: string): Buffer {
  const bytes = bytesOfBase64(text, /^[A-Za-z0-9+/]*={0,2}$/);
  if (bytes === undefined) throw new Error('the text is not base64');
  return bytes;
}

/** The same in base64url, where the padding may be missing. @throws Error */
export function decodeBase64Url(text: string): Buffer {
  const padding = text.endsWith('=') ? '' : (PADDINGS[text.length % 4] ?? '=');
  const bytes = bytesOfBase64(text + padding, /^[A-Za-z0-9_-]*={0,2}$/);
  if (bytes === undefined) throw new Error('the text is not base64url');
  return bytes;
}

/** By the length of what is padded; a length of one more than a multiple of four cannot be padded. */
const PADDINGS: readonly string[] = ['', '===', '==', '='];

function bytesOfBase64(text: string, pattern: RegExp): Buffer | undefined {
  const joined = text.replace(LINE_BREAKS, '');
  return joined.length % 4 === 0 && pattern.test(joined) ? Buffer.from(joined, 'base64') : undefined;
}

/** The bytes that hexadecimal digits stand for. @throws Error */
export function decodeHex(text: string): Buffer {
  if (text.length % 2 !== 0 || !/^[0-9A-Fa-f]*$/.test(text)) throw new Error('the text is not hexadecimal');
  return Buffer.from(text, 'hex');
}
