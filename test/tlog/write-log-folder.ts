import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { signCheckpoint } from '../../src/audit/checkpoint.js';
import { writeEntryBundle } from '../../src/audit/entry-bundle.js';
import { inclusionProof, leafHash, rootOf, type ReadNode } from '../../src/audit/merkle.js';
import { writeVerifierKey, type SigningKey } from '../../src/audit/note-key.js';
import { writeProof } from '../../src/audit/proof.js';
import { subtreeHash, TILE_WIDTH, tileOf, tilePath } from '../../src/audit/tile.js';

export interface LogContents {
  /** All that sign the checkpoints; the name of the first is the origin. */
  readonly keys: readonly [SigningKey, ...SigningKey[]];
  readonly records: readonly Uint8Array[];
  /** Size of the log at an older checkpoint. */
  readonly olderSize?: number;
  /** Sequences of the records that get a proof file. */
  readonly proved?: readonly number[];
}

/** A copy of a log as `test/tlog` reads it. */
export function writeLogFolder(folder: string, { keys, records, olderSize, proved = [] }: LogContents): void {
  const write = (name: string, content: string | Uint8Array): void => {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  };
  write('vkey', keys.map((key) => `${writeVerifierKey(key)}\n`).join(''));
  for (const [index, bundle] of tilesOf(records).entries()) {
    write(tilePath('entries', index, bundle.length), writeEntryBundle(bundle));
  }
  const levels = levelsOf(records.map(leafHash));
  for (const [level, tiles] of levels.entries()) {
    for (const [index, tile] of tiles.entries())
      write(tilePath(level, index, tile.length), Buffer.concat(tile));
  }
  const readNode: ReadNode = (subtree) => {
    const { level, index, from, to } = tileOf(subtree);
    return subtreeHash(Buffer.concat(levels[level]?.[index] ?? []), from, to);
  };
  const checkpointOf = (size: number): string =>
    signCheckpoint({ origin: keys[0].name, size, root: rootOf(size, readNode) }, keys);
  write('checkpoint', checkpointOf(records.length));
  if (olderSize !== undefined) write('older-checkpoint', checkpointOf(olderSize));
  for (const index of proved) {
    // Records that the older log has are proved by its checkpoint.
    const size = olderSize !== undefined && index < olderSize ? olderSize : records.length;
    const hashes = inclusionProof(index, size, readNode);
    const proof = writeProof({ record: records[index]!, index, hashes, checkpoint: checkpointOf(size) });
    write(`${index}.tlog-proof`, proof);
  }
}

/** The tiles of each level, as lists of hashes: a level has one hash for each full tile of the one below. */
function levelsOf(leaves: readonly Buffer[]): readonly (readonly Buffer[])[][] {
  const levels: (readonly Buffer[])[][] = [];
  for (let hashes = leaves; hashes.length > 0;) {
    const tiles = tilesOf(hashes);
    levels.push(tiles);
    hashes = tiles
      .filter((tile) => tile.length === TILE_WIDTH)
      .map((tile) => subtreeHash(Buffer.concat(tile), 0, TILE_WIDTH));
  }
  return levels;
}

function tilesOf<Item>(items: readonly Item[]): (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / TILE_WIDTH) }, (_, n) =>
    items.slice(n * TILE_WIDTH, (n + 1) * TILE_WIDTH),
  );
}
