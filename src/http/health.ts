import type { App } from '../app.js';
import type { Route } from './route.js';

/** `/healthz`: the process answers, and how many workers decide, where there are any. `/readyz`: decisions can be made and recorded, and which layers and policies are not asked. */
export function healthRoutes(app: App): readonly Route[] {
  return [
    {
      method: 'get',
      path: '/healthz',
      answer: (_request, response) => {
        response.set('Cache-Control', 'no-store').json({ status: 'ok', ...workersOf(app) });
      },
    },
    {
      method: 'get',
      path: '/readyz',
      answer: async (_request, response) => {
        const { audit, records, tree } = app.store;
        const quarantined = app.basis().quarantine.list(app.nowMs());
        const recorded = audit.healthy() || (await audit.probe());
        const decided = app.config.workers === 0 || app.deciders.size > 0;
        const ready = recorded && decided;
        response
          .status(ready ? 200 : 503)
          .set('Cache-Control', 'no-store')
          .json({
            status: ready ? 'ready' : 'not_ready',
            ...workersOf(app),
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

/** Absent where the main process decides by itself. */
function workersOf({ config, deciders }: App): { readonly workers?: object } {
  return config.workers === 0 ? {} : { workers: { expected: config.workers, deciding: deciders.size } };
}
