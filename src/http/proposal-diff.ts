import type { App } from '../app.js';
import { writeJson } from '../document/json.js';
import { proposalDiff, readAgainst } from '../proposing/proposal-diff.js';
import { askingOf } from './decision-routes.js';
import { readQuery } from './query.js';
import type { Route } from './route.js';

/** What a proposal changes: in words, as data, and line by line. */
export function proposalDiffRoute({ store, current, council, councilActs, registry, nowMs }: App): Route {
  return {
    method: 'get',
    path: '/v1/proposals/:id/diff',
    answer: async (request, response) => {
      const against = readAgainst(readQuery(request, ['against']).against);
      // Who votes on a proposal sees what it changes; who may not see it is not told that there is one.
      const proposal = councilActs.find(String(request.params['id']), askingOf(request).caller);
      const diff = await proposalDiff(proposal, against, {
        bundles: store.bundles,
        current,
        council,
        registry,
        nowMs,
      });
      response.set('Cache-Control', 'no-store').type('json').send(writeJson(diff));
    },
  };
}
