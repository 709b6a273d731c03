import { createWriteStream, mkdtempSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { signCheckpoint } from '../src/audit/checkpoint.js';
import { EXPORT_FORMATS } from '../src/audit/export/export-format.js';
import { writeExport } from '../src/audit/export/export-records.js';
import { exportRows } from '../src/audit/export/export-rows.js';
import { Frontier, leafHash } from '../src/audit/merkle.js';
import { signingKeyOf, writeVerifierKey } from '../src/audit/note-key.js';
import type { StoredRecord } from '../src/audit/query.js';
import { verifyExportFile } from '../src/cli/verify-export-file.js';
import { bytesOf, sampleRecord } from '../src/store/testing/sample-records.js';

/** `WITAN_EXPORT_ROWS=300000` measures what the gate has no time for. */
const ROWS = Number(process.env['WITAN_EXPORT_ROWS'] ?? 20_000);
const GROWTH_BYTES_MAX = 64 * 1024 * 1024;
const key = signingKeyOf('example.com/log', Buffer.alloc(32, 1));

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes that are held on to. */
function heldBytes(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** A log that is made as it is read, so that only the export itself can take memory. */
async function* batches(eachBatch: () => void): AsyncGenerator<readonly StoredRecord[], void> {
  for (let from = 0; from < ROWS; from += 1000) {
    await Promise.resolve();
    eachBatch();
    yield Array.from({ length: Math.min(1000, ROWS - from) }, (_, n) => ({
      sequence: from + n,
      bytes: bytesOf(sampleRecord(from + n)),
    }));
  }
}

function checkpointOfAll() {
  const frontier = new Frontier();
  for (let n = 0; n < ROWS; n += 1) frontier.append(leafHash(bytesOf(sampleRecord(n))));
  const [size, root] = [ROWS, frontier.root()];
  return { size, root, note: signCheckpoint({ origin: key.name, size, root }, [key]) };
}

describe.each(EXPORT_FORMATS)('an export as %s', (format) => {
  test('is written and verified in memory that does not grow with it', { timeout: 300_000 }, async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'witan-memory-')), 'export');
    const checkpoint = checkpointOfAll();
    const before = heldBytes();
    let held = 0;
    let count = 0;
    const sample = (): void => {
      count += 1;
      if (count % 10 === 0) held = Math.max(held, heldBytes() - before);
    };
    const tree = { nodes: () => Promise.resolve([]) };
    const about = { query: '', checkpoint, minimumIndex: 0, extractedAt: '2026-07-01T00:00:00Z', keys: [] };
    const writing = performance.now();
    await pipeline(
      Readable.from(writeExport(format, exportRows(batches(sample), tree, about))),
      createWriteStream(path),
    );
    const verifying = performance.now();
    const sampling = setInterval(sample, 20);
    const verified = await verifyExportFile(path, [writeVerifierKey(key)]);
    clearInterval(sampling);
    const ended = performance.now();
    expect(verified).toMatchObject({ ok: true, rows: ROWS, completeness: 'proved' });
    expect(held).toBeLessThan(GROWTH_BYTES_MAX);
    if (process.env['WITAN_EXPORT_ROWS'] !== undefined) {
      const perSecond = (ms: number): number => Math.round(ROWS / (ms / 1000));
      process.stderr.write(
        `${format}: ${statSync(path).size} bytes, ${perSecond(verifying - writing)} rows/s written, ${perSecond(ended - verifying)} rows/s verified, ${Math.round(held / 2 ** 20)} MiB held at most\n`,
      );
    }
  });
});
