import { writeJson } from '../document/json.js';
import type { Request } from 'express';
import type { App } from '../app.js';
import { productRegistration } from '../decision/register-product.js';
import { WitanError } from '../errors.js';
import { ROLES } from '../identity/caller.js';
import { domainsOf } from '../identity/grant.js';
import type { RegisteredProduct } from '../registry/registry.js';
import { parseBody, readBody, requireMediaType } from './body.js';
import { callerOf } from './caller.js';
import type { Route } from './route.js';
import { askingOf, bodyOf } from './decision-routes.js';
import { readDescribed } from './described.js';
import { problemOf, PROBLEM_MEDIA_TYPE } from './problem.js';
import { readLimit, readQuery } from './query.js';

/** The registry of data products: register (which runs `publish`), read, list. */
export function productRoutes({ config, decisionPoint, registry }: App): readonly Route[] {
  const register = productRegistration({ decisionPoint, registry });
  return [
    {
      method: 'put',
      path: '/v1/products/:id',
      answer: async (request, response) => {
        requireMediaType(request, 'application/json');
        const described = readDescribed(parseBody(await readBody(request, config.bodyBytesMax)));
        const { answer, created, product } = await register(
          { id: idOf(request), ...described },
          askingOf(request),
        );
        const { context } = bodyOf(answer);
        response.set({ 'Cache-Control': 'no-store', 'X-Decision-Id': answer.id });
        if (product === undefined) {
          const message = `the product was not registered: ${answer.decision.reasons.length} policies or rules refuse it`;
          const { status, problem } = problemOf(new WitanError('product_not_compliant', message));
          const body = { ...problem, decision: false, id: answer.id, ...context };
          response.status(status).type(PROBLEM_MEDIA_TYPE).send(writeJson(body));
          return;
        }
        response
          .status(created ? 201 : 200)
          .type('json')
          .send(writeJson({ decision: true, id: answer.id, ...context, product: summaryOf(product) }));
      },
    },
    {
      method: 'get',
      path: '/v1/products/:id',
      answer: (request, response) => {
        const id = idOf(request);
        const product = registry.product(id);
        if (product === undefined || !isSeen(request, product))
          throw new WitanError('not_found', `the data product \`${id}\` is not registered`);
        const body = { ...summaryOf(product), product: product.product, contracts: product.contracts };
        response.type('json').send(writeJson(body));
      },
    },
    {
      method: 'get',
      path: '/v1/products',
      answer: (request, response) => {
        const query = readQuery(request, ['domain', 'limit', 'cursor']);
        const limit = readLimit(query['limit']);
        const after = query['cursor'] ?? '';
        const { domain } = query;
        const matching = [...registry.products()]
          .filter((product) => product.id > after && (domain === undefined || product.domain === domain))
          .filter((product) => isSeen(request, product))
          .sort((a, b) => (a.id < b.id ? -1 : 1));
        const page = matching.slice(0, limit);
        const last = page.at(-1);
        response.json({
          products: page.map(summaryOf),
          ...(matching.length > page.length && last !== undefined && { next: last.id }),
        });
      },
    },
  ];
}

/** Whose roles are those of domains sees the products of these. */
function isSeen(request: Request, { domain }: RegisteredProduct): boolean {
  const seen = domainsOf(callerOf(request), ROLES);
  return seen === 'all' || (domain !== undefined && seen.includes(domain));
}

function idOf({ params }: Request): string {
  const { id } = params;
  return typeof id === 'string' ? id : '';
}

function summaryOf({ id, domain, product, digest, registeredAt, updatedAt }: RegisteredProduct): object {
  return {
    id,
    domain,
    name: product.name,
    version: product.version,
    status: product.status,
    digest,
    registered_at: registeredAt,
    updated_at: updatedAt,
  };
}
