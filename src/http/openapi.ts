import {
  actionSchema,
  entityReferenceSchema,
  EVALUATIONS_SEMANTICS,
  evaluationSchema,
} from '../decision/request.js';
import { ERROR_CODES } from '../errors.js';
import { identityPaths, identitySchemas } from './openapi-identity.js';
import { activationPaths, activationSchemas } from './openapi-activations.js';
import { checkPaths, checkSchemas } from './openapi-checks.js';
import { impactPaths, impactSchemas } from './openapi-impacts.js';
import { layerPaths, layerSchemas } from './openapi-layers.js';
import { logPaths, logSchemas } from './openapi-log.js';
import { json, parameter, problem, ref, text, time, uuid } from './openapi-parts.js';
import { secured, security, securityResponses, securitySchemes } from './openapi-security.js';
import { proposalPaths, proposalSchemas } from './openapi-proposals.js';
import { replayPaths, replaySchemas } from './openapi-replays.js';
import { recordPaths, recordSchemas } from './openapi-records.js';
import { registryPaths, registrySchemas } from './openapi-registry.js';
import { waiverPaths, waiverSchemas } from './openapi-waivers.js';

const PROBLEMS = {
  400: problem('the request is malformed or not valid; `faults` name every place'),
  413: problem('the body or the batch is larger than the limit'),
  415: problem('the media type is not supported'),
  503: problem('the decision cannot be recorded, so nothing was decided; try again'),
};

const enforcement = { type: 'string', enum: ['hard', 'soft', 'advisory', 'shadow'] } as const;

const said = {
  message: text,
  path: { ...text, description: 'JSON pointer into the input of policies' },
  code: text,
  remedy: text,
};

const schemas = {
  EntityReference: entityReferenceSchema,
  Action: actionSchema,
  Evaluation: evaluationSchema,
  Evaluations: {
    type: 'object',
    properties: {
      ...evaluationSchema.properties,
      evaluations: {
        type: 'array',
        items: { type: 'object', properties: evaluationSchema.properties },
        description: 'each takes the members of the top level that it does not have',
      },
      options: {
        type: 'object',
        properties: {
          evaluations_semantic: { type: 'string', enum: EVALUATIONS_SEMANTICS, default: 'execute_all' },
        },
      },
    },
  },
  Reason: {
    type: 'object',
    required: ['layer', 'enforcement', 'message'],
    properties: { policy: text, layer: text, enforcement, ...said },
  },
  Advice: {
    type: 'object',
    required: ['layer', 'message'],
    properties: { policy: text, layer: text, enforcement, waiver: text, enforced_from: time, ...said },
  },
  Obligation: {
    type: 'object',
    required: ['type', 'properties'],
    properties: { type: text, properties: { type: 'object' } },
  },
  DecisionContext: {
    type: 'object',
    required: ['code', 'reasons', 'obligations', 'advice', 'revision'],
    properties: {
      id: { type: 'string', format: 'uuid', description: 'id of the record; absent in the items of a batch' },
      code: { type: 'string', enum: ['permitted', 'forbidden', 'not_permitted', 'policy_error'] },
      reasons: { type: 'array', items: ref('Reason') },
      obligations: { type: 'array', items: ref('Obligation') },
      advice: { type: 'array', items: ref('Advice') },
      revision: { type: 'integer', minimum: 1 },
    },
  },
  Decision: {
    type: 'object',
    required: ['decision'],
    properties: { decision: { type: 'boolean' }, context: ref('DecisionContext') },
  },
  Decisions: { type: 'object', properties: { evaluations: { type: 'array', items: ref('Decision') } } },
  Described: {
    type: 'object',
    description: 'a bare descriptor of a supported format, or `descriptor` with `contracts` beside it',
    properties: {
      descriptor: { type: 'object' },
      contracts: { type: 'array', items: { type: 'object' }, description: 'ODCS contracts' },
      action: { type: 'string', enum: ['register', 'publish', 'deprecate', 'retire'] },
    },
  },
  ProductSummary: {
    type: 'object',
    properties: {
      id: text,
      domain: text,
      name: text,
      version: text,
      status: text,
      digest: text,
      registered_at: time,
      updated_at: time,
    },
  },
  ...recordSchemas,
  ...replaySchemas,
  ...impactSchemas,
  ...logSchemas,
  ...waiverSchemas,
  ...registrySchemas,
  ...identitySchemas,
  ...checkSchemas,
  ...proposalSchemas,
  ...layerSchemas,
  ...activationSchemas,
  Problem: {
    type: 'object',
    description: 'RFC 9457',
    required: ['type', 'title', 'status', 'code', 'detail'],
    properties: {
      type: text,
      title: text,
      status: { type: 'integer' },
      code: { type: 'string', enum: ERROR_CODES },
      detail: text,
      faults: { type: 'array', items: ref('Fault') },
    },
  },
};

const paging = [
  parameter('limit', 'query', { type: 'integer', minimum: 1, maximum: 1000, default: 100 }),
  parameter('cursor', 'query'),
];

const registered = {
  type: 'object',
  properties: { decision: { type: 'boolean' }, product: ref('ProductSummary') },
};

/** The HTTP interface, made of the schemas that requests are checked with; `docs/openapi.json` is this document. */
export const openApiDocument = {
  openapi: '3.1.0',
  info: {
    title: 'Witan',
    version: '0.1.0',
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    description:
      'Federated computational governance for data meshes. Decisions follow OpenID AuthZEN Authorization API 1.0.',
  },
  security,
  paths: secured({
    '/access/v1/evaluation': {
      post: {
        summary: 'Decide one evaluation; the answer is on record before it is given',
        requestBody: json(ref('Evaluation')),
        responses: { 200: { description: 'the decision', ...json(ref('Decision')) }, ...PROBLEMS },
      },
    },
    '/access/v1/evaluations': {
      post: {
        summary: 'Decide several evaluations in one request',
        requestBody: json(ref('Evaluations')),
        responses: {
          200: { description: 'the decisions, in order', ...json(ref('Decisions')) },
          ...PROBLEMS,
        },
      },
    },
    '/v1/products': {
      get: {
        summary: 'List data products',
        parameters: [parameter('domain', 'query'), ...paging],
        responses: {
          200: {
            description: 'a page in the order of ids',
            ...json({
              type: 'object',
              properties: { products: { type: 'array', items: ref('ProductSummary') }, next: text },
            }),
          },
          400: PROBLEMS[400],
        },
      },
    },
    '/v1/products/{id}': {
      put: {
        summary: 'Register a data product, or a new version of it; runs `publish`',
        parameters: [parameter('id', 'path')],
        requestBody: json(ref('Described')),
        responses: {
          200: { description: 'the new version is registered', ...json(registered) },
          201: { description: 'the product is registered', ...json(registered) },
          422: problem('a policy refuses it; `reasons` say which and why'),
          ...PROBLEMS,
        },
      },
      get: {
        summary: 'A data product and its contracts in normal form',
        parameters: [parameter('id', 'path')],
        responses: {
          200: { description: 'the product', ...json(ref('ProductSummary')) },
          404: problem('not registered'),
        },
      },
      delete: {
        summary: 'Take a data product off the mesh, where policies permit `retire`',
        parameters: [parameter('id', 'path')],
        responses: {
          200: { description: 'it is gone', ...json(registered) },
          404: problem('not registered'),
          422: problem('a policy refuses it; `reasons` say which and why'),
          503: PROBLEMS[503],
        },
      },
    },
    '/v1/compliance': {
      post: {
        summary: 'What `publish` would answer, without registering and without a record',
        requestBody: {
          content: {
            'application/json': { schema: ref('Described') },
            'application/x-ndjson': { schema: text },
          },
        },
        responses: { 200: { description: 'the answer, or one a line' }, ...PROBLEMS },
      },
    },
    ...recordPaths,
    ...replayPaths,
    ...impactPaths,
    ...logPaths,
    ...waiverPaths,
    ...registryPaths,
    ...identityPaths,
    ...checkPaths,
    ...proposalPaths,
    ...layerPaths,
    ...activationPaths,
    '/v1/documents/{digest}': {
      get: {
        summary: 'The metadata that a record names by digest',
        parameters: [
          parameter('digest', 'path'),
          parameter('record', 'query', {
            ...uuid,
            description: 'a record that names the document; auditors of the whole mesh need none',
          }),
        ],
        responses: {
          200: { description: 'product and contracts in normal form', ...json({ type: 'object' }) },
          404: problem('no such document'),
        },
      },
    },
    '/healthz': { get: { summary: 'The process answers', responses: { 200: { description: 'it does' } } } },
    '/readyz': {
      get: {
        summary: 'Decisions can be made and recorded',
        responses: { 200: { description: 'they can' }, 503: { description: 'they cannot' } },
      },
    },
    '/openapi.json': { get: { summary: 'This document', responses: { 200: { description: 'it' } } } },
  }),
  components: { schemas, securitySchemes, responses: securityResponses },
} as const;
