import { json, parameter, problem, ref, text, time, uuid } from './openapi-parts.js';
import { tokenRequestSchema } from './tokens.js';

const id = parameter('id', 'path', uuid);
const noToken = problem('no such token');
const invalid = problem('the request is malformed or not valid; `faults` name every place');

const token = {
  id: uuid,
  caller: { ...text, description: 'whom it speaks for' },
  roles: { type: 'array', items: text },
  note: text,
  created_at: time,
  created_by: text,
  expires_at: time,
  revoked_at: time,
} as const;

export const identitySchemas = {
  Token: {
    type: 'object',
    required: ['id', 'caller', 'roles', 'created_at', 'created_by'],
    description: 'what is kept of a token; its secret is not',
    properties: token,
  },
  NewToken: {
    type: 'object',
    required: ['id', 'caller', 'roles', 'created_at', 'created_by', 'secret'],
    properties: {
      ...token,
      secret: { ...text, description: 'what its bearer sends; it is answered this once' },
    },
  },
  TokenRequest: tokenRequestSchema,
} as const;

export const identityPaths = {
  '/v1/tokens': {
    get: {
      summary: 'List tokens, also those that are not valid any more',
      parameters: [
        parameter('caller', 'query'),
        parameter('limit', 'query', { type: 'integer', minimum: 1, maximum: 1000, default: 100 }),
        parameter('cursor', 'query'),
      ],
      responses: {
        200: {
          description: 'a page, the oldest first',
          ...json({
            type: 'object',
            required: ['tokens'],
            properties: { tokens: { type: 'array', items: ref('Token') }, next: text },
          }),
        },
        400: invalid,
      },
    },
    post: {
      summary: 'Make a token; its secret is answered this once',
      requestBody: json(ref('TokenRequest')),
      responses: {
        201: { description: 'the token with its secret', ...json(ref('NewToken')) },
        400: invalid,
        413: problem('10,000 tokens are valid already'),
      },
    },
  },
  '/v1/tokens/{id}': {
    get: {
      summary: 'A token',
      parameters: [id],
      responses: { 200: { description: 'the token', ...json(ref('Token')) }, 404: noToken },
    },
  },
  '/v1/tokens/{id}/revocation': {
    post: {
      summary: 'Take a token back; from then on it is not valid',
      parameters: [id],
      requestBody: json(ref('StatedReason')),
      responses: {
        200: { description: 'the token', ...json(ref('Token')) },
        400: invalid,
        404: noToken,
        409: problem('it is the last valid token of an operator'),
      },
    },
  },
} as const;
