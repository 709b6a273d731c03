import { createHash } from 'node:crypto';
import { ExportFault } from './export-fault.js';
import type { ExportSource } from './export-format.js';
import { digestOffset, withDigest } from './export-statement.js';

const CHUNK_BYTES = 1024 * 1024;

/**
 * Fills in the digest of an export: SHA-256 over all its bytes, with zeros in the place of the digits themselves. It
 * guards against accidents in what no proof covers; who wants to deceive can compute it too.
 *
 * @param chunks the last one has the whole statement, or nothing but what stands after it
 */
export async function* sealBytes(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  const hash = createHash('sha256');
  let held: Buffer | undefined;
  for await (const chunk of chunks) {
    if (held !== undefined) yield held;
    hash.update(chunk);
    held = chunk;
  }
  if (held === undefined) return;
  const offset = digestOffset(held);
  if (offset < 0) throw new Error('an export ends without its statement');
  yield withDigest(held, offset, `sha256:${hash.digest('hex')}`);
}

/**
 * Computes the digest of an export again.
 *
 * @throws ExportFault when it is another
 */
export async function requireDigest(source: ExportSource, tailFrom: number, digest: string): Promise<void> {
  const tail = await source.read(tailFrom, source.size);
  const offset = digestOffset(tail, digest);
  if (offset < 0) throw new ExportFault('the digest of the file does not stand in its last bytes');
  const hash = createHash('sha256');
  for (let from = 0; from < tailFrom; from += CHUNK_BYTES) {
    hash.update(await source.read(from, Math.min(from + CHUNK_BYTES, tailFrom)));
  }
  hash.update(withDigest(tail, offset));
  const found = `sha256:${hash.digest('hex')}`;
  if (found !== digest) {
    throw new ExportFault(
      `the file is not byte by byte what was exported: its digest is \`${found}\`, the statement says \`${digest}\``,
    );
  }
}
