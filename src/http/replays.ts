import type { Request } from 'express';
import type { NotReplayable } from '../decision/replay.js';
import { writeJson } from '../document/json.js';
import { WitanError } from '../errors.js';
import type { App } from '../app.js';
import { recordInScope, recordScopeOf } from './record-scope.js';
import type { Route } from './route.js';

/** Decisions on record, evaluated again and explained. */
export function replayRoutes({ replays, store }: Pick<App, 'replays' | 'store'>): readonly Route[] {
  /** The id of a record that the sender of the request sees. */
  const seen = async (request: Request): Promise<string> => {
    const id = String(request.params['id']);
    await recordInScope(store, id, recordScopeOf(request));
    return id;
  };
  return [
    {
      method: 'post',
      path: '/v1/records/:id/replay',
      answer: async (request, response) => {
        const report = requireReplayable(await replays.replay(await seen(request)));
        response.set('Cache-Control', 'no-store').type('application/json').send(writeJson(report));
      },
    },
    {
      method: 'get',
      path: '/v1/records/:id/explanation',
      answer: async (request, response) => {
        const explained = requireReplayable(await replays.explain(await seen(request)));
        response.set('Cache-Control', 'no-store').type('application/json').send(writeJson(explained));
      },
    },
  ];
}

/** @throws WitanError `not_replayable` with the reason */
function requireReplayable<T extends object>(made: T | NotReplayable): T {
  if ('replayable' in made) throw new WitanError('not_replayable', made.reason);
  return made;
}
