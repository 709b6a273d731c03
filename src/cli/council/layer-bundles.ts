import type { BundleFile } from '../../policy/bundle.js';
import { ServerError } from '../ask-server.js';
import { objectsIn } from './answers.js';
import { layerPath } from './proposal-paths.js';
import type { Service } from './service.js';

/** One bundle of a layer's past, or its present one. */
export interface PastBundle {
  readonly revision: number;
  readonly digest: string;
}

/** The bundles that a layer has had, newest first. @throws ServerError; WitanError as the service refuses */
export async function bundlesOf(service: Service, layer: string): Promise<readonly PastBundle[]> {
  const answer = await service.get(layerPath(layer, 'bundles'));
  return objectsIn(answer, 'bundles')
    .flatMap(({ revision, digest }) =>
      typeof revision === 'number' && typeof digest === 'string' ? [{ revision, digest }] : [],
    )
    .sort((a, b) => b.revision - a.revision);
}

/** The files of a bundle that is or was in force. @throws ServerError; WitanError as the service refuses */
export async function bundleFiles(
  service: Service,
  layer: string,
  digest: string,
): Promise<readonly BundleFile[]> {
  const answer = await service.get(layerPath(layer, 'bundles', digest));
  return objectsIn(answer, 'files').map(({ path, text }) => {
    if (typeof path === 'string' && typeof text === 'string') return { path, text };
    throw new ServerError('the service answered a bundle with a file that has no path or text');
  });
}
