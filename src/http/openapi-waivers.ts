import { WAIVER_CATEGORIES, WAIVER_STATES } from '../council/waiver-request.js';
import { count, json, parameter, problem, ref, text, time } from './openapi-parts.js';
import { waiverAskSchema, waiverDecisionSchema } from './waivers.js';

const texts = { type: 'array', items: text } as const;
const flag = { type: 'boolean' } as const;
const share = { type: 'number', minimum: 0, maximum: 1 } as const;

export const waiverSchemas = {
  WaiverAsk: waiverAskSchema,
  WaiverDecision: waiverDecisionSchema,
  Waiver: {
    type: 'object',
    required: [
      'id',
      'version',
      'layer',
      'policy',
      'domain',
      'category',
      'reason',
      'until',
      'state',
      'asked_by',
      'asked_at',
      'in_force',
      'falls_away',
    ],
    properties: {
      id: text,
      version: { type: 'integer', minimum: 1 },
      layer: text,
      policy: text,
      domain: text,
      category: { type: 'string', enum: WAIVER_CATEGORIES },
      reason: text,
      resources: texts,
      subjects: texts,
      until: { ...time, description: 'its end, exclusive' },
      state: { type: 'string', enum: WAIVER_STATES },
      asked_by: text,
      asked_at: time,
      decided_by: text,
      decided_at: time,
      decision_reason: { ...text, description: 'why it was granted or refused' },
      revocation_reason: { ...text, description: 'why it was taken back, or given up' },
      revoked_by: text,
      revoked_at: time,
      in_force: { ...flag, description: 'granted, its end lies ahead, and its policy is soft' },
      falls_away: { ...flag, description: 'its policy is gone or no longer soft: it is kept, and ignored' },
    },
  },
  WaiverRate: {
    type: 'object',
    required: [
      'layer',
      'policy',
      'asked',
      'granted',
      'refused',
      'in_force',
      'denied',
      'waived',
      'waived_share',
      'domains_share',
    ],
    properties: {
      layer: text,
      policy: text,
      asked: count,
      granted: { ...count, description: 'ever granted, also where they have ended since' },
      refused: count,
      in_force: count,
      denied: { ...count, description: 'decisions that the policy denied or erred in while it was soft' },
      waived: { ...count, description: 'decisions in which a waiver lifted that' },
      waived_share: { ...share, description: '`waived` of `denied`' },
      domains_share: { ...share, description: 'domains with a waiver in force, of all that are registered' },
      note: { ...text, description: 'what follows, where more than a third is waived' },
    },
  },
};

const waiver = { description: 'the waiver', ...json(ref('Waiver')) };
const unknown = problem('no such waiver, or none that the caller sees');
const forbidden = problem('the caller may not; `detail` says what stands in the way');
const closed = problem('`waiver_closed`: it was decided or revoked, or has ended');
const invalid = problem('the request is not valid; `faults` name every place');
const id = [parameter('id', 'path')];

export const waiverPaths = {
  '/v1/waivers': {
    post: {
      summary: 'Ask for a waiver of a soft policy, for a domain that one is steward of',
      requestBody: json(ref('WaiverAsk')),
      responses: { 201: waiver, 400: invalid, 403: forbidden },
    },
    get: {
      summary: 'Waivers of the own domains and of the layers that one decides, newest first',
      parameters: [
        parameter('layer', 'query'),
        parameter('policy', 'query'),
        parameter('domain', 'query'),
        parameter('state', 'query', { type: 'string', enum: WAIVER_STATES }),
        parameter('in_force', 'query', flag),
        parameter('limit', 'query', { type: 'integer', minimum: 1, maximum: 1000, default: 100 }),
        parameter('cursor', 'query'),
      ],
      responses: {
        200: {
          description: 'a page',
          ...json({
            type: 'object',
            properties: { waivers: { type: 'array', items: ref('Waiver') }, next: text },
          }),
        },
        400: invalid,
        403: forbidden,
      },
    },
  },
  '/v1/waivers/rates': {
    get: {
      summary: 'How often each policy is waived, those that are waived most often first',
      responses: {
        200: {
          description: 'one for each policy that someone asked to waive',
          ...json({ type: 'object', properties: { rates: { type: 'array', items: ref('WaiverRate') } } }),
        },
        403: forbidden,
      },
    },
  },
  '/v1/waivers/{id}': {
    get: { summary: 'One waiver', parameters: id, responses: { 200: waiver, 403: forbidden, 404: unknown } },
  },
  '/v1/waivers/{id}/decision': {
    post: {
      summary: "Grant or refuse a waiver, as a member of the council of its policy's layer who did not ask",
      parameters: id,
      requestBody: json(ref('WaiverDecision')),
      responses: { 200: waiver, 400: invalid, 403: forbidden, 404: unknown, 409: closed },
    },
  },
  '/v1/waivers/{id}/revocation': {
    post: {
      summary: 'End a waiver before its time: given up by its domain, or taken back by the council',
      parameters: id,
      requestBody: json(ref('StatedReason')),
      responses: { 200: waiver, 400: invalid, 403: forbidden, 404: unknown, 409: closed },
    },
  },
};
