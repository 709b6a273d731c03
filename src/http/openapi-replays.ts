import { json, parameter, problem, ref, text, uuid } from './openapi-parts.js';

const id = parameter('id', 'path', uuid);

export const replaySchemas = {
  Replay: {
    type: 'object',
    required: ['id', 'equal', 'differences', 'toolchain'],
    properties: {
      id: uuid,
      equal: { type: 'boolean' },
      differences: {
        type: 'array',
        description: 'at most a hundred places',
        items: {
          type: 'object',
          required: ['pointer'],
          properties: {
            pointer: { ...text, description: 'JSON pointer into the record' },
            recorded: { description: 'absent where the record has nothing there' },
            replayed: { description: 'absent where the replay has nothing there' },
          },
        },
      },
      replayed: { type: 'object', description: 'the record as the replay makes it; absent when equal' },
      toolchain: {
        type: 'string',
        enum: ['same', 'different', 'unknown'],
        description: 'whether the modules evaluated are those that the log says came into force',
      },
      modules: {
        type: 'array',
        description: 'those that are not; absent when there is none',
        items: {
          type: 'object',
          required: ['layer', 'recorded', 'replayed'],
          properties: { layer: text, recorded: text, replayed: text },
        },
      },
    },
  },
  RecordExplained: {
    type: 'object',
    required: ['id', 'equal', 'explanation'],
    properties: {
      id: uuid,
      equal: { type: 'boolean', description: 'whether the replay, which is explained, is byte-equal' },
      explanation: {
        type: 'object',
        required: ['decision', 'code', 'summary', 'differs', 'truncated', 'decisive', 'layers'],
        properties: {
          decision: { type: 'boolean' },
          code: text,
          summary: text,
          differs: { type: 'boolean' },
          truncated: { type: 'boolean' },
          decisive: { type: 'array', items: { type: 'object' } },
          layers: { type: 'array', items: { type: 'object' } },
        },
      },
    },
  },
};

export const replayPaths = {
  '/v1/records/{id}/replay': {
    post: {
      summary: 'Evaluate a decision on record again, with the bundles that made it',
      parameters: [id],
      responses: {
        200: { description: 'whether it comes to the very bytes that are stored', ...json(ref('Replay')) },
        404: problem('no such record'),
        409: problem('it cannot be evaluated again (`not_replayable`); `detail` says why'),
        503: problem('the store cannot be read; try again'),
      },
    },
  },
  '/v1/records/{id}/explanation': {
    get: {
      summary: 'Why a decision on record was answered as it was, line by line',
      parameters: [id],
      responses: {
        200: {
          description: 'the explanation; masked values are shown as `<masked /pointer>`',
          ...json(ref('RecordExplained')),
        },
        404: problem('no such record'),
        409: problem('it cannot be evaluated again (`not_replayable`); `detail` says why'),
        503: problem('the store cannot be read; try again'),
      },
    },
  },
};
