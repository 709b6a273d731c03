import type { Request, Response } from 'express';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { App } from '../app.js';
import { EXPORT_FORMATS, type ExportFormat } from '../audit/export/export-format.js';
import { exportRecords, writeExport } from '../audit/export/export-records.js';
import { WitanError } from '../errors.js';
import { questionOf } from './records.js';
import type { Route } from './route.js';

export const EXPORT_MEDIA_TYPES = {
  ndjson: 'application/x-ndjson',
  csv: 'text/csv; charset=utf-8; header=present',
  parquet: 'application/vnd.apache.parquet',
} as const satisfies Record<ExportFormat, string>;

/** Exports that are written at once; each holds some tens of megabytes. */
const EXPORTS_MAX = 4;
/** A connection that takes nothing for so long is given up, in milliseconds. */
const STALLED_MS_MAX = 60_000;

/**
 * All records that match, with what proves them, written as fast as they are taken. An export that fails after it has
 * begun ends with its connection and has no statement, so nobody takes it for whole.
 */
export function exportRoute({ store, nowMs }: Pick<App, 'store' | 'nowMs'>): Route {
  let running = 0;
  return {
    method: 'get',
    path: '/v1/records/export',
    answer: async (request, response) => {
      const { filter, rest } = await questionOf(request, store, ['format']);
      const format = formatOf(request, rest.format);
      if (running >= EXPORTS_MAX) {
        throw new WitanError('overloaded', `${EXPORTS_MAX} exports are being written; try again`);
      }
      running += 1;
      try {
        // Sealed first: the export covers all that was acknowledged before.
        const checkpoint = await store.tree.seal(await store.records.size());
        const extractedAt = new Date(nowMs()).toISOString();
        const chunks = writeExport(format, exportRecords(store, { filter, checkpoint, extractedAt }));
        await send(request, response, { format, size: checkpoint.size, chunks });
      } finally {
        running -= 1;
      }
    },
  };
}

interface Sent {
  readonly format: ExportFormat;
  readonly size: number;
  readonly chunks: AsyncGenerator<Buffer, void, undefined>;
}

async function send(request: Request, response: Response, { format, size, chunks }: Sent): Promise<void> {
  // What fails before the first chunk is answered as a problem.
  const first = await chunks.next();
  response.set({
    'Content-Type': EXPORT_MEDIA_TYPES[format],
    'Content-Disposition': `attachment; filename="witan-records-${size}.${format}"`,
    'Cache-Control': 'no-store',
    Vary: 'Accept',
  });
  if (request.method === 'HEAD' || first.done === true) {
    await chunks.return();
    response.end();
    return;
  }
  response.setTimeout(STALLED_MS_MAX, () => response.destroy());
  try {
    await pipeline(Readable.from(joined(first.value, chunks)), response);
  } catch (thrown) {
    // The connection is gone, whoever ended it; there is nobody to answer.
    request.log.warn({ err: thrown, url: request.url }, 'an export was broken off');
  } finally {
    response.setTimeout(0);
  }
}

async function* joined(
  first: Buffer,
  rest: AsyncGenerator<Buffer, void, undefined>,
): AsyncGenerator<Buffer, void, undefined> {
  try {
    yield first;
    yield* rest;
  } finally {
    await rest.return();
  }
}

/** What the URL names, or else what `Accept` prefers; NDJSON when neither says anything. */
function formatOf(request: Request, named: string | undefined): ExportFormat {
  if (named !== undefined) {
    const format = EXPORT_FORMATS.find((each) => each === named);
    if (format !== undefined) return format;
    throw new WitanError(
      'invalid_request',
      `\`format\` is \`${named}\`; expected ${EXPORT_FORMATS.join(', ')}`,
    );
  }
  const types = EXPORT_FORMATS.map((each) => bare(EXPORT_MEDIA_TYPES[each]));
  const accepted = request.accepts(types);
  const format = EXPORT_FORMATS.find((each) => bare(EXPORT_MEDIA_TYPES[each]) === accepted);
  if (format !== undefined) return format;
  throw new WitanError('invalid_request', `\`Accept\` names none of ${types.join(', ')}`);
}

/** A media type without its parameters. */
function bare(mediaType: string): string {
  return mediaType.split(';')[0] ?? mediaType;
}
