import type { App } from '../app.js';
import { mayReadProposals } from '../council/visible-layers.js';
import { writeJson } from '../document/json.js';
import { WitanError } from '../errors.js';
import { proposalDiff, readAgainst } from '../proposal-diff.js';
import { askingOf } from './decision-routes.js';
import { readQuery } from './query.js';
import type { Route } from './route.js';

/** What a proposal changes: in words, as data, and line by line. */
export function proposalDiffRoute({ store, current, council, registry, nowMs }: App): Route {
  return {
    method: 'get',
    path: '/v1/proposals/:id/diff',
    answer: async (request, response) => {
      const against = readAgainst(readQuery(request, ['against']).against);
      const id = String(request.params['id']);
      const proposal = council.proposal(id);
      if (proposal === undefined) throw new WitanError('not_found', `there is no proposal \`${id}\``);
      const { caller } = askingOf(request);
      if (!mayReadProposals(caller, proposal.layer)) {
        throw new WitanError('forbidden', `\`${caller.id}\` may not read proposals of \`${proposal.layer}\``);
      }
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
