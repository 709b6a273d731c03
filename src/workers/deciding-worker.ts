import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import { createOidc } from '../admission/oidc.js';
import { createRefusals } from '../admission/refusals.js';
import { apply } from '../commit.js';
import { createDecisionPoint } from '../decision/decision-point.js';
import { serveConnections, type WorkerServer } from '../http/worker-server.js';
import { uuidv7 } from '../ids.js';
import { random16Bytes } from '../chance.js';
import { Observing } from './observing.js';
import type { FromWorker, ToWorker, WorkerSettings } from './protocol.js';
import { RemoteAuditLog } from './remote-audit-log.js';
import { createReplica, type Replica } from './replica.js';
import { WorkerGate } from './worker-gate.js';

interface Needs {
  readonly say: (message: FromWorker) => void;
  /** Unix time in milliseconds. */
  readonly nowMs: () => number;
  readonly logger: Logger;
}

/** Decides by a copy of what the main process holds. */
export interface DecidingWorker {
  /** @param connection what comes with `take` */
  hear(message: ToWorker, connection?: Socket): void;
}

export function createDecidingWorker(settings: WorkerSettings, needs: Needs): DecidingWorker {
  const { say } = needs;
  const replica = createReplica(settings.toolchainPath, (quarantined) => {
    say({ kind: 'quarantine', quarantined });
  });
  const audit = new RemoteAuditLog({
    queueEntriesMax: settings.config.auditQueueEntriesMax,
    send: (group, entries) => {
      say({ kind: 'append', group, entries });
    },
  });
  const gate = new WorkerGate();
  const observing = new Observing((observed) => {
    say({ kind: 'observed', observed });
  });
  const serving = serve(settings, needs, { replica, audit, gate, observing });
  const obey = obeying({ ...serving, replica, audit, gate, observing });
  return {
    hear(message, connection) {
      if (message.kind === 'take') say({ kind: 'taken' });
      const pending = obey(message, connection);
      if (!('ask' in message)) return;
      const { ask } = message;
      const done = (): void => {
        say({ kind: 'done', ask });
      };
      if (pending === undefined) done();
      else void pending.then(done);
    },
  };
}

interface Parts {
  readonly replica: Replica;
  readonly audit: RemoteAuditLog;
  readonly gate: WorkerGate;
  readonly observing: Observing;
}

interface Serving {
  readonly server: WorkerServer;
  /** Requests in flight are answered, refusals recorded; then nothing keeps the process. */
  readonly stop: (stopMsMax: number) => Promise<void>;
}

/** Puts together what answers requests, as `app.ts` and `serveHttp` do for a process that decides alone. */
function serve(
  { config, mainSocket }: WorkerSettings,
  { nowMs, logger }: Needs,
  { replica, audit, gate, observing }: Parts,
): Serving {
  const { basis, law, held } = replica;
  const warn = (message: string): void => {
    logger.warn(message);
  };
  const newId = uuidv7(nowMs);
  const revision = (): number => law.inForce.revision;
  const refusals = createRefusals({ audit, revision, nowMs, newId, warn });
  const oidc = config.oidc && createOidc({ settings: config.oidc, nowMs, warn });
  const point = { basis, audit, nowMs, newId, salt: random16Bytes, warn, gate, observer: observing };
  const server = serveConnections(
    {
      ...{ config, refusals, nowMs, mainSocket, ...held },
      decisionPoint: createDecisionPoint(point),
      ...(oidc !== undefined && { oidc }),
    },
    logger,
  );
  return {
    server,
    async stop(stopMsMax) {
      await server.close(stopMsMax);
      oidc?.close();
      law.close();
      await refusals.close();
    },
  };
}

/** What is done about each message; what takes time resolves when it is done. */
function obeying({ server, stop, replica, audit, gate, observing }: Parts & Serving) {
  const { held, law, quarantine } = replica;
  return (message: ToWorker, connection?: Socket): Promise<void> | undefined => {
    switch (message.kind) {
      case 'begin':
      case 'ping':
        return undefined;
      case 'show':
        for (const change of message.changes) apply(change, held);
        return undefined;
      case 'prepare':
        return law.prepare(message.law);
      case 'hold':
        gate.close();
        audit.flush();
        return undefined;
      case 'release':
        return law.moveTo(message.revision).then(() => {
          gate.open();
        });
      case 'stop':
        return stop(message.stopMsMax);
      case 'take':
        // One that was closed on its way is not there.
        if (connection !== undefined) server.take(connection);
        return undefined;
      case 'quarantine':
        quarantine.adopt(message.quarantined);
        return undefined;
      case 'observe':
        observing.active = message.active;
        return undefined;
      case 'written':
        audit.written(message.group, message.positions);
        return undefined;
      case 'unwritten':
        audit.unwritten(message.group, message.fault);
        return undefined;
    }
  };
}
