import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { summaryOf, WitanError } from '../errors.js';
import type { Validator } from '../schema.js';
import { JsonFault, parseJson } from '../document/parse-json.js';

const DEPTH_MAX = 64;

/** Whether a `Content-Type` names the media type; a charset other than UTF-8 is refused. */
export function isMediaType(header: string | undefined, mediaType: string): boolean {
  if (header === mediaType) return true;
  const [type = '', ...parameters] = (header ?? '').split(';').map((part) => part.trim().toLowerCase());
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))?.slice('charset='.length);
  return type === mediaType && (charset === undefined || /^"?utf-?8"?$/.test(charset));
}

/** Refuses a body that is not of one of the media types. Throws `unsupported_media_type`. */
export function requireMediaType(request: IncomingMessage, ...mediaTypes: readonly string[]): void {
  const header = request.headers['content-type'];
  if (mediaTypes.some((mediaType) => isMediaType(header, mediaType))) return;
  const expected = mediaTypes.map((mediaType) => `\`${mediaType}\``).join(' or ');
  throw new WitanError(
    'unsupported_media_type',
    `expected ${expected} in UTF-8, got \`${header ?? 'no Content-Type'}\``,
  );
}

/**
 * Reads a body as text.
 *
 * @throws WitanError `body_too_large` as soon as more than `bytesMax` came, `malformed_json` for bytes that are not UTF-8, or that end before their time.
 */
export function readBody(request: IncomingMessage, bytesMax: number): Promise<string> {
  return new Promise((resolve, reject) => {
    if (Number(request.headers['content-length'] ?? 0) > bytesMax) throw tooLarge(bytesMax);
    // Listening to the stream costs a decision several microseconds less than reading it as an iterator.
    const chunks: Buffer[] = [];
    let length = 0;
    const hear = (chunk: Buffer): void => {
      length += chunk.length;
      chunks.push(chunk);
      if (length <= bytesMax) return;
      request.off('data', hear);
      request.pause();
      reject(tooLarge(bytesMax));
    };
    request.on('data', hear);
    request.once('end', () => {
      const [first] = chunks;
      const bytes = chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks);
      if (isUtf8(bytes)) resolve(bytes.toString('utf8'));
      else reject(new WitanError('malformed_json', 'the body is not UTF-8'));
    });
    const endEarly = (cause?: unknown): void => {
      if (!request.readableEnded) reject(new WitanError('malformed_json', 'the body ended early', { cause }));
    };
    request.once('error', endEarly);
    request.once('close', endEarly);
  });
}

/** Parses JSON strictly: duplicate members and nesting over 64 are refused. Throws `malformed_json` with the place. */
export function parseBody(text: string): unknown {
  try {
    return parseJson(text, DEPTH_MAX).document;
  } catch (thrown) {
    if (!(thrown instanceof JsonFault)) throw thrown;
    const { row, column } = thrown.position;
    throw new WitanError('malformed_json', `row ${row}, column ${column}: ${thrown.message}`, {
      faults: [{ row, column, message: thrown.message }],
    });
  }
}

function tooLarge(bytesMax: number): WitanError {
  return new WitanError('body_too_large', `the body is larger than ${bytesMax} bytes`);
}

/**
 * Reads a JSON body that a schema admits.
 *
 * @throws WitanError `unsupported_media_type`, `body_too_large`, `malformed_json`, `invalid_request` with every fault
 */
export async function readValid<T>(
  request: IncomingMessage,
  validator: Validator<T>,
  bytesMax: number,
): Promise<T> {
  requireMediaType(request, 'application/json');
  const body = parseBody(await readBody(request, bytesMax));
  if (validator.accepts(body)) return body;
  const faults = validator.faults(body);
  throw new WitanError('invalid_request', summaryOf(faults), { faults });
}
