import { existsSync } from 'node:fs';
import type { DecisionBasis } from '../decision/decide.js';
import { WitanError } from '../errors.js';
import { createQuarantine } from '../decision/quarantine.js';
import { NO_WAIVERS } from '../decision/waiver.js';
import { putInForce } from '../law/mesh.js';
import type { Bundle } from '../policy/bundle.js';
import type { Layer } from '../policy/layer.js';
import { readBundles } from '../policy/read-bundles.js';
import { InMemoryRegistry } from '../registry/in-memory-registry.js';
import { readSeed } from '../registry/seed.js';
import type { Toolchain } from '../rego/toolchain.js';
import { withToolchain, type CommandNeeds } from './command.js';
import { pathIn, pathInLayer } from './fault-lines.js';
import { requireFolder } from './read-text.js';

/** Where a command that decides offline takes its mesh from. */
export interface MeshOptions {
  readonly policies: string;
  /** Folder of domains, people and products; `none` for an empty mesh; the example's where it stands unless given. */
  readonly seed?: string | undefined;
}

const DEFAULT_SEED = './fixtures/mesh';
const EVALUATION_MS_MAX = 5000;

/** A mesh that decides offline, with the bundles that its policies were compiled from. */
export interface OfflineMesh {
  readonly basis: DecisionBasis;
  readonly bundles: ReadonlyMap<Layer, Bundle>;
}

/**
 * Compiles a policies folder and reads a seed, as the service does when its store is empty.
 *
 * @throws WitanError what `readSeed`, `readBundles` and `putInForce` throw, with the paths of files from here.
 */
export function openMesh(options: MeshOptions, needs: CommandNeeds): Promise<DecisionBasis> {
  return withToolchain(needs, async (toolchain) => (await openMeshBy(toolchain, options, needs)).basis);
}

/** The same by a toolchain that the caller goes on to use. */
export async function openMeshBy(
  toolchain: Toolchain,
  { policies, seed = existsSync(DEFAULT_SEED) ? DEFAULT_SEED : 'none' }: MeshOptions,
  needs: Pick<CommandNeeds, 'nowMs'>,
): Promise<OfflineMesh> {
  requireFolder(policies);
  if (seed !== 'none') requireFolder(seed);
  const registry = new InMemoryRegistry(
    seed === 'none' ? undefined : await readSeed(seed, new Date(needs.nowMs()).toISOString()),
  );
  const bundles = await placed(readBundles(policies), (file) => pathIn(policies, file));
  const byLayer = new Map(bundles.map((bundle) => [bundle.layer, bundle]));
  const inForce = await placed(
    putInForce(bundles, registry, { toolchain, revision: 0, evaluationMsMax: EVALUATION_MS_MAX }),
    (file) => pathOfLayerFile(policies, byLayer.keys(), file),
  );
  return {
    basis: { policies: inForce, registry, waivers: NO_WAIVERS, quarantine: createQuarantine() },
    bundles: byLayer,
  };
}

/** Where a file named `<layer>/<path>` stands, from here; the name itself when it is of none of the layers. */
export function pathOfLayerFile(policies: string, layers: Iterable<Layer>, file: string): string {
  // The longest that fits: `finance/risk/policy/x.rego` stands in `finance/risk`, not in `finance`.
  const layer = [...layers]
    .filter((one) => file.startsWith(`${one}/`))
    .sort((a, b) => b.length - a.length)[0];
  return layer === undefined ? file : pathInLayer(policies, layer, file.slice(layer.length + 1));
}

/** What was thrown, with the files of its faults as `path` names them. */
async function placed<T>(work: Promise<T>, path: (file: string) => string): Promise<T> {
  try {
    return await work;
  } catch (thrown) {
    if (!(thrown instanceof WitanError)) throw thrown;
    const faults = thrown.faults.map((fault) =>
      fault.file === undefined ? fault : { ...fault, file: path(fault.file) },
    );
    throw new WitanError(thrown.code, thrown.message, { faults, cause: thrown });
  }
}
