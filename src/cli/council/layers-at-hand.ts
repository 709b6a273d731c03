import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { WitanError, type Fault } from '../../errors.js';
import type { Bundle } from '../../policy/bundle.js';
import { GLOBAL, type Layer } from '../../policy/layer.js';
import { readBundleIn, readEachBundle } from '../../policy/read-bundles.js';
import { bundleFaults, pathIn } from '../fault-lines.js';
import { requireFolder } from '../read-text.js';

/** A layer's bundle as it stands in a folder. */
export interface LayerAtHand {
  readonly bundle: Bundle;
  /** Where its files stand. */
  readonly folder: string;
}

export interface FolderRead {
  readonly layers: readonly LayerAtHand[];
  /** Of bundles that cannot be read, with paths from where the command runs. */
  readonly faults: readonly Fault[];
  /** Whether it is a whole policies folder, or the folder of one layer. */
  readonly whole: boolean;
}

/**
 * Reads a policies folder, or the folder of one layer: that is one in which a `manifest.yaml` stands.
 *
 * @throws WitanError `not_found` for a folder that does not exist, `bundle_invalid` for one that cannot be read
 */
export async function readFolder(folder: string): Promise<FolderRead> {
  requireFolder(folder);
  if (existsSync(join(folder, 'manifest.yaml'))) return readLayer(folder);
  const { bundles, errors } = await readEachBundle(folder);
  return {
    layers: bundles.map((bundle) => ({ bundle, folder: join(folder, placeOf(bundle.layer)) })),
    faults: errors.flatMap((error) => bundleFaults(folder, error)),
    whole: true,
  };
}

async function readLayer(folder: string): Promise<FolderRead> {
  try {
    return { layers: [{ bundle: await readBundleIn(folder), folder }], faults: [], whole: false };
  } catch (thrown) {
    if (!(thrown instanceof WitanError)) throw thrown;
    return { layers: [], faults: bundleFaults(folder, thrown), whole: false };
  }
}

function placeOf(layer: Layer): string {
  return layer === GLOBAL ? GLOBAL : join('domains', layer);
}

/** Names the file of a fault in a layer's bundle as it stands from where the command runs. */
export function placedAt({ folder }: Pick<LayerAtHand, 'folder'>): (fault: Fault) => Fault {
  return (fault) => (fault.file === undefined ? fault : { ...fault, file: pathIn(folder, fault.file) });
}
