import type { App } from '../app.js';
import type { Route } from './route.js';

/** `/healthz`: the process answers. `/readyz`: decisions can be made and recorded, and which layers and policies are not asked. */
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
        const { audit, records, tree } = app.store;
        const quarantined = app.basis().quarantine.list(app.nowMs());
        const recorded = audit.healthy() || (await audit.probe());
        response
          .status(recorded ? 200 : 503)
          .set('Cache-Control', 'no-store')
          .json({
            status: recorded ? 'ready' : 'not_ready',
            audit_log: recorded ? 'writable' : 'unavailable',
            log: { size: await records.size(), sealed: (await tree.checkpoint())?.size ?? 0 },
            revision: app.policies().revision,
            // Layers whose bundle is not asked; whatever lies under them is denied.
            refused: [...app.policies().layers.values()].flatMap(({ layer, fault }) =>
              fault === undefined ? [] : [{ layer, reason: fault }],
            ),
            quarantined: quarantined.map(({ layer, policy, untilMs }) => ({
              layer,
              policy,
              until: new Date(untilMs).toISOString(),
            })),
          });
      },
    },
  ];
}
