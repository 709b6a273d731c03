import type { Request } from 'express';
import type { App } from '../app.js';
import { councilBody } from '../council/council-body.js';
import { councilOf } from '../council/council.js';
import { effectivePolicy } from '../council/effective.js';
import { mayReadLayer, mayReadProposals } from '../council/visible-layers.js';
import { writeJson } from '../document/json.js';
import { WitanError } from '../errors.js';
import type { Caller } from '../identity/caller.js';
import { keptBundle } from '../law/bundle-on-record.js';
import { layerHistory } from '../law/layer-history.js';
import { compareLayers, GLOBAL, isLayer, type Layer } from '../policy/layer.js';
import { askingOf } from './decision-routes.js';
import { readQuery } from './query.js';
import type { Route } from './route.js';

/** Layers, the bundles that they have and had, and what binds under them. */
export function layerRoutes(app: App): readonly Route[] {
  const { store, current, council, nowMs } = app;
  return [
    {
      method: 'get',
      path: '/v1/layers',
      answer: (request, response) => {
        readQuery(request, []);
        const { caller } = askingOf(request);
        response
          .set('Cache-Control', 'no-store')
          .type('json')
          .send(writeJson(layersFor(app, caller)));
      },
    },
    {
      method: 'get',
      path: '/v1/layers/:layer/bundles',
      answer: async (request, response) => {
        const layer = layerOf(request, app);
        const bundles = await layerHistory(layer, store);
        response.set('Cache-Control', 'no-store').json({ layer, bundles });
      },
    },
    {
      method: 'get',
      path: '/v1/layers/:layer/bundles/:digest',
      answer: async (request, response) => {
        const layer = layerOf(request, app);
        const body = await bundleBody(app, layer, String(request.params['digest']), askingOf(request).caller);
        response.set('Cache-Control', 'no-store').type('json').send(writeJson(body));
      },
    },
    {
      method: 'get',
      path: '/v1/layers/:layer/effective',
      answer: (request, response) => {
        const layer = layerOf(request, app);
        const { caller } = askingOf(request);
        const effective = effectivePolicy(layer, {
          law: current.law,
          waivers: council.waivers(),
          proposals: [...council.proposals()].filter((each) => mayReadProposals(caller, each.layer)),
          nowMs: nowMs(),
        });
        response.set('Cache-Control', 'no-store').type('json').send(writeJson(effective));
      },
    },
  ];
}

/**
 * The layer that a path names, for those who may read it.
 *
 * @throws WitanError `not_found` where there is neither bundle nor domain, `forbidden`
 */
function layerOf(request: Request, { current, registry }: App): Layer {
  const layer = String(request.params['layer']);
  const { caller } = askingOf(request);
  readQuery(request, []);
  const known =
    isLayer(layer) && (current.law.bundles.has(layer) || layer === GLOBAL || registry.domain(layer));
  if (known === false || known === undefined)
    throw new WitanError('not_found', `there is no layer \`${layer}\`: no bundle and no domain of that name`);
  if (mayReadLayer(caller, layer)) return layer;
  throw new WitanError(
    'forbidden',
    `\`${caller.id}\` has no role for the whole mesh, for \`${layer}\` or for a domain that lies in it`,
  );
}

/** The bundles in force that the caller may read. */
function layersFor({ current }: App, caller: Caller): object {
  const { manifests } = current;
  const { bundles, policies } = current.law;
  const readable = [...bundles.values()]
    .filter(({ layer }) => mayReadLayer(caller, layer))
    .sort((a, b) => compareLayers(a.layer, b.layer));
  return {
    revision: policies.revision,
    layers: readable.map(({ layer, digest, manifest }) => ({
      layer,
      digest,
      version: manifest.version,
      ...(manifest.title !== undefined && { title: manifest.title }),
      policies: Object.entries(manifest.policies).map(([policy, says]) => ({
        policy,
        title: policies.layers.get(layer)?.policies.get(policy)?.title ?? policy,
        ...says,
      })),
      council: councilBody(councilOf(layer, manifests)),
    })),
  };
}

/**
 * One bundle of a layer, in force now or before. What is only proposed is for those who may read proposals.
 *
 * @throws WitanError `not_found`, `store_corrupt`, `store_unavailable`
 */
async function bundleBody(
  { store, current }: App,
  layer: Layer,
  digest: string,
  caller: Caller,
): Promise<object> {
  const kept = await store.bundles.byDigest(digest);
  const history = await store.bundles.historyOf(layer);
  const revisions = history.filter((each) => each.digest === digest).map(({ revision }) => revision);
  const readable = revisions.length > 0 || mayReadProposals(caller, layer);
  if (kept?.layer !== layer || !readable)
    throw new WitanError('not_found', `\`${layer}\` has no bundle \`${digest}\``);
  const { files, manifest } = await keptBundle(store.bundles, digest);
  const inForce = current.law.bundles.get(layer)?.digest === digest;
  return { layer, digest, in_force: inForce, revisions, manifest, files };
}
