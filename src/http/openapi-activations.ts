import { activationSchema } from './activations.js';
import { count, json, parameter, problem, ref, text, time, uuid } from './openapi-parts.js';

const answer = {
  type: 'object',
  properties: {
    decision: { type: 'boolean' },
    code: text,
    reasons: { type: 'array', items: ref('Reason') },
    obligations: { type: 'array', items: ref('Obligation') },
  },
};

export const activationSchemas = {
  ActivationRequest: activationSchema,
  ShadowReport: {
    type: 'object',
    required: ['since', 'evaluated', 'skipped', 'counted_since', 'divergent', 'by_domain', 'samples'],
    properties: {
      since: time,
      until: time,
      evaluated: { ...count, description: 'decisions that the proposed bundle was evaluated for' },
      skipped: { ...count, description: 'decisions that it was not, since too many waited' },
      counted_since: { ...time, description: 'since when these two are counted' },
      divergent: { ...count, description: 'decisions that would have been others, on record as `shadow`' },
      by_domain: {
        type: 'object',
        additionalProperties: { type: 'object', properties: { evaluated: count, divergent: count } },
      },
      samples: {
        type: 'array',
        description: 'the last ones',
        items: {
          type: 'object',
          required: ['decision', 'shadow', 'would_be'],
          properties: {
            decision: { ...uuid, description: 'id of its record' },
            shadow: { ...uuid, description: 'id of the record of the divergence' },
            was: { ...answer, description: 'absent when the record was pruned' },
            would_be: answer,
          },
        },
      },
      fault: { ...text, description: 'why the bundle cannot be evaluated on what is in force now' },
    },
  },
};

const id = parameter('id', 'path');

export const activationPaths = {
  '/v1/proposals/{id}/activation': {
    post: {
      summary:
        'Put an approved proposal in force, now or later, or run it in shadow; an emergency by a second operator',
      parameters: [id],
      requestBody: json(ref('ActivationRequest')),
      responses: {
        200: { description: 'the proposal as it is then', ...json({ type: 'object' }) },
        400: problem('the request is malformed or not valid'),
        403: problem(
          'the caller is neither the author nor a member of its council, or handed the emergency in',
        ),
        404: problem('no such proposal'),
        409: problem(
          'it is not approved, another bundle of its layer came between, or it fails its checks on what is in force now',
        ),
        503: problem('it cannot be recorded or compiled now: nothing has changed; try again'),
      },
    },
  },
  '/v1/proposals/{id}/shadow': {
    get: {
      summary: 'What a shadow run of a proposal found',
      parameters: [id],
      responses: {
        200: { description: 'counts and samples', ...json(ref('ShadowReport')) },
        404: problem('no such proposal, or it has not run in shadow'),
      },
    },
  },
};
