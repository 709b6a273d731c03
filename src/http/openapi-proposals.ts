import { PROPOSAL_EVENTS, PROPOSAL_STATES, VOTES } from '../council/proposal.js';
import { count, json, parameter, problem, ref, text, time } from './openapi-parts.js';
import { ballotSchema, commentSchema, newProposalSchema, withdrawalSchema } from './proposals.js';

const texts = { type: 'array', items: text } as const;

const tallySchema = {
  type: 'object',
  description: 'how a vote stands, or stood when it was decided',
  required: [
    'outcome',
    'council',
    'seats',
    'quorum',
    'cast',
    'approve',
    'reject',
    'abstain',
    'missing',
    'needs',
  ],
  properties: {
    outcome: { type: 'string', enum: ['open', 'approved', 'rejected', 'expired'] },
    council: { ...text, description: 'the layer whose council votes' },
    seats: count,
    quorum: { ...count, description: 'seats that must vote' },
    cast: { ...count, description: 'seats that have voted, abstentions included' },
    approve: count,
    reject: count,
    abstain: count,
    missing: { ...texts, description: 'seats that have not voted' },
    touched_missing: { ...texts, description: 'of these, those whose vote is needed' },
    needs: { ...texts, description: 'what stands in the way of approval, in words' },
  },
};

/** What a proposal has in a list. */
const shortProposal = {
  id: text,
  version: { type: 'integer', minimum: 1 },
  layer: text,
  title: text,
  description: text,
  author: text,
  digest: { ...text, description: 'of the proposed bundle: `sha256:<hex>`' },
  base: {
    type: 'object',
    description: 'what was in force when it was handed in or last edited',
    required: ['revision'],
    properties: { revision: count, digest: text },
  },
  state: { type: 'string', enum: PROPOSAL_STATES },
  created_at: time,
  checks: ref('CheckReport'),
  impact: {
    type: 'object',
    description: 'what it would change, in short',
    properties: {
      at: time,
      digest: text,
      touched: { ...texts, description: 'domains' },
      newly_denied: count,
      newly_permitted: count,
      newly_non_compliant: count,
      newly_compliant: count,
    },
  },
  closes_at: { ...time, description: 'when voting ends' },
  tally: ref('Tally'),
  decided_at: time,
  activate_at: { ...time, description: 'when it comes into force by itself' },
  activate_by: { ...time, description: 'until when it may be put in force' },
  shadow: { type: 'object', required: ['since'], properties: { since: time, until: time } },
  revision: { ...count, description: 'that it came into force with' },
  break_glass: {
    type: 'object',
    description: 'of an emergency, which another operator may put in force at once',
    required: ['reason', 'operator'],
    properties: {
      reason: text,
      operator: text,
      second_operator: text,
      reverts_at: { ...time, description: 'when it is taken back unless it is ratified' },
      previous_digest: text,
      ratified_at: time,
      reverted_at: time,
    },
  },
  standing: { ...ref('Tally'), description: 'how the vote stands, while members may vote' },
  summary: { ...text, description: 'how it stands, in one sentence' },
  conflict: {
    type: 'object',
    description: 'another proposal of the layer that stands in the way, or may come to',
    required: ['message'],
    properties: { with: { ...text, description: 'its id' }, message: text },
  },
};

const required = [
  'id',
  'version',
  'layer',
  'title',
  'author',
  'digest',
  'base',
  'state',
  'created_at',
  'summary',
];

export const proposalSchemas = {
  Tally: tallySchema,
  ProposalInShort: { type: 'object', required, properties: shortProposal },
  Proposal: {
    type: 'object',
    required: [...required, 'ballots', 'comments', 'timeline'],
    properties: {
      ...shortProposal,
      ballots: {
        type: 'array',
        description: 'in the order of casting; the last one of a seat for the present digest counts',
        items: {
          type: 'object',
          required: ['member', 'seat', 'digest', 'vote', 'at'],
          properties: {
            member: text,
            seat: text,
            digest: text,
            vote: { type: 'string', enum: VOTES },
            comment: text,
            at: time,
          },
        },
      },
      comments: {
        type: 'array',
        items: {
          type: 'object',
          required: ['author', 'text', 'at'],
          properties: { author: text, text, at: time },
        },
      },
      timeline: {
        type: 'array',
        description: 'what happened to it, the oldest first; each is a record too',
        items: {
          type: 'object',
          required: ['at', 'event', 'by', 'record'],
          properties: {
            at: time,
            event: { type: 'string', enum: [...PROPOSAL_EVENTS, 'voted', 'activated', 'reverted'] },
            by: text,
            note: text,
            record: { ...text, description: 'id of the record' },
          },
        },
      },
    },
  },
  NewProposal: {
    ...newProposalSchema,
    properties: { ...newProposalSchema.properties, files: ref('BundleFiles') },
  },
};

const id = parameter('id', 'path');
const unknown = problem('no such proposal, or none that the caller may see');
const refusals = {
  403: problem('the caller may not do this'),
  404: unknown,
  415: problem('the media type is not supported'),
  503: problem('the act cannot be recorded, so nothing was done; try again'),
};
const proposal = json(ref('Proposal'));

export const proposalPaths = {
  '/v1/proposals': {
    get: {
      summary: 'List proposals, the newest first',
      parameters: [
        parameter('state', 'query', { type: 'string', enum: PROPOSAL_STATES }),
        parameter('layer', 'query'),
        parameter('limit', 'query', { type: 'integer', minimum: 1, maximum: 1000, default: 100 }),
        parameter('cursor', 'query'),
      ],
      responses: {
        200: {
          description: 'a page of those that the caller may see',
          ...json({
            type: 'object',
            required: ['proposals'],
            properties: { proposals: { type: 'array', items: ref('ProposalInShort') }, next: text },
          }),
        },
        400: problem('a parameter is unknown, given twice or not valid'),
        403: problem('the caller has no role in the council, and watches nothing of it'),
      },
    },
    post: {
      summary: 'Hand in a change to a layer; it is checked behind, and then opened for the vote',
      requestBody: json(ref('NewProposal')),
      responses: {
        201: { description: 'it is handed in', ...proposal },
        400: problem('the request or the bundle is not valid, or changes nothing'),
        403: problem('the caller may not propose for this layer'),
        413: problem(
          'the body or the bundle is larger than the limit, or too many proposals are on their way',
        ),
        415: refusals[415],
        503: refusals[503],
      },
    },
  },
  '/v1/proposals/{id}': {
    get: {
      summary: 'A proposal, with its ballots, comments and history',
      parameters: [id],
      responses: { 200: { description: 'the proposal', ...proposal }, 403: refusals[403], 404: unknown },
    },
  },
  '/v1/proposals/{id}/bundle': {
    put: {
      summary: 'Put other files in the place of those that were proposed; all ballots are void',
      parameters: [id],
      requestBody: json({ type: 'object', required: ['files'], properties: { files: ref('BundleFiles') } }),
      responses: {
        200: { description: 'it is checked again', ...proposal },
        400: problem('the request or the bundle is not valid, or changes nothing'),
        409: problem('the proposal has ended, or is in force'),
        413: problem('the body or the bundle is larger than the limit, or it was edited too often'),
        ...refusals,
      },
    },
  },
  '/v1/proposals/{id}/comments': {
    post: {
      summary: 'Say something about a proposal',
      parameters: [id],
      requestBody: json(commentSchema),
      responses: {
        201: { description: 'the proposal with the comment', ...proposal },
        400: problem('the request is malformed or not valid'),
        409: problem('the proposal has ended'),
        413: problem('the body is larger than the limit, or there are too many comments'),
        ...refusals,
      },
    },
  },
  '/v1/proposals/{id}/ballots': {
    post: {
      summary: 'Vote on a proposal; a later ballot takes the place of an earlier one',
      parameters: [id],
      requestBody: json(ballotSchema),
      responses: {
        201: { description: 'the proposal with the ballot', ...proposal },
        400: problem('the request is malformed or not valid'),
        409: problem('voting has ended, the ballot is for other files, or what is in force has changed'),
        413: problem('the body is larger than the limit, or the member voted too often'),
        ...refusals,
      },
    },
  },
  '/v1/proposals/{id}/withdrawal': {
    post: {
      summary: 'Take a proposal back',
      parameters: [id],
      requestBody: json(withdrawalSchema),
      responses: {
        200: { description: 'it is withdrawn', ...proposal },
        400: problem('the request is malformed or not valid'),
        409: problem('the proposal has ended, or is in force'),
        413: problem('the body is larger than the limit'),
        ...refusals,
      },
    },
  },
};
