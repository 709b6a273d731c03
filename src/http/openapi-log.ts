import { erasureRequestSchema, holdRequestSchema, reasonSchema } from './evidence.js';
import { count, json, parameter, problem, ref, text, time, uuid } from './openapi-parts.js';

const id = parameter('id', 'path', uuid);
const pointer = { type: 'string', format: 'json-pointer' } as const;
const plain = { content: { 'text/plain': { schema: text } } };
const noRecord = problem('no such record, or it was pruned');
const invalid = problem('the request is malformed or not valid');
const unavailable = problem('the act cannot be recorded, so it was not done; try again');

export const logSchemas = {
  MaskedValue: {
    type: 'object',
    required: ['pointer'],
    description: 'with `value`, `salt` and `commitment`, or with `erased`',
    properties: {
      pointer: { ...pointer, description: 'into the evaluation of the record' },
      value: { description: 'as it was before it was masked' },
      salt: { ...text, contentEncoding: 'base64' },
      commitment: {
        ...text,
        description:
          '`sha256:<hex>` of the salt followed by the value as canonical JSON; it stands in the record',
      },
      erased: { const: true },
    },
  },
  ErasureRequest: {
    ...erasureRequestSchema,
    description: 'which records: `query` or `records`, and not both; all that they mask without `pointers`',
  },
  Hold: {
    type: 'object',
    required: ['id', 'query', 'reason', 'placed_at'],
    properties: {
      id: uuid,
      query: { ...text, description: 'which records it covers, also those to come' },
      reason: text,
      placed_at: time,
    },
  },
  HoldRequest: holdRequestSchema,
  StatedReason: reasonSchema,
  Retention: {
    type: 'object',
    required: ['minimum_index', 'prunable_to'],
    properties: {
      minimum_index: { ...count, description: 'the first record that is kept' },
      prunable_to: {
        ...count,
        description: 'the first that pruning would keep: whole bundles of 256 records go, from the front',
      },
      kept_by: {
        type: 'object',
        required: ['sequence', 'id', 'time', 'because'],
        description:
          'the first record that must be kept; absent when none before the last checkpoint must be',
        properties: {
          sequence: count,
          id: uuid,
          time,
          because: {
            type: 'string',
            enum: ['hold', 'retention', 'no_retention'],
            description:
              'a hold covers it; it is younger than `layer` keeps records; or no layer of it says how long it is kept',
          },
          hold: ref('Hold'),
          layer: text,
          duration: { ...text, description: 'ISO 8601' },
        },
      },
    },
  },
} as const;

export const logPaths = {
  '/log/checkpoint': {
    get: {
      summary: 'The last checkpoint of the log (C2SP tlog-checkpoint)',
      responses: {
        200: { description: 'a signed note', ...plain },
        503: problem('the log cannot be sealed; try again'),
      },
    },
  },
  '/log/keys': {
    get: {
      summary: 'The keys that have signed checkpoints, oldest first (C2SP signed-note), one a line',
      responses: { 200: { description: 'verifier keys', ...plain } },
    },
  },
  '/log/minimum-index': {
    get: {
      summary: 'The first record that is kept (C2SP tlog-tiles, pruning)',
      responses: { 200: { description: 'a number', ...plain } },
    },
  },
  '/log/tile/{path}': {
    get: {
      summary: 'A tile of hashes, or a bundle of entries (C2SP tlog-tiles)',
      parameters: [
        {
          ...parameter('path', 'path'),
          description: 'with slashes: `0/000`, `1/x001/234.p/17`, `entries/000`',
        },
      ],
      responses: {
        200: {
          description: 'the tile, which never changes when it is full',
          content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } },
        },
        404: problem('no such tile yet, or its records were pruned'),
      },
    },
  },
  '/v1/records/{id}/proof': {
    get: {
      summary: 'A file that proves, without the service, that the log has the record (C2SP tlog-proof)',
      parameters: [id],
      responses: {
        200: { description: 'the proof, to be verified by `witan audit verify`', ...plain },
        404: noRecord,
        503: problem('the log cannot be sealed; try again'),
      },
    },
  },
  '/v1/records/{id}/masked-values': {
    get: {
      summary: 'What a record masks, with what opens its commitments, as far as it was not erased',
      parameters: [id],
      responses: {
        200: {
          description: 'one for each commitment',
          ...json({ type: 'object', properties: { values: { type: 'array', items: ref('MaskedValue') } } }),
        },
        404: noRecord,
      },
    },
  },
  '/v1/erasures': {
    post: {
      summary: 'Erase masked values for good; commitments and proofs stay',
      requestBody: json(ref('ErasureRequest')),
      responses: {
        200: {
          description: 'what was erased',
          ...json({
            type: 'object',
            required: ['acts', 'records', 'values'],
            properties: {
              acts: { type: 'array', items: uuid, description: 'ids of the records that say so' },
              records: count,
              values: count,
            },
          }),
        },
        400: invalid,
        404: noRecord,
        409: problem('a legal hold covers one of the records (`under_hold`): nothing was erased'),
        415: problem('the media type is not supported'),
        503: unavailable,
      },
    },
  },
  '/v1/holds': {
    get: {
      summary: 'The legal holds that stand',
      responses: {
        200: {
          description: 'oldest first',
          ...json({ type: 'object', properties: { holds: { type: 'array', items: ref('Hold') } } }),
        },
      },
    },
    post: {
      summary: 'Place a legal hold: while it stands, what its query finds is neither erased nor pruned',
      requestBody: json(ref('HoldRequest')),
      responses: {
        201: { description: 'the hold', ...json(ref('Hold')) },
        400: invalid,
        413: problem('too many holds stand'),
        415: problem('the media type is not supported'),
        503: unavailable,
      },
    },
  },
  '/v1/holds/{id}/release': {
    post: {
      summary: 'Release a legal hold',
      parameters: [id],
      requestBody: json(ref('StatedReason')),
      responses: {
        204: { description: 'it is released' },
        400: invalid,
        404: problem('no such hold stands'),
        415: problem('the media type is not supported'),
        503: unavailable,
      },
    },
  },
  '/v1/retention': {
    get: {
      summary: 'How far the log can be pruned, and what stands in the way',
      responses: { 200: { description: 'as of now', ...json(ref('Retention')) } },
    },
  },
  '/v1/retention/prunings': {
    post: {
      summary: 'Prune what has ended its time, as the service does every hour',
      requestBody: json(ref('StatedReason')),
      responses: {
        200: {
          description:
            'what was pruned: from `minimum_index` up to `prunable_to`; nothing where they are equal',
          ...json(ref('Retention')),
        },
        400: invalid,
        415: problem('the media type is not supported'),
        503: unavailable,
      },
    },
  },
} as const;
