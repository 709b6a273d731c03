import { inputSchema } from '../decision/input.js';
import type { SeedRecord } from '../audit/record.js';
import { WitanError } from '../errors.js';
import { createBundle, type Bundle } from '../policy/bundle.js';
import { compiledSource, moduleDigest } from '../policy/load.js';
import type { Toolchain } from '../rego/toolchain.js';
import { openStore } from '../store/sqlite/open-store.js';
import type { Store } from '../store/store.js';
import { withToolchain, type CommandNeeds } from './command.js';
import { progressOn } from './progress.js';

/** What came of compiling one bundle again. */
export interface Recompiled {
  readonly revision: number;
  readonly layer: string;
  readonly digest: string;
  /** The module that the log says came into force. */
  readonly recorded: string;
  /** The module that the stored source makes now; absent when it makes none, and `fault` says why. */
  readonly recompiled?: string;
  readonly fault?: string;
  readonly same: boolean;
}

/**
 * Compiles the stored source of every bundle that the log says came into force: what ran is what was decided on.
 *
 * @throws WitanError `store_unavailable`, `store_corrupt`; `invalid_request` when another toolchain made the modules.
 */
export async function recompileModules(dataDir: string, needs: CommandNeeds): Promise<readonly Recompiled[]> {
  const store = await openStore({ dataDir, queueEntriesMax: 1, readOnly: true });
  try {
    return await withToolchain(needs, (toolchain) => recompileAll(store, toolchain, needs));
  } finally {
    await store.close();
  }
}

async function recompileAll(
  store: Store,
  toolchain: Toolchain,
  { terminal }: CommandNeeds,
): Promise<readonly Recompiled[]> {
  const identity = await toolchain.identity();
  const progress = progressOn(terminal);
  const all: Recompiled[] = [];
  for (const record of await recordsOfRevisions(store)) {
    if (record.toolchain.digest !== identity.digest) {
      throw new WitanError(
        'invalid_request',
        `revision ${record.revision} was compiled by the toolchain \`${record.toolchain.digest}\` (OPA ${record.toolchain.opa}), this is \`${identity.digest}\` (OPA ${identity.opa}): verify with that one`,
      );
    }
    const bundles = await bundlesOf(store, record);
    for (const [index, { layer, digest, module: recorded }] of record.layers.entries()) {
      if (recorded === undefined) continue;
      progress.say(`compiling ${layer}`, index, record.layers.length);
      const bundle = bundles.get(layer);
      const made =
        bundle === undefined
          ? 'the stored files are not those of the bundle'
          : await compile(toolchain, bundle, bundles);
      all.push({
        revision: record.revision,
        layer,
        digest,
        recorded,
        ...(typeof made === 'string' ? { fault: made } : { recompiled: made.module }),
        same: typeof made !== 'string' && made.module === recorded,
      });
    }
  }
  progress.end();
  return all;
}

/** The records that brought bundles into force, oldest first. */
async function recordsOfRevisions(store: Store): Promise<readonly SeedRecord[]> {
  const { records } = await store.records.query({ kind: 'seed', order: 'oldest', limit: 1000 });
  // INVARIANT: the query asked for that kind of record.
  return records.map(({ bytes }) => JSON.parse(bytes.toString('utf8')) as SeedRecord);
}

/** The stored bundles of a revision, those alone whose files still have their digest. */
async function bundlesOf(store: Store, { layers }: SeedRecord): Promise<ReadonlyMap<string, Bundle>> {
  const bundles = new Map<string, Bundle>();
  for (const { layer, digest } of layers) {
    const kept = await store.bundles.byDigest(digest);
    const bundle = kept && createBundle(kept.files);
    if (bundle?.digest === digest) bundles.set(layer, bundle);
  }
  return bundles;
}

/** The digest of the module that a bundle makes, or why it makes none. */
async function compile(
  toolchain: Toolchain,
  bundle: Bundle,
  bundles: ReadonlyMap<string, Bundle>,
): Promise<{ readonly module: string } | string> {
  const { wasm, errors } = await toolchain.compile(compiledSource(bundle, bundles, inputSchema));
  return wasm === undefined
    ? (errors[0]?.message ?? 'the bundle has no policies')
    : { module: moduleDigest(wasm) };
}

export function moduleLine({
  revision,
  layer,
  digest,
  recorded,
  recompiled,
  fault,
  same,
}: Recompiled): string {
  if (same) return `same     revision ${revision}  ${layer}  bundle ${digest}  module ${recorded}\n`;
  const instead = fault === undefined ? `its source makes ${recompiled ?? 'none'}` : fault;
  return `DIFFERS  revision ${revision}  ${layer}  bundle ${digest}  module ${recorded}: ${instead}\n`;
}
