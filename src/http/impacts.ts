import type { Request, Response } from 'express';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { App } from '../app.js';
import { narrowedTo, withSamplesOf, type ImpactReport } from '../council/impact.js';
import { READERS } from '../council/visible.js';
import { writeJson } from '../document/json.js';
import { domainsOf } from '../identity/grant.js';
import type { Caller } from '../identity/caller.js';
import { askingOf } from './decision-routes.js';
import { readQuery } from './query.js';
import type { Route } from './route.js';

/** A connection that takes nothing for so long is given up, in milliseconds. */
const STALLED_MS_MAX = 60_000;

/** What proposals would change: shown, found out again, followed, cancelled. */
export function impactRoutes({ proposalImpacts }: Pick<App, 'proposalImpacts'>): readonly Route[] {
  const path = '/v1/proposals/:id/impact';
  return [
    {
      method: 'get',
      path,
      answer: async (request, response) => {
        const { domain } = readQuery(request, ['domain']);
        const { caller } = askingOf(request);
        const report = readableBy(caller, await proposalImpacts.report(idOf(request), caller));
        const shown = domain === undefined ? report : narrowedTo(report, domain);
        response.set('Cache-Control', 'no-store').type('application/json').send(writeJson(shown));
      },
    },
    {
      method: 'post',
      path,
      answer: async (request, response) => {
        await proposalImpacts.again(idOf(request), askingOf(request));
        response
          .status(202)
          .set('Location', `/v1/proposals/${idOf(request)}/impact/progress`)
          .end();
      },
    },
    {
      method: 'delete',
      path,
      answer: (request, response) => {
        proposalImpacts.cancel(idOf(request), askingOf(request).caller);
        response.status(204).end();
      },
    },
    {
      method: 'get',
      path: `${path}/progress`,
      answer: (request, response) =>
        sendLines(request, response, proposalImpacts.follow(idOf(request), askingOf(request).caller)),
    },
  ];
}

/** Samples quote records and products, which who reads for some domains alone may read of those alone. */
function readableBy(caller: Caller, report: ImpactReport): ImpactReport {
  const domains = domainsOf(caller, READERS);
  return domains === 'all' ? report : withSamplesOf(report, domains);
}

function idOf({ params }: Request): string {
  return String(params['id']);
}

async function sendLines(
  request: Request,
  response: Response,
  items: AsyncGenerator<object, void, undefined>,
): Promise<void> {
  response.set({ 'Content-Type': 'application/x-ndjson', 'Cache-Control': 'no-store' });
  response.setTimeout(STALLED_MS_MAX, () => response.destroy());
  try {
    await pipeline(Readable.from(linesOf(items)), response);
  } catch (thrown) {
    // The connection is gone, whoever ended it; there is nobody to answer.
    request.log.warn({ err: thrown, url: request.url }, 'progress was no longer followed');
  } finally {
    response.setTimeout(0);
  }
}

async function* linesOf(
  items: AsyncGenerator<object, void, undefined>,
): AsyncGenerator<string, void, undefined> {
  for await (const item of items) yield `${writeJson(item)}\n`;
}
