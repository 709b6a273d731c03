import type { Request } from 'express';
import type { App } from '../app.js';
import { WitanError } from '../errors.js';
import { createRegistryActs } from '../registry-acts.js';
import type { Domain } from '../registry/registry.js';
import { validatorOf } from '../schema.js';
import { readValid } from './body.js';
import { askingOf } from './decision-routes.js';
import { readLimit, readQuery } from './query.js';
import type { Route } from './route.js';

export const domainSchema = {
  type: 'object',
  required: ['name'],
  properties: {
    name: { type: 'string', minLength: 1, maxLength: 256 },
    description: { type: 'string', minLength: 1, maxLength: 4096 },
    team: { type: 'string', minLength: 1, maxLength: 256, description: 'the team that answers for it' },
  },
} as const;

const domains = validatorOf<Omit<Domain, 'path'>>(domainSchema);

/** The domains of the mesh. */
export function domainRoutes(app: App): readonly Route[] {
  const { config, registry } = app;
  const acts = createRegistryActs(app);
  return [
    {
      method: 'get',
      path: '/v1/domains',
      answer: (request, response) => {
        const { limit, cursor = '' } = readQuery(request, ['limit', 'cursor']);
        const matching = [...registry.domains()]
          .filter(({ path }) => path > cursor)
          .sort((a, b) => (a.path < b.path ? -1 : 1));
        const page = matching.slice(0, readLimit(limit));
        const last = page.at(-1);
        response.json({
          domains: page,
          ...(matching.length > page.length && last !== undefined && { next: last.path }),
        });
      },
    },
    {
      method: 'get',
      path: '/v1/domains/:path',
      answer: (request, response) => {
        const path = pathOf(request);
        const domain = registry.domain(path);
        if (domain === undefined)
          throw new WitanError('not_found', `the domain \`${path}\` is not registered`);
        response.json(domain);
      },
    },
    {
      method: 'put',
      path: '/v1/domains/:path',
      answer: async (request, response) => {
        const { name, description, team } = await readValid(request, domains, config.bodyBytesMax);
        const domain: Domain = {
          path: pathOf(request),
          name,
          ...(description !== undefined && { description }),
          ...(team !== undefined && { team }),
        };
        const { created } = await acts.putDomain(domain, askingOf(request));
        response.status(created ? 201 : 200).json(domain);
      },
    },
  ];
}

/** The path as it stands percent-encoded in the URL, as one segment: `finance%2Frisk`. */
function pathOf({ params }: Request): string {
  return String(params['path']);
}
