import type { Request } from 'express';
import type { App } from '../app.js';
import { councilOf } from '../council/council.js';
import { waiverSight, type WaiverSight } from '../council/waiver-authority.js';
import { WAIVER_CATEGORIES, WAIVER_STATES, type WaiverRequest } from '../council/waiver-request.js';
import { fallsAway, isInForce, type WaiverAsk } from '../council/waivers.js';
import { WitanError } from '../errors.js';
import { validatorOf, type Validator } from '../schema.js';
import { createWaiverActs } from '../waiver-acts.js';
import { waiverRates } from '../waiver-rates.js';
import { readValid } from './body.js';
import { callerOf } from './caller.js';
import { askingOf } from './decision-routes.js';
import { reasonSchema } from './evidence.js';
import { readLimit, readQuery } from './query.js';
import type { Route } from './route.js';

const name = { type: 'string', minLength: 1, maxLength: 512 } as const;
const { reason } = reasonSchema.properties;
const ids = {
  type: 'array',
  minItems: 1,
  maxItems: 100,
  uniqueItems: true,
  items: { type: 'string', minLength: 1, maxLength: 256 },
} as const;

export const waiverAskSchema = {
  type: 'object',
  required: ['layer', 'policy', 'domain', 'category', 'reason', 'until'],
  description: 'at least one of `resources` and `subjects` is given: no waiver is for everything',
  properties: {
    layer: { ...name, description: 'of the policy: `global`, or a domain that the asking one is or lies in' },
    policy: { ...name, description: 'a soft one' },
    domain: { ...name, description: 'the domain that asks' },
    category: {
      type: 'string',
      enum: WAIVER_CATEGORIES,
      description: '`waiver`: the risk is accepted; `mitigated`: other measures meet it',
    },
    reason,
    resources: { ...ids, description: "ids of the domain's own resources; all of them when absent" },
    subjects: { ...ids, description: 'ids of subjects; all of them when absent' },
    until: { type: 'string', format: 'date-time', description: 'its end, exclusive; at most 366 days ahead' },
  },
} as const;

export const waiverDecisionSchema = {
  type: 'object',
  required: ['decision', 'reason'],
  properties: { decision: { type: 'string', enum: ['grant', 'refuse'] }, reason },
} as const;

const asks = validatorOf<WaiverAsk>(waiverAskSchema);
const decisions = validatorOf<{ readonly decision: 'grant' | 'refuse'; readonly reason: string }>(
  waiverDecisionSchema,
);
const reasons = validatorOf<{ readonly reason: string }>(reasonSchema);

/** Waivers: asked for by a domain, decided and taken back by the council of the policy's layer. */
export function waiverRoutes(app: App): readonly Route[] {
  const show = showing(app);
  return [...readRoutes(app, show), ...actRoutes(app, show)];
}

/** What a waiver comes to now, beside what it says. */
interface Shown extends WaiverRequest {
  readonly in_force: boolean;
  readonly falls_away: boolean;
}
type Show = (waiver: WaiverRequest) => Shown;

function showing({ current, nowMs }: App): Show {
  return (waiver) => {
    const gone = fallsAway(waiver, current.policies);
    return { ...waiver, in_force: !gone && isInForce(waiver, nowMs()), falls_away: gone };
  };
}

function readRoutes({ council, current, registry, store, nowMs }: App, show: Show): readonly Route[] {
  const sightOf = (request: Request): WaiverSight => {
    const { manifests } = current;
    return waiverSight(callerOf(request), (layer) => councilOf(layer, manifests));
  };
  return [
    {
      method: 'get',
      path: '/v1/waivers',
      answer: (request, response) => {
        const { limit, before, matches } = listingOf(request);
        const sight = sightOf(request);
        const found: Shown[] = [];
        for (const waiver of [...council.waivers()].reverse()) {
          if (Number(waiver.id) >= before || !sight.waiver(waiver)) continue;
          const shown = show(waiver);
          if (matches(shown)) found.push(shown);
          if (found.length > limit) break;
        }
        const next = found.length > limit ? found[limit - 1]?.id : undefined;
        const waivers = found.slice(0, limit);
        response.set('Cache-Control', 'no-store').json({ waivers, ...(next !== undefined && { next }) });
      },
    },
    {
      method: 'get',
      path: '/v1/waivers/rates',
      answer: async (request, response) => {
        readQuery(request, []);
        const sight = sightOf(request);
        const waivers = [...council.waivers()].filter(({ layer }) => sight.ratesOf(layer));
        const rates = await waiverRates(waivers, store.records, {
          policies: current.policies,
          domains: [...registry.domains()].length,
          nowMs: nowMs(),
        });
        response.set('Cache-Control', 'no-store').json({ rates });
      },
    },
    {
      method: 'get',
      path: '/v1/waivers/:id',
      answer: (request, response) => {
        const id = String(request.params['id']);
        const sight = sightOf(request);
        const waiver = council.waiver(id);
        // One that is not for this caller's eyes is not told from one that is not there.
        if (waiver === undefined || !sight.waiver(waiver)) {
          throw new WitanError('not_found', `there is no waiver \`${id}\``);
        }
        response.set('Cache-Control', 'no-store').json(show(waiver));
      },
    },
  ];
}

function actRoutes(app: App, show: Show): readonly Route[] {
  const acts = createWaiverActs(app);
  const bodyOf = <T>(request: Request, validator: Validator<T>): Promise<T> =>
    readValid(request, validator, app.config.bodyBytesMax);
  return [
    {
      method: 'post',
      path: '/v1/waivers',
      answer: async (request, response) => {
        const waiver = await acts.ask(await bodyOf(request, asks), askingOf(request));
        response.status(201).location(`/v1/waivers/${waiver.id}`).json(show(waiver));
      },
    },
    {
      method: 'post',
      path: '/v1/waivers/:id/decision',
      answer: async (request, response) => {
        const decision = await bodyOf(request, decisions);
        response.json(show(await acts.decide(String(request.params['id']), decision, askingOf(request))));
      },
    },
    {
      method: 'post',
      path: '/v1/waivers/:id/revocation',
      answer: async (request, response) => {
        const why = await bodyOf(request, reasons);
        response.json(show(await acts.revoke(String(request.params['id']), why, askingOf(request))));
      },
    },
  ];
}

/** What a list of waivers is narrowed by. */
interface Listing {
  readonly limit: number;
  /** Those with a smaller id follow. */
  readonly before: number;
  readonly matches: (waiver: Shown) => boolean;
}

/** @throws WitanError `invalid_request` */
function listingOf(request: Request): Listing {
  const query = readQuery(request, ['layer', 'policy', 'domain', 'state', 'in_force', 'limit', 'cursor']);
  const { layer, policy, domain, state, in_force: inForce, cursor } = query;
  requireOneOf('state', state, WAIVER_STATES);
  requireOneOf('in_force', inForce, ['true', 'false']);
  if (cursor !== undefined && !/^[1-9]\d{0,14}$/.test(cursor)) {
    throw new WitanError('invalid_request', `\`cursor\` is \`${cursor}\`; expected \`next\` of a page`);
  }
  return {
    limit: readLimit(query.limit),
    before: cursor === undefined ? Number.POSITIVE_INFINITY : Number(cursor),
    matches: (waiver) =>
      (layer === undefined || waiver.layer === layer) &&
      (policy === undefined || waiver.policy === policy) &&
      (domain === undefined || waiver.domain === domain) &&
      (state === undefined || waiver.state === state) &&
      (inForce === undefined || waiver.in_force === (inForce === 'true')),
  };
}

function requireOneOf(parameter: string, value: string | undefined, known: readonly string[]): void {
  if (value === undefined || known.includes(value)) return;
  throw new WitanError('invalid_request', `\`${parameter}\` is \`${value}\`; expected ${known.join(', ')}`);
}
