import { isObject } from '../../document/json.js';
import { WitanError } from '../../errors.js';
import { ServerError } from '../ask-server.js';
import { objectsIn } from './answers.js';
import type { LayerAtHand } from './layers-at-hand.js';
import { layerPath } from './proposal-paths.js';
import type { Service } from './service.js';

/** The bundles in force, as a running service says. */
export interface LayersInForce {
  readonly revision: number;
  readonly digests: ReadonlyMap<string, string>;
}

/** @throws ServerError; WitanError with the code by which the service refuses */
export async function layersInForce(service: Service): Promise<LayersInForce> {
  const answer = await service.get('v1/layers');
  const revision = isObject(answer) ? answer['revision'] : undefined;
  if (typeof revision !== 'number') throw new ServerError('the service answered layers without a revision');
  const digests = objectsIn(answer, 'layers').flatMap(({ layer, digest }) =>
    typeof layer === 'string' && typeof digest === 'string' ? [[layer, digest] as const] : [],
  );
  return { revision, digests: new Map(digests) };
}

/** The layers whose bundle is another than the one in force. */
export function changedLayers(
  layers: readonly LayerAtHand[],
  { digests }: LayersInForce,
): readonly LayerAtHand[] {
  return layers.filter(({ bundle }) => digests.get(bundle.layer) !== bundle.digest);
}

/**
 * Which of the layers at hand the caller may not read: what is in force of them is not told, so nobody knows whether they
 * changed.
 *
 * @throws ServerError; WitanError with the code by which the service refuses
 */
export async function hiddenLayers(
  layers: readonly LayerAtHand[],
  { digests }: LayersInForce,
  service: Service,
): Promise<ReadonlySet<string>> {
  const hidden = new Set<string>();
  for (const { bundle } of layers) {
    if (digests.has(bundle.layer)) continue;
    try {
      await service.find(layerPath(bundle.layer, 'bundles'));
    } catch (thrown) {
      if (!(thrown instanceof WitanError) || thrown.code !== 'forbidden') throw thrown;
      hidden.add(bundle.layer);
    }
  }
  return hidden;
}

/** Layers in force whose bundle is not at hand. */
export function layersMissing(layers: readonly LayerAtHand[], { digests }: LayersInForce): readonly string[] {
  const there = new Set<string>(layers.map(({ bundle }) => bundle.layer));
  return [...digests.keys()].filter((layer) => !there.has(layer));
}
