import type { App } from '../app.js';
import { WitanError } from '../errors.js';
import type { Token } from '../identity/token.js';
import { validatorOf } from '../schema.js';
import {
  CALLER_CHARS_MAX,
  TOKEN_NOTE_CHARS_MAX,
  TOKEN_ROLES_MAX,
  type TokenRequest,
} from '../admission/tokens.js';
import { readValid } from './body.js';
import { askingOf } from './decision-routes.js';
import { reasonSchema } from './evidence.js';
import { readLimit, readQuery } from './query.js';
import type { Route } from './route.js';

export const tokenRequestSchema = {
  type: 'object',
  required: ['caller', 'roles'],
  properties: {
    caller: {
      type: 'string',
      minLength: 1,
      maxLength: CALLER_CHARS_MAX,
      description: 'whom the token speaks for: of a person the id of the subject of type `user`',
    },
    roles: {
      type: 'array',
      minItems: 1,
      maxItems: TOKEN_ROLES_MAX,
      items: { type: 'string', maxLength: 512 },
      description: 'such as `auditor`, or `steward:finance/risk` for one domain',
    },
    expires_at: { type: 'string', format: 'date-time', maxLength: 64 },
    note: { type: 'string', minLength: 1, maxLength: TOKEN_NOTE_CHARS_MAX },
  },
} as const;

const requests = validatorOf<TokenRequest>(tokenRequestSchema);
const reasons = validatorOf<{ readonly reason: string }>(reasonSchema);

/** Tokens: give, read, list, take back. A secret is answered once, when its token is made. */
export function tokenRoutes({ config, tokens, tokenActs }: App): readonly Route[] {
  return [
    {
      method: 'get',
      path: '/v1/tokens',
      answer: (request, response) => {
        const query = readQuery(request, ['caller', 'limit', 'cursor']);
        const limit = readLimit(query['limit']);
        const { caller, cursor = '' } = query;
        const matching = [...tokens.all()]
          .filter((token) => token.id > cursor && (caller === undefined || token.caller === caller))
          .sort((a, b) => (a.id < b.id ? -1 : 1));
        const page = matching.slice(0, limit);
        const last = page.at(-1);
        response.set('Cache-Control', 'no-store').json({
          tokens: page.map(shown),
          ...(matching.length > page.length && last !== undefined && { next: last.id }),
        });
      },
    },
    {
      method: 'post',
      path: '/v1/tokens',
      answer: async (request, response) => {
        const asked = await readValid(request, requests, config.bodyBytesMax);
        const { token, secret } = await tokenActs.create(asked, askingOf(request));
        response
          .status(201)
          .set({ 'Cache-Control': 'no-store', Location: `/v1/tokens/${token.id}` })
          .json({ ...shown(token), secret });
      },
    },
    {
      method: 'get',
      path: '/v1/tokens/:id',
      answer: ({ params }, response) => {
        const id = String(params['id']);
        const token = tokens.byId(id);
        if (token === undefined) throw new WitanError('not_found', `there is no token \`${id}\``);
        response.set('Cache-Control', 'no-store').json(shown(token));
      },
    },
    {
      method: 'post',
      path: '/v1/tokens/:id/revocation',
      answer: async (request, response) => {
        const { reason } = await readValid(request, reasons, config.bodyBytesMax);
        const token = await tokenActs.revoke({ id: String(request.params['id']), reason }, askingOf(request));
        response.set('Cache-Control', 'no-store').json(shown(token));
      },
    },
  ];
}

/** What is told of a token: all but the hash of its secret. */
function shown({ hash: _hash, ...rest }: Token): Omit<Token, 'hash'> {
  return rest;
}
