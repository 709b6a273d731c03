import { ExportFault } from './export-fault.js';
import type { ExportSource } from './export-format.js';

const CHUNK_BYTES = 256 * 1024;
const LINE_BREAK = 0x0a;
/** A record cannot be larger, with all that stands beside it. */
const LINE_BYTES_MAX = 256 * 1024 * 1024;

/**
 * The lines of a part of a file, each with its line break, in batches.
 *
 * @throws ExportFault when the last line has no end, or one is too long
 */
export async function* linesOf(
  source: ExportSource,
  from: number,
  to: number,
): AsyncGenerator<readonly Buffer[], void, undefined> {
  let begun: Buffer[] = [];
  let begunBytes = 0;
  for (let at = from; at < to; at += CHUNK_BYTES) {
    const chunk = await source.read(at, Math.min(at + CHUNK_BYTES, to));
    const lines: Buffer[] = [];
    let start = 0;
    for (let end = chunk.indexOf(LINE_BREAK); end >= 0; end = chunk.indexOf(LINE_BREAK, start)) {
      const rest = chunk.subarray(start, end + 1);
      lines.push(begun.length === 0 ? rest : Buffer.concat([...begun, rest]));
      [begun, begunBytes, start] = [[], 0, end + 1];
    }
    if (start < chunk.length) {
      begun.push(chunk.subarray(start));
      begunBytes += chunk.length - start;
    }
    if (begunBytes > LINE_BYTES_MAX) throw new ExportFault(`a line has more than ${LINE_BYTES_MAX} bytes`);
    if (lines.length > 0) yield lines;
  }
  if (begun.length > 0) throw new ExportFault('the last row has no end');
}

/** Joins what is written into chunks of some size, so that neither many small nor few huge ones are sent. */
export class ChunkJoiner {
  #parts: Buffer[] = [];
  #bytes = 0;

  /** The chunk that is full now, if one is. */
  add(...parts: readonly Buffer[]): Buffer | undefined {
    for (const part of parts) {
      this.#parts.push(part);
      this.#bytes += part.length;
    }
    return this.#bytes < CHUNK_BYTES ? undefined : this.take();
  }

  /** What there is. */
  take(): Buffer {
    const chunk = Buffer.concat(this.#parts, this.#bytes);
    [this.#parts, this.#bytes] = [[], 0];
    return chunk;
  }
}
