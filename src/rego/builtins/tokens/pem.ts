import { byteTextOf, decodeBase64 } from '../bytes/bytes.js';

/** What stands between a line `-----BEGIN type-----` and its end. */
interface PemBlock {
  readonly type: string;
  readonly bytes: Buffer;
  /** What follows the block. */
  readonly rest: string;
}

const BEGIN = '-----BEGIN ';
const END = '\n-----END ';
const DASHES = '-----';

/** The first block of a text as Go's `encoding/pem` finds it; `undefined` when there is none. */
export function decodePem(text: string): PemBlock | undefined {
  let rest = byteTextOf(text);
  for (;;) {
    // The first end, and the last beginning before it: what begins without an end is passed over.
    const end = rest.indexOf(END);
    if (end < 0) return undefined;
    const begin = rest.lastIndexOf(BEGIN, end - BEGIN.length);
    if (begin === 0 || (begin > 0 && rest[begin - 1] === '\n')) {
      const found = readBlock(rest.slice(begin + BEGIN.length), end - begin - BEGIN.length);
      if (found !== 'none') return found;
    }
    rest = rest.slice(end + END.length);
  }
}

/**
 * @param text what follows `-----BEGIN `
 * @param endAt where `END` stands in it
 * @returns `undefined` when there cannot be any block, `none` when this is none
 */
function readBlock(text: string, endAt: number): PemBlock | undefined | 'none' {
  const head = cutLine(text);
  if (!head.line.endsWith(DASHES)) return 'none';
  const type = head.line.slice(0, -DASHES.length);
  let at = text.length - head.rest.length;
  let hasHeaders = false;
  for (;;) {
    if (at === text.length) return undefined;
    const { line, rest } = cutLine(text.slice(at));
    if (!line.includes(':')) break;
    hasHeaders = true;
    at = text.length - rest.length;
  }
  if (hasHeaders && at > endAt) return at > endAt + END.length ? undefined : 'none';
  const trailer = text.slice(endAt + END.length);
  if (!trailer.startsWith(type + DASHES)) return 'none';
  const afterTrailer = trailer.slice(type.length + DASHES.length);
  if (cutLine(afterTrailer).line !== '') return 'none';
  try {
    const bytes = decodeBase64(text.slice(at, Math.max(endAt, at)).replace(/[ \t]/g, ''));
    return { type, bytes, rest: cutLine(afterTrailer).rest };
  } catch {
    return 'none';
  }
}

/** A line without the blanks at its end, and what follows it. */
function cutLine(text: string): { line: string; rest: string } {
  const end = text.indexOf('\n');
  const line = end < 0 ? text : text.slice(0, end).replace(/\r$/, '');
  let length = line.length;
  while (line[length - 1] === ' ' || line[length - 1] === '\t') length -= 1;
  return { line: line.slice(0, length), rest: end < 0 ? '' : text.slice(end + 1) };
}
