import { writeJson } from '../document/json.js';
import type { Request, Response } from 'express';
import type { App } from '../app.js';
import type { Answer } from '../decision/decision-point.js';
import { productLifecycle } from '../decision/product-lifecycle.js';
import { WitanError } from '../errors.js';
import { ROLES } from '../identity/caller.js';
import { domainsOf } from '../identity/grant.js';
import type { RegisteredProduct } from '../registry/registry.js';
import { parseBody, readBody, requireMediaType } from './body.js';
import { callerOf } from './caller.js';
import type { Route } from './route.js';
import { askingOf, contextOf } from './decision-routes.js';
import { readDescribed } from './described.js';
import { problemOf, PROBLEM_MEDIA_TYPE } from './problem.js';
import { readLimit, readQuery } from './query.js';

/** The registry of data products: register and retire, each where policies permit it; read; list. */
export function productRoutes(app: App): readonly Route[] {
  return [...lifecycleRoutes(app), ...readRoutes(app)];
}

function lifecycleRoutes({ config, decisionPoint, registry, show }: App): readonly Route[] {
  const lifecycle = productLifecycle({ decisionPoint, registry, show });
  return [
    {
      method: 'put',
      path: '/v1/products/:id',
      answer: async (request, response) => {
        requireMediaType(request, 'application/json');
        const described = readDescribed(parseBody(await readBody(request, config.bodyBytesMax)));
        const { answer, created, product } = await lifecycle.register(
          { id: idOf(request), ...described },
          askingOf(request),
        );
        response.set({ 'Cache-Control': 'no-store', 'X-Decision-Id': answer.id });
        if (product === undefined) {
          refuse(response, answer, 'registered');
          return;
        }
        response
          .status(created ? 201 : 200)
          .type('json')
          .send(writeJson({ ...permitted(answer), product: summaryOf(product) }));
      },
    },
    {
      method: 'delete',
      path: '/v1/products/:id',
      answer: async (request, response) => {
        const { answer, product, retired } = await lifecycle.retire({ id: idOf(request) }, askingOf(request));
        response.set({ 'Cache-Control': 'no-store', 'X-Decision-Id': answer.id });
        if (retired)
          response.type('json').send(writeJson({ ...permitted(answer), product: summaryOf(product) }));
        else refuse(response, answer, 'retired');
      },
    },
  ];
}

function readRoutes({ registry }: App): readonly Route[] {
  return [
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
        const seen = domainsOf(callerOf(request), ROLES);
        const { products, next } = pageAfter(after, limit, registry, domainsShown(query['domain'], seen));
        response.json({ products: products.map(summaryOf), ...(next !== undefined && { next }) });
      },
    },
  ];
}

function permitted(answer: Answer): object {
  return { decision: true, id: answer.id, ...contextOf(answer) };
}

/** Says which policies stand in the way of what was to be done. */
function refuse(response: Response, answer: Answer, done: 'registered' | 'retired'): void {
  const message = `the product was not ${done}: ${answer.decision.reasons.length} policies or rules refuse it`;
  const { status, problem } = problemOf(new WitanError('product_not_compliant', message));
  const body = { ...problem, decision: false, id: answer.id, ...contextOf(answer) };
  response.status(status).type(PROBLEM_MEDIA_TYPE).send(writeJson(body));
}

/** The domains whose products are listed: the one that is asked for, of those that the caller sees. */
function domainsShown(
  asked: string | undefined,
  seen: readonly string[] | 'all',
): readonly string[] | undefined {
  if (asked === undefined) return seen === 'all' ? undefined : seen;
  return seen === 'all' || seen.includes(asked) ? [asked] : [];
}

/** @returns one page, and where the next one goes on, if there is any */
function pageAfter(
  after: string,
  limit: number,
  registry: App['registry'],
  domains: readonly string[] | undefined,
): { readonly products: readonly RegisteredProduct[]; readonly next: string | undefined } {
  const products: RegisteredProduct[] = [];
  for (const product of registry.productsAfter(after, domains)) {
    if (products.length === limit) return { products, next: products.at(-1)?.id };
    products.push(product);
  }
  return { products, next: undefined };
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
