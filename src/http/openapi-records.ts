import { COUNT_FIELDS, ENFORCEMENT_LEVELS, FINDING_OUTCOMES } from '../audit/query.js';
import { EXPORT_FORMATS } from '../audit/export/export-format.js';
import { FILTER_NAMES, type FilterName } from '../audit/record-filter.js';
import { RECORD_KINDS } from '../audit/record.js';
import { SAVED_QUERY_NAME } from '../audit/saved-query.js';
import { EXPORT_MEDIA_TYPES } from './exports.js';
import { count, json, parameter, problem, ref, text, time } from './openapi-parts.js';
import { sampleSchema } from './samples.js';
import { savedQuerySchema } from './saved-queries.js';

const ofFinding = (schema: object) => ({
  ...schema,
  description:
    'of one finding, together with the others of these: policy, layer, enforcement, outcome, waiver',
});

const filterSchemas: Readonly<Record<FilterName, object>> = {
  action: text,
  caller: text,
  code: text,
  consumer_domain: text,
  decision: { type: 'boolean' },
  domain: text,
  enforcement: ofFinding({ type: 'string', enum: ENFORCEMENT_LEVELS }),
  from: { ...time, description: 'at this time or later' },
  kind: { type: 'string', enum: RECORD_KINDS },
  layer: ofFinding(text),
  outcome: ofFinding({ type: 'string', enum: FINDING_OUTCOMES }),
  policy: ofFinding(text),
  proposal: text,
  resource: text,
  revision: { type: 'integer', minimum: 0 },
  subject: text,
  text: { ...text, description: 'whole words that all occur in the reasons, in upper or lower case' },
  to: { ...time, description: 'before this time' },
  waiver: ofFinding(text),
  within: {
    ...text,
    description: 'domains parted by commas, of which one owns or consumes what the record is about',
  },
};

const filters = [
  ...FILTER_NAMES.map((name) => parameter(name, 'query', filterSchemas[name])),
  parameter('saved', 'query', { ...text, description: 'a saved query, which the others narrow' }),
];

const records = { type: 'array', items: ref('StoredRecord') };
const invalid = problem('a parameter is unknown, given twice or not valid, or contradicts the saved query');
const unknownQuery = problem('no such saved query');

export const recordSchemas = {
  StoredRecord: {
    type: 'object',
    required: ['sequence', 'record'],
    properties: {
      sequence: count,
      record: { type: 'object', description: 'the stored bytes, as they are' },
    },
  },
  RecordCounts: {
    type: 'object',
    required: ['total', 'log_size'],
    properties: {
      total: count,
      log_size: {
        ...count,
        description: 'records of the log that were looked through: those before this sequence',
      },
      by: {
        type: 'object',
        required: ['field', 'values', 'values_total'],
        properties: {
          field: { type: 'string', enum: COUNT_FIELDS },
          values: {
            type: 'array',
            description: 'at most 1,000, by count, then by value',
            items: {
              type: 'object',
              required: ['value', 'count'],
              properties: { value: { ...text, description: 'as a filter writes it' }, count },
            },
          },
          values_total: count,
          others: { ...count, description: 'sum of the counts of the values that are not listed' },
        },
      },
    },
  },
  Sample: sampleSchema,
  SavedQuery: {
    type: 'object',
    required: ['name', 'query', 'saved_at'],
    properties: {
      name: { type: 'string', pattern: SAVED_QUERY_NAME },
      ...savedQuerySchema.properties,
      saved_at: time,
    },
  },
} as const;

const queryName = parameter('name', 'path', { type: 'string', pattern: SAVED_QUERY_NAME });

export const recordPaths = {
  '/v1/records': {
    get: {
      summary: 'Find records',
      parameters: [
        ...filters,
        parameter('order', 'query', { type: 'string', enum: ['newest', 'oldest'], default: 'newest' }),
        parameter('limit', 'query', { type: 'integer', minimum: 1, maximum: 1000, default: 100 }),
        parameter('cursor', 'query'),
      ],
      responses: {
        200: { description: 'a page', ...json({ type: 'object', properties: { records, next: text } }) },
        400: invalid,
        404: unknownQuery,
      },
    },
  },
  '/v1/records/counts': {
    get: {
      summary: 'Count records, and count them by the values of a field',
      parameters: [...filters, parameter('by', 'query', { type: 'string', enum: COUNT_FIELDS })],
      responses: {
        200: { description: 'the counts', ...json(ref('RecordCounts')) },
        400: invalid,
        404: unknownQuery,
      },
    },
  },
  '/v1/records/export': {
    get: {
      summary:
        'Export all records that match, with what proves them; `Accept` chooses where `format` does not',
      parameters: [
        ...filters,
        parameter('format', 'query', { type: 'string', enum: EXPORT_FORMATS, default: 'ndjson' }),
      ],
      responses: {
        200: {
          description:
            'the export, oldest first; one that is whole ends with its statement (in Parquet in the footer)',
          content: Object.fromEntries(
            EXPORT_FORMATS.map((format) => [
              EXPORT_MEDIA_TYPES[format],
              { schema: { type: 'string', format: 'binary' } },
            ]),
          ),
        },
        400: invalid,
        404: unknownQuery,
        503: problem('the log cannot be sealed, or too many exports are being written; try again'),
      },
    },
  },
  '/v1/records/samples': {
    post: {
      summary: 'Draw a sample of records; how it was drawn is on record, so that it can be drawn again',
      requestBody: json(ref('Sample')),
      responses: {
        200: {
          description: 'what was drawn, in the order of the log',
          ...json({
            type: 'object',
            properties: {
              id: { type: 'string', format: 'uuid', description: 'of the record of the draw' },
              seed: text,
              size: count,
              population: count,
              log_size: count,
              records,
            },
          }),
        },
        400: problem('the request is malformed or not valid'),
        413: problem('the records of the sample are larger than can be answered at once'),
        503: problem('the draw cannot be recorded'),
      },
    },
  },
  '/v1/records/{id}': {
    get: {
      summary: 'One record',
      parameters: [parameter('id', 'path', { type: 'string', format: 'uuid' })],
      responses: {
        200: { description: 'the record', ...json(ref('StoredRecord')) },
        404: problem('no such record'),
      },
    },
  },
  '/v1/queries': {
    get: {
      summary: 'List the saved queries',
      responses: {
        200: {
          description: 'all of them, in the order of their names',
          ...json({ type: 'object', properties: { queries: { type: 'array', items: ref('SavedQuery') } } }),
        },
      },
    },
  },
  '/v1/queries/{name}': {
    get: {
      summary: 'A saved query',
      parameters: [queryName],
      responses: { 200: { description: 'the query', ...json(ref('SavedQuery')) }, 404: unknownQuery },
    },
    put: {
      summary: 'Save a query under a name; it is on record',
      parameters: [queryName],
      requestBody: json(savedQuerySchema),
      responses: {
        200: { description: 'another query had the name', ...json(ref('SavedQuery')) },
        201: { description: 'the query is saved', ...json(ref('SavedQuery')) },
        400: problem('the name or the query is not valid'),
        413: problem('too many queries are saved'),
        503: problem('the change cannot be recorded'),
      },
    },
    delete: {
      summary: 'Remove a saved query; it is on record',
      parameters: [queryName],
      responses: { 204: { description: 'it is removed' }, 404: unknownQuery },
    },
  },
} as const;
