import type { Request, Response } from 'express';
import type { App } from '../app.js';
import { BUNDLED_RECORD_BYTES_MAX, writeEntryBundle } from '../audit/entry-bundle.js';
import { HASH_BYTES } from '../audit/merkle.js';
import { proveRecord } from '../audit/prove-record.js';
import { parseTilePath, TILE_WIDTH, type TileName } from '../audit/tile.js';
import { WitanError } from '../errors.js';
import type { Route } from './route.js';

const PLAIN = 'text/plain; charset=utf-8';
/** A full tile never changes (C2SP tlog-tiles); a partial one is soon replaced. What holds records is kept by its reader alone. */
const IMMUTABLE = 'private, max-age=31536000, immutable';

/** The log as others verify it: C2SP tlog-tiles, its keys, and a proof for one record. */
export function logRoutes({ store }: Pick<App, 'store'>): readonly Route[] {
  const { tree, records } = store;
  return [
    {
      method: 'get',
      path: '/log/checkpoint',
      answer: async (_request, response) => {
        const { note } = (await tree.checkpoint()) ?? (await tree.seal(await records.size()));
        response.set({ 'Cache-Control': 'no-cache', 'Content-Type': PLAIN }).send(note);
      },
    },
    {
      method: 'get',
      path: '/log/keys',
      answer: async (_request, response) => {
        const keys = await tree.keys();
        response
          .set({ 'Cache-Control': 'no-cache', 'Content-Type': PLAIN })
          .send(keys.map((key) => `${key}\n`).join(''));
      },
    },
    {
      method: 'get',
      path: '/log/minimum-index',
      answer: async (_request, response) => {
        const minimum = await records.minimumIndex();
        response.set({ 'Cache-Control': 'no-cache', 'Content-Type': PLAIN }).send(`${minimum}\n`);
      },
    },
    {
      method: 'get',
      path: '/log/tile/*path',
      answer: async (request, response) => {
        const name = tileOf(request);
        const bytes =
          name.level === 'entries' ? await entryBundle(store, name) : await hashTile(store, name, name.level);
        sendTile(response, bytes, name);
      },
    },
    {
      method: 'get',
      path: '/v1/records/:id/proof',
      answer: async (request, response) => {
        const { id } = request.params;
        const record = typeof id === 'string' ? await records.byId(id) : undefined;
        if (record === undefined) throw new WitanError('not_found', `there is no record \`${String(id)}\``);
        response
          .set('Cache-Control', 'no-store')
          .attachment(`${String(id)}.tlog-proof`)
          .type(PLAIN)
          .send(await proveRecord(tree, record));
      },
    },
  ];
}

function tileOf(request: Request): TileName {
  const path = request.path.slice('/log/'.length);
  const name = parseTilePath(path);
  if (name === undefined) {
    throw new WitanError(
      'not_found',
      `\`${path}\` is no path of a tile; expected such as \`tile/0/000\`, \`tile/0/000.p/17\` or \`tile/entries/000\``,
    );
  }
  return name;
}

async function hashTile({ tree }: App['store'], { index, width }: TileName, level: number): Promise<Buffer> {
  const hashes = await tree.tile(level, index);
  if (hashes === undefined || hashes.length < width * HASH_BYTES) {
    throw new WitanError('not_found', `the log has no tile ${index} of width ${width} at level ${level} yet`);
  }
  return hashes.subarray(0, width * HASH_BYTES);
}

async function entryBundle(
  { tree, records: reader, evidence }: App['store'],
  { index, width }: TileName,
): Promise<Buffer> {
  const from = index * TILE_WIDTH;
  const sealed = (await tree.checkpoint())?.size ?? 0;
  if (from + width > sealed) {
    throw new WitanError('not_found', `no checkpoint covers records ${from} to ${from + width - 1} yet`);
  }
  const records = await evidence.span(from, from + width);
  if (records.length < width) {
    throw new WitanError('not_found', `records before ${await reader.minimumIndex()} were pruned`);
  }
  const long = records.find(({ bytes }) => bytes.length > BUNDLED_RECORD_BYTES_MAX);
  if (long !== undefined) {
    throw new WitanError(
      'not_found',
      `record ${long.sequence} is longer than the ${BUNDLED_RECORD_BYTES_MAX} bytes that an entry of a bundle can have: see /v1/records`,
    );
  }
  return writeEntryBundle(records.map(({ bytes }) => bytes));
}

function sendTile(response: Response, bytes: Buffer, { width }: TileName): void {
  response
    .set({
      'Content-Type': 'application/octet-stream',
      'Cache-Control': width === TILE_WIDTH ? IMMUTABLE : 'private, max-age=60',
    })
    .send(bytes);
}
