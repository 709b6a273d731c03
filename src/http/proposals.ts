import type { Request } from 'express';
import type { App } from '../app.js';
import type { NewBallot } from '../proposing/cast-ballot.js';
import { PROPOSAL_LIMITS } from '../council/proposal-limits.js';
import { PROPOSAL_STATES, VOTES, type Proposal } from '../council/proposal.js';
import { inShort } from '../council/shown-proposal.js';
import { WitanError } from '../errors.js';
import type { NewProposal } from '../proposing/hand-in-proposal.js';
import type { BundleFile } from '../policy/bundle.js';
import { isLayer } from '../policy/layer.js';
import { validatorOf } from '../schema.js';
import { readValid } from './body.js';
import { bundleFilesSchema } from './checks.js';
import { askingOf } from './decision-routes.js';
import { readLimit, readQuery } from './query.js';
import type { Route } from './route.js';

/** One line with something in it. */
const title = {
  type: 'string',
  maxLength: PROPOSAL_LIMITS.titleChars,
  pattern: '^[^\\u0000-\\u001f]*[^\\u0000-\\u0020][^\\u0000-\\u001f]*$',
} as const;
/** Text of at most so many bytes in UTF-8, which the acts count. */
const text = (bytesMax: number) => ({ type: 'string', minLength: 1, maxLength: bytesMax }) as const;
const comment = text(PROPOSAL_LIMITS.commentBytes);

export const newProposalSchema = {
  type: 'object',
  required: ['layer', 'title', 'files'],
  properties: {
    layer: { type: 'string', minLength: 1, maxLength: 512, description: '`global` or the path of a domain' },
    title,
    description: { ...text(PROPOSAL_LIMITS.descriptionBytes), minLength: 0 },
    files: bundleFilesSchema,
    break_glass: {
      type: 'object',
      description: 'an emergency: another operator may put it in force at once, and the council ratifies it',
      required: ['reason'],
      properties: { reason: comment },
    },
  },
} as const;

export const editSchema = {
  type: 'object',
  required: ['files'],
  properties: { files: bundleFilesSchema },
} as const;

export const commentSchema = { type: 'object', required: ['text'], properties: { text: comment } } as const;

export const ballotSchema = {
  type: 'object',
  required: ['vote', 'digest'],
  properties: {
    vote: { type: 'string', enum: VOTES },
    digest: { type: 'string', maxLength: 128, description: 'of the bundle that is voted on' },
    comment,
  },
} as const;

export const withdrawalSchema = {
  type: 'object',
  required: ['reason'],
  properties: { reason: comment },
} as const;

const newProposals = validatorOf<NewProposal>(newProposalSchema);
const edits = validatorOf<{ readonly files: readonly BundleFile[] }>(editSchema);
const comments = validatorOf<{ readonly text: string }>(commentSchema);
const ballots = validatorOf<NewBallot>(ballotSchema);
const withdrawals = validatorOf<{ readonly reason: string }>(withdrawalSchema);

/** Proposals: hand in, list, read, edit, discuss, vote on, withdraw. */
export function proposalRoutes(app: App): readonly Route[] {
  return [...readingRoutes(app), ...handingInRoutes(app), ...takingPartRoutes(app)];
}

function readingRoutes({ councilActs }: App): readonly Route[] {
  return [
    {
      method: 'get',
      path: '/v1/proposals',
      answer: async (request, response) => {
        const { caller } = askingOf(request);
        const { proposals, next } = councilActs.list(readFilter(request), caller);
        const shown = await Promise.all(proposals.map((each) => councilActs.shown(each)));
        response
          .set('Cache-Control', 'no-store')
          .json({ proposals: shown.map(inShort), ...(next !== undefined && { next }) });
      },
    },
    {
      method: 'get',
      path: '/v1/proposals/:id',
      answer: async (request, response) => {
        const proposal = councilActs.find(idOf(request), askingOf(request).caller);
        response.set('Cache-Control', 'no-store').json(await councilActs.shown(proposal));
      },
    },
  ];
}

function handingInRoutes({ config, councilActs }: App): readonly Route[] {
  return [
    {
      method: 'post',
      path: '/v1/proposals',
      answer: async (request, response) => {
        const {
          layer,
          title: named,
          description,
          files,
          break_glass,
        } = await readValid(request, newProposals, config.bundleBytesMax);
        const handedIn = {
          layer,
          title: named.trim(),
          ...(description !== undefined && { description }),
          ...(break_glass !== undefined && { break_glass }),
          files: files.map(fileOf),
        };
        const proposal = await councilActs.open(handedIn, askingOf(request));
        response
          .status(201)
          .set({ 'Cache-Control': 'no-store', Location: `/v1/proposals/${proposal.id}` })
          .json(await councilActs.shown(proposal));
      },
    },
    {
      method: 'put',
      path: '/v1/proposals/:id/bundle',
      answer: async (request, response) => {
        const id = visibleId(request);
        const { files } = await readValid(request, edits, config.bundleBytesMax);
        const proposal = await councilActs.edit(id, files.map(fileOf), askingOf(request));
        response.set('Cache-Control', 'no-store').json(await councilActs.shown(proposal));
      },
    },
  ];

  /** Who may not see a proposal learns nothing by trying. */
  function visibleId(request: Request): string {
    return councilActs.find(idOf(request), askingOf(request).caller).id;
  }
}

function takingPartRoutes({ config, councilActs }: App): readonly Route[] {
  const route = (
    path: string,
    status: number,
    act: (request: Request, id: string) => Promise<Proposal>,
  ): Route => ({
    method: 'post',
    path: `/v1/proposals/:id/${path}`,
    answer: async (request, response) => {
      const { id } = councilActs.find(idOf(request), askingOf(request).caller);
      const proposal = await act(request, id);
      response
        .status(status)
        .set('Cache-Control', 'no-store')
        .json(await councilActs.shown(proposal));
    },
  });
  return [
    route('comments', 201, async (request, id) => {
      const { text: said } = await readValid(request, comments, config.bodyBytesMax);
      return councilActs.comment(id, said, askingOf(request));
    }),
    route('ballots', 201, async (request, id) => {
      const { vote, digest, comment: why } = await readValid(request, ballots, config.bodyBytesMax);
      const ballot = { vote, digest, ...(why !== undefined && { comment: why }) };
      return councilActs.vote(id, ballot, askingOf(request));
    }),
    route('withdrawal', 200, async (request, id) => {
      const { reason } = await readValid(request, withdrawals, config.bodyBytesMax);
      return councilActs.withdraw(id, reason, askingOf(request));
    }),
  ];
}

/** Nothing but what a file is: members that are not known are ignored, and are no part of a bundle. */
function fileOf({ path, text: content }: BundleFile): BundleFile {
  return { path, text: content };
}

function idOf({ params }: Request): string {
  const { id } = params;
  return typeof id === 'string' ? id : '';
}

function readFilter(request: Request) {
  const { state, layer, limit, cursor } = readQuery(request, ['state', 'layer', 'limit', 'cursor']);
  const known = PROPOSAL_STATES.find((each) => each === state);
  if (state !== undefined && known === undefined) {
    throw new WitanError(
      'invalid_request',
      `\`state\` is \`${state}\`; expected one of ${PROPOSAL_STATES.join(', ')}`,
    );
  }
  if (layer !== undefined && !isLayer(layer)) {
    throw new WitanError(
      'invalid_request',
      `\`layer\` is \`${layer}\`; expected \`global\` or a domain's path such as \`finance/risk\``,
    );
  }
  if (cursor !== undefined && !/^[1-9]\d{0,14}$/.test(cursor)) {
    throw new WitanError('invalid_request', `\`cursor\` is \`${cursor}\`; expected the \`next\` of a page`);
  }
  return {
    limit: readLimit(limit),
    ...(known !== undefined && { state: known }),
    ...(layer !== undefined && { layer }),
    ...(cursor !== undefined && { after: cursor }),
  };
}
