import { bundleFilesSchema, checkRequestSchema } from './checks.js';
import { count, json, problem, ref, text, time } from './openapi-parts.js';

export const checkSchemas = {
  Fault: {
    type: 'object',
    description: 'one thing that is wrong, and where',
    required: ['message'],
    properties: {
      file: text,
      row: { type: 'integer', minimum: 1 },
      column: { type: 'integer', minimum: 1 },
      pointer: { ...text, description: 'JSON pointer (RFC 6901)' },
      code: text,
      message: text,
    },
  },
  BundleFiles: bundleFilesSchema,
  CheckRequest: {
    ...checkRequestSchema,
    properties: { ...checkRequestSchema.properties, files: ref('BundleFiles') },
  },
  CheckReport: {
    type: 'object',
    required: ['at', 'revision', 'faults', 'warnings', 'tests'],
    properties: {
      at: time,
      revision: { ...count, description: 'what was in force, against which it was checked' },
      digest: { ...text, description: 'of the bundle; absent where the files make none' },
      faults: { type: 'array', items: ref('Fault'), description: 'empty when all is well' },
      warnings: { type: 'array', items: ref('Fault') },
      tests: {
        type: 'object',
        required: ['passed', 'failed'],
        properties: { passed: count, failed: count },
      },
      coverage: {
        type: 'number',
        minimum: 0,
        maximum: 1,
        description: 'share of the lines of policies and libraries that tests reach',
      },
    },
  },
};

export const checkPaths = {
  '/v1/check': {
    post: {
      summary: 'Check files of a layer by machine, without proposing them',
      requestBody: json(ref('CheckRequest')),
      responses: {
        200: { description: 'what was found; faults of the files stand in it', ...json(ref('CheckReport')) },
        400: problem('the request is malformed or not valid'),
        403: problem('the caller is not steward or representative'),
        413: problem('the body or the bundle is larger than the limit'),
        415: problem('the media type is not supported'),
        503: problem('too many checks are waiting, or one took too long; try again'),
      },
    },
  },
};
