import type { NotReplayable } from '../decision/replay.js';
import { writeJson } from '../document/json.js';
import { WitanError } from '../errors.js';
import type { Replays } from '../replays.js';
import type { Route } from './route.js';

/** Decisions on record, evaluated again and explained. */
export function replayRoutes(replays: Replays): readonly Route[] {
  return [
    {
      method: 'post',
      path: '/v1/records/:id/replay',
      answer: async ({ params }, response) => {
        const report = requireReplayable(await replays.replay(String(params['id'])));
        response.set('Cache-Control', 'no-store').type('application/json').send(writeJson(report));
      },
    },
    {
      method: 'get',
      path: '/v1/records/:id/explanation',
      answer: async ({ params }, response) => {
        const explained = requireReplayable(await replays.explain(String(params['id'])));
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
