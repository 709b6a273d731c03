import { DECISION_CHANGES, PRODUCT_CHANGES } from '../council/impact.js';
import { IMPACT_STEPS } from '../impact/impact-protocol.js';
import { count, json, parameter, problem, ref, text, time, uuid } from './openapi-parts.js';

const id = parameter('id', 'path', { ...text, description: 'of the proposal' });

const counts = (of: string, names: readonly string[]) => ({
  type: 'object',
  required: [of, ...names],
  properties: Object.fromEntries([of, ...names].map((name) => [name, count])),
});

const list = (items: object, description?: string) => ({
  type: 'array',
  items,
  ...(description !== undefined && { description }),
});

const answer = {
  type: 'object',
  required: ['decision', 'code'],
  properties: { decision: { type: 'boolean' }, code: text },
};

const outcome = { type: 'string', enum: ['error', 'deny', 'permit', 'abstain'] } as const;
const changes = (names: readonly string[]) => ({
  type: 'string',
  enum: names.filter((name) => name !== 'unchanged'),
});
const obligations = list(ref('Obligation'));

export const impactSchemas = {
  DecisionCounts: {
    ...counts('records', [...DECISION_CHANGES, 'newly_denied_in_error']),
    description:
      'recorded decisions by what would become of them: the classes sum up to `records`; `newly_denied_in_error` is a part of `newly_denied`',
  },
  ProductCounts: {
    ...counts('products', PRODUCT_CHANGES),
    description: 'registered products by what would become of them; the classes sum up to `products`',
  },
  DecisionSample: {
    type: 'object',
    required: ['change', 'record', 'sequence', 'time', 'records', 'was', 'would_be', 'reasons', 'policies'],
    properties: {
      change: changes(DECISION_CHANGES),
      record: { ...uuid, description: 'the newest record of the request' },
      sequence: count,
      time,
      records: { ...count, description: 'how many records are of the same request' },
      domain: text,
      consumer_domain: text,
      was: answer,
      would_be: answer,
      reasons: list(ref('Reason'), 'under the proposal; at most ten'),
      reasons_total: count,
      obligations: { type: 'object', properties: { was: obligations, would_be: obligations } },
      policies: list(
        {
          type: 'object',
          required: ['layer', 'was', 'would_be'],
          properties: { layer: text, policy: text, was: outcome, would_be: outcome },
        },
        'those that say something else; at most ten',
      ),
      masked: { type: 'boolean', description: 'whether something of the request is masked' },
    },
  },
  ProductSample: {
    type: 'object',
    required: ['change', 'product', 'reasons', 'reasons_total', 'advice', 'advice_total'],
    properties: {
      change: changes(PRODUCT_CHANGES),
      product: text,
      domain: text,
      reasons: list(ref('Reason'), 'what binds, under the proposal; at most ten'),
      reasons_total: count,
      advice: list(ref('Advice'), 'what does not bind, under the proposal; at most ten'),
      advice_total: count,
    },
  },
  ImpactMaterial: {
    type: 'object',
    description: 'what the impact was made from: how old it is, and how complete',
    properties: {
      from_sequence: count,
      to_sequence: { ...count, description: 'half-open' },
      from_time: time,
      to_time: time,
      records_max: count,
      records: { ...count, description: 'decisions that were looked at' },
      older: { ...count, description: 'records before them that are left out' },
      pruned: count,
      distinct: { ...count, description: 'distinct requests; an estimate where they are sampled' },
      sampled: { type: 'boolean' },
      seed: text,
      evaluated: {
        type: 'object',
        properties: {
          distinct: count,
          records: count,
          share: { type: 'number', minimum: 0, maximum: 1, description: 'of `records`' },
        },
      },
      masked: {
        type: 'object',
        description: 'evaluated with commitments in the place of masked values',
        properties: { distinct: count, records: count },
      },
      moved_since: {
        ...count,
        description: 'records that are decided otherwise by what is in force now than they were then',
      },
      unreadable: list({ type: 'object', properties: { reason: text, records: count } }),
      products: count,
    },
  },
  Impact: {
    type: 'object',
    required: ['proposal', 'layer', 'digest', 'at', 'compared_with', 'material', 'touched'],
    properties: {
      proposal: text,
      layer: text,
      digest: text,
      at: { ...time, description: 'the moment of all evaluations' },
      compared_with: { type: 'object', properties: { revision: count, digest: text } },
      seconds: { type: 'number' },
      material: ref('ImpactMaterial'),
      touched: list(text, 'domains whose decisions or products would change, owning or consuming'),
      decisions: {
        type: 'object',
        properties: {
          total: ref('DecisionCounts'),
          by_domain: list({
            type: 'object',
            properties: { domain: text, owning: ref('DecisionCounts'), consuming: ref('DecisionCounts') },
          }),
          samples_each: count,
          samples: list(ref('DecisionSample')),
        },
      },
      products: {
        type: 'object',
        properties: {
          total: ref('ProductCounts'),
          by_domain: list({ allOf: [ref('ProductCounts'), { properties: { domain: text } }] }),
          samples_each: count,
          samples: list(ref('ProductSample')),
        },
      },
    },
  },
  ImpactProgress: {
    type: 'object',
    description: 'the last line has `ended` instead',
    properties: {
      done: count,
      of: count,
      step: { type: 'string', enum: IMPACT_STEPS },
      ended: { type: 'string', enum: ['done', 'cancelled', 'failed'] },
      reason: text,
    },
  },
};

const notFound = problem('no such proposal, or it has none');
const forbidden = problem('the caller may not');

export const impactPaths = {
  '/v1/proposals/{id}/impact': {
    get: {
      summary: 'What a proposal would change, as it was found out last',
      description:
        'Whoever reads for some domains alone gets the samples of those alone; the counts are those of the mesh.',
      parameters: [
        id,
        parameter('domain', 'query', { ...text, description: 'its rows and samples alone; totals stay' }),
      ],
      responses: {
        200: { description: 'the impact', ...json(ref('Impact')) },
        403: forbidden,
        404: notFound,
      },
    },
    post: {
      summary: 'Find it out again',
      description: 'For the author, those who vote on it, and operators. One that is under way goes on.',
      parameters: [id],
      responses: {
        202: { description: 'it was begun, or is under way; `Location` tells of its progress' },
        403: forbidden,
        404: notFound,
        409: problem('nothing is decided any more (`proposal_closed`)'),
      },
    },
    delete: {
      summary: 'Cancel one that waits or runs',
      parameters: [id],
      responses: { 204: { description: 'it is cancelled' }, 403: forbidden, 404: notFound },
    },
  },
  '/v1/proposals/{id}/impact/progress': {
    get: {
      summary: 'How it goes on, line by line, until it ends',
      parameters: [id],
      responses: {
        200: {
          description: 'as it goes on',
          content: { 'application/x-ndjson': { schema: ref('ImpactProgress') } },
        },
        403: forbidden,
        404: notFound,
      },
    },
  },
};
