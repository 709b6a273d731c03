import type { App } from '../app.js';
import type { Route } from './route.js';

/** `/healthz`: the process answers. `/readyz`: decisions can be made and recorded. */
export function healthRoutes(app: App): readonly Route[] {
  return [
    {
      method: 'get',
      path: '/healthz',
      answer: (_request, response) => {
        response.set('Cache-Control', 'no-store').json({ status: 'ok' });
      },
    },
    {
      method: 'get',
      path: '/readyz',
      answer: async (_request, response) => {
        const { audit } = app.store;
        const recorded = audit.healthy() || (await audit.probe());
        response
          .status(recorded ? 200 : 503)
          .set('Cache-Control', 'no-store')
          .json({
            status: recorded ? 'ready' : 'not_ready',
            audit_log: recorded ? 'writable' : 'unavailable',
            revision: app.policies().revision,
          });
      },
    },
  ];
}
