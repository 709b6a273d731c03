import { domainSchema } from './domains.js';
import { entitySchema } from './entities.js';
import { count, json, parameter, problem, ref, text } from './openapi-parts.js';

export const registrySchemas = {
  EntityContent: entitySchema,
  Entity: {
    type: 'object',
    required: ['type', 'id', 'properties'],
    properties: { type: text, id: text, ...entitySchema.properties },
  },
  DomainContent: domainSchema,
  Domain: {
    type: 'object',
    required: ['path', 'name'],
    properties: { path: { ...text, description: 'such as `finance/risk`' }, ...domainSchema.properties },
  },
};

const forbidden = problem('the caller is no operator');
const invalid = problem('the request is not valid; `faults` name every place');
const unknown = problem('not registered');
const entity = { ...json(ref('Entity')) };
const domain = { ...json(ref('Domain')) };
const named = [parameter('type', 'path'), parameter('id', 'path')];
const path = [parameter('path', 'path', { ...text, description: 'percent-encoded: `finance%2Frisk`' })];
const paging = [
  parameter('limit', 'query', { type: 'integer', minimum: 1, maximum: 1000, default: 100 }),
  parameter('cursor', 'query'),
];

export const registryPaths = {
  '/v1/entities': {
    get: {
      summary: 'What the mesh knows of subjects, and of resources that are no data products',
      parameters: [parameter('type', 'query'), parameter('domain', 'query'), ...paging],
      responses: {
        200: {
          description: 'a page in the order of types and ids',
          ...json({
            type: 'object',
            properties: { entities: { type: 'array', items: ref('Entity') }, next: text },
          }),
        },
        400: invalid,
        403: problem('the caller has no role that reads it'),
      },
    },
  },
  '/v1/entities/{type}/{id}': {
    get: {
      summary: 'One entity',
      parameters: named,
      responses: { 200: { description: 'the entity', ...entity }, 404: unknown },
    },
    put: {
      summary: 'Register an entity, or what is known of it from now on; data products are none',
      parameters: named,
      requestBody: json(ref('EntityContent')),
      responses: {
        200: { description: 'it was changed', ...entity },
        201: { description: 'it was registered', ...entity },
        400: invalid,
        403: forbidden,
      },
    },
    delete: {
      summary: 'Delete an entity; the tokens of a person stay valid unless `revoke_tokens` is true',
      parameters: [...named, parameter('revoke_tokens', 'query', { type: 'boolean', default: false })],
      responses: {
        200: {
          description: 'it is gone',
          ...json({
            type: 'object',
            properties: { type: text, id: text, tokens_revoked: count, tokens_kept: count },
          }),
        },
        400: invalid,
        403: forbidden,
        404: unknown,
      },
    },
  },
  '/v1/domains': {
    get: {
      summary: 'The domains of the mesh',
      parameters: paging,
      responses: {
        200: {
          description: 'a page in the order of paths',
          ...json({
            type: 'object',
            properties: { domains: { type: 'array', items: ref('Domain') }, next: text },
          }),
        },
        400: invalid,
      },
    },
  },
  '/v1/domains/{path}': {
    get: {
      summary: 'One domain',
      parameters: path,
      responses: { 200: { description: 'the domain', ...domain }, 404: unknown },
    },
    put: {
      summary: 'Register a domain, or how it is described from now on',
      parameters: path,
      requestBody: json(ref('DomainContent')),
      responses: {
        200: { description: 'it was changed', ...domain },
        201: { description: 'it was registered', ...domain },
        400: invalid,
        403: forbidden,
      },
    },
  },
};
