import type { Request, Response } from 'express';
import type { App } from '../app.js';
import { writeJson } from '../document/json.js';
import { WitanError } from '../errors.js';
import type { Caller } from '../identity/caller.js';
import { domainsOf } from '../identity/grant.js';
import { createRegistryActs } from '../registry-acts.js';
import type { Entity } from '../registry/registry.js';
import { validatorOf } from '../schema.js';
import { readValid } from './body.js';
import { callerOf } from './caller.js';
import { askingOf } from './decision-routes.js';
import { readLimit, readQuery } from './query.js';
import type { Route } from './route.js';

export const entitySchema = {
  type: 'object',
  required: ['properties'],
  properties: {
    domain: { type: 'string', minLength: 1, maxLength: 512, description: 'a registered domain' },
    properties: { type: 'object', description: 'at most 64 KiB of JSON, 16 levels deep' },
  },
} as const;

const entities = validatorOf<Pick<Entity, 'domain' | 'properties'>>(entitySchema);
const READERS = ['steward', 'representative', 'auditor', 'operator'] as const;

/** What the mesh knows of subjects, and of resources that are no data products. */
export function entityRoutes(app: App): readonly Route[] {
  const { config, registry } = app;
  const acts = createRegistryActs(app);
  return [
    {
      method: 'get',
      path: '/v1/entities',
      answer: (request, response) => {
        const isSeen = seenBy(callerOf(request));
        const query = readQuery(request, ['type', 'domain', 'limit', 'cursor']);
        const limit = readLimit(query.limit);
        const after = query.cursor === undefined ? undefined : readCursor(query.cursor);
        const { type, domain } = query;
        const matching = [...registry.entities()]
          .filter(
            (entity) =>
              isSeen(entity) &&
              (type === undefined || entity.type === type) &&
              (domain === undefined || entity.domain === domain) &&
              (after === undefined || compare(entity, after) > 0),
          )
          .sort(compare);
        const page = matching.slice(0, limit);
        const last = page.at(-1);
        send(response, {
          entities: page,
          ...(matching.length > page.length && last !== undefined && { next: writeCursor(last) }),
        });
      },
    },
    {
      method: 'get',
      path: '/v1/entities/:type/:id',
      answer: (request, response) => {
        const isSeen = seenBy(callerOf(request));
        const { type, id } = nameOf(request);
        const entity = registry.entity(type, id);
        if (entity === undefined || !isSeen(entity))
          throw new WitanError('not_found', `the \`${type}\` \`${id}\` is not registered`);
        send(response, entity);
      },
    },
    {
      method: 'put',
      path: '/v1/entities/:type/:id',
      answer: async (request, response) => {
        const { domain, properties } = await readValid(request, entities, config.bodyBytesMax);
        const entity = { ...nameOf(request), ...(domain !== undefined && { domain }), properties };
        const { created } = await acts.putEntity(entity, askingOf(request));
        send(response.status(created ? 201 : 200), entity);
      },
    },
    {
      method: 'delete',
      path: '/v1/entities/:type/:id',
      answer: async (request, response) => {
        const { revoke_tokens: revoke = 'false' } = readQuery(request, ['revoke_tokens']);
        if (revoke !== 'true' && revoke !== 'false') {
          throw new WitanError(
            'invalid_request',
            `\`revoke_tokens\` is \`${revoke}\`; expected true or false`,
          );
        }
        const deleted = { ...nameOf(request), revokeTokens: revoke === 'true' };
        send(response, await acts.deleteEntity(deleted, askingOf(request)));
      },
    },
  ];
}

/** Properties hold numbers of any size, which only the writer of this house keeps as they are. */
function send(response: Response, body: object): void {
  response.set('Cache-Control', 'no-store').type('json').send(writeJson(body));
}

/**
 * What of the registry a caller sees: whose roles are those of domains sees what belongs to these.
 *
 * @throws WitanError `forbidden` for who has no role that reads it
 */
function seenBy(caller: Caller): (entity: Entity) => boolean {
  const domains = domainsOf(caller, READERS);
  if (domains === 'all') return () => true;
  if (domains.length === 0) {
    throw new WitanError('forbidden', `\`${caller.id}\` is none of ${READERS.join(', ')}`);
  }
  return ({ domain }) => domain !== undefined && domains.includes(domain);
}

type Name = Pick<Entity, 'type' | 'id'>;

function nameOf({ params }: Request): Name {
  return { type: String(params['type']), id: String(params['id']) };
}

function compare(a: Name, b: Name): number {
  return compareText(a.type, b.type) || compareText(a.id, b.id);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Types and ids hold any character, so each is encoded before they are joined. */
function writeCursor({ type, id }: Name): string {
  return `${encodeURIComponent(type)}/${encodeURIComponent(id)}`;
}

function readCursor(cursor: string): Name {
  const [type, id, ...more] = cursor.split('/');
  if (type === undefined || id === undefined || more.length > 0) {
    throw new WitanError('invalid_request', `\`cursor\` is \`${cursor}\`; expected \`next\` of a page`);
  }
  return { type: decodeURIComponent(type), id: decodeURIComponent(id) };
}
