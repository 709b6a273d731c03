import { rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { join, relative, resolve } from 'node:path';
import type { Logger } from 'pino';
import type { App } from '../app.js';
import { messageOf, WitanError } from '../errors.js';
import { createHttpServer, requestListener, stop, type HttpServer } from './server.js';

const SOCKET_FILE = 'main.sock';
/** Longest path that a Unix domain socket may have on every system, in bytes. */
const SOCKET_PATH_BYTES_MAX = 103;
/** Rights of what this process makes are masked by this while it makes the socket: it is for its own user alone. */
const OWNER_ALONE = 0o177;

/** The server of the main process that its workers pass requests on to. */
export interface InnerServer extends Pick<HttpServer, 'close'> {
  readonly socketPath: string;
}

/**
 * Serves requests that workers pass on, over a socket in the data folder. They are asked who sends them as all others are.
 *
 * @throws WitanError `config_invalid` where the folder's path is too long for a socket in it; `store_unavailable`
 */
export async function serveWorkers(app: App, logger: Logger): Promise<InnerServer> {
  const socketPath = socketPathIn(app.config.dataDir);
  const server = createHttpServer(requestListener(app, logger, true));
  await listenAlone(server, socketPath);
  return { socketPath, close: (stopMsMax) => stop(server, stopMsMax) };
}

function socketPathIn(dataDir: string): string {
  const absolute = join(resolve(dataDir), SOCKET_FILE);
  const fromHere = relative(process.cwd(), absolute);
  const path = fromHere.length < absolute.length ? fromHere : absolute;
  if (Buffer.byteLength(path) <= SOCKET_PATH_BYTES_MAX) return path;
  throw new WitanError(
    'config_invalid',
    `\`${path}\` is too long for the socket of the workers; expected at most ${SOCKET_PATH_BYTES_MAX} bytes: give another \`WITAN_DATA_DIR\``,
  );
}

/** What a process left that was killed is removed: no other one serves the folder, which is locked. */
async function listenAlone(server: Server, path: string): Promise<void> {
  rmSync(path, { force: true });
  try {
    await new Promise<void>((listening, failed) => {
      server.once('error', failed);
      const before = process.umask(OWNER_ALONE);
      try {
        // The socket is made before this returns.
        server.listen(path, listening);
      } finally {
        process.umask(before);
      }
    });
  } catch (cause) {
    throw new WitanError('store_unavailable', `cannot listen on \`${path}\`: ${messageOf(cause)}`, { cause });
  } finally {
    server.removeAllListeners('error');
  }
}
