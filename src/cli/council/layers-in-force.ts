import { isObject } from '../../document/json.js';
import { ServerError } from '../ask-server.js';
import { objectsIn } from './answers.js';
import type { LayerAtHand } from './layers-at-hand.js';
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

/** Layers in force whose bundle is not at hand. */
export function layersMissing(layers: readonly LayerAtHand[], { digests }: LayersInForce): readonly string[] {
  const there = new Set<string>(layers.map(({ bundle }) => bundle.layer));
  return [...digests.keys()].filter((layer) => !there.has(layer));
}
