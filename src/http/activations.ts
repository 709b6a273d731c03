import type { Request } from 'express';
import type { App } from '../app.js';
import type { ActivationRequest } from '../activating/activation.js';
import { PROPOSAL_LIMITS } from '../council/proposal-limits.js';
import { requireShort } from '../council/proposal-rules.js';
import type { Proposal } from '../council/proposal.js';
import { writeJson } from '../document/json.js';
import { validatorOf } from '../schema.js';
import { readValid } from './body.js';
import { askingOf } from './decision-routes.js';
import type { Route } from './route.js';

const time = { type: 'string', format: 'date-time' } as const;

export const activationSchema = {
  type: 'object',
  properties: {
    at: { ...time, description: 'comes into force by itself then; now without it' },
    shadow: {
      type: 'object',
      description: 'is evaluated beside the bundle in force instead, without effect',
      properties: { until: { ...time, description: 'when that ends; until it is put in force without it' } },
    },
    reason: { type: 'string', minLength: 1, maxLength: PROPOSAL_LIMITS.commentBytes },
    digest: {
      type: 'string',
      maxLength: 128,
      description:
        'of the bundle that was looked at; it is refused where another one is proposed by now. A second operator should send it',
    },
  },
} as const;

const requests = validatorOf<ActivationRequest>(activationSchema);

/** Puts what was approved in force, or runs it in shadow, and tells what the shadow run found. */
export function activationRoutes({ activation, config, councilActs, shadows }: App): readonly Route[] {
  /** Who may not see a proposal learns nothing by trying. */
  const visible = (request: Request): Proposal =>
    councilActs.find(String(request.params['id']), askingOf(request).caller);
  return [
    {
      method: 'post',
      path: '/v1/proposals/:id/activation',
      answer: async (request, response) => {
        const { id } = visible(request);
        const { at, shadow, reason, digest } = await readValid(request, requests, config.bodyBytesMax);
        requireShort('reason', reason, PROPOSAL_LIMITS.commentBytes);
        const asked: ActivationRequest = {
          ...(at !== undefined && { at }),
          ...(shadow !== undefined && {
            shadow: shadow.until === undefined ? {} : { until: shadow.until },
          }),
          ...(reason !== undefined && { reason }),
          ...(digest !== undefined && { digest }),
        };
        const proposal = await activation.activate(id, asked, askingOf(request));
        response.set('Cache-Control', 'no-store').json(await councilActs.shown(proposal));
      },
    },
    {
      method: 'get',
      path: '/v1/proposals/:id/shadow',
      answer: async (request, response) => {
        const report = await shadows.reportOf(visible(request));
        response.set('Cache-Control', 'no-store').type('json').send(writeJson(report));
      },
    },
  ];
}
