import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../src/config.js';
import { laySeededStore } from './seeded-stores.js';
import { fetchAuthorized, knowService, tokenFor } from './tokens.js';

/** The project's root; tests are run from it. */
export const root = join(import.meta.dirname, '..');

/** A folder of its own for one test. */
export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'witan-test-'));
}

/** The built service as a process of its own. */
export interface RunningService {
  readonly url: string;
  readonly dataDir: string;
  readonly process: ChildProcess;
  /** Everything it wrote so far. */
  output(): string;
  /** Sends the signal and waits for the end; answers the exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function launch(environment: Readonly<Record<string, string>>): ChildProcess {
  return spawn(process.execPath, ['dist/main.js'], {
    cwd: root,
    env: { ...process.env, WITAN_PORT: '0', WITAN_LOG_LEVEL: 'warn', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/**
 * Starts the service and waits until it serves. Rejects with its output when it ends instead. Whoever has to end the
 * process whatever happens is told of it at once, by `launched`. Within a run of the tests it starts over a copy of a
 * store that was seeded as its own would be.
 */
export async function startService(
  environment: Readonly<Record<string, string>> = {},
  launched: (child: ChildProcess) => void = () => undefined,
): Promise<RunningService> {
  const dataDir = environment['WITAN_DATA_DIR'] ?? join(temporaryFolder(), 'data');
  const settings = { ...environment, WITAN_DATA_DIR: dataDir };
  await laySeededStore(readConfig(settings), 'now', (seeded) =>
    seedStore({ ...settings, WITAN_DATA_DIR: seeded }),
  );
  return start(settings, launched);
}

/** Starts the service with an empty store of its own, which it seeds. */
export function startSeeding(environment: Readonly<Record<string, string>> = {}): Promise<RunningService> {
  return start({ WITAN_DATA_DIR: join(temporaryFolder(), 'data'), ...environment });
}

/** Has the service seed the store that these settings name, and leaves it at rest. */
export async function seedStore(environment: Readonly<Record<string, string>>): Promise<void> {
  const code = await (await startSeeding(environment)).stop();
  if (code !== 0) throw new Error(`the service that seeded a store ended with ${String(code)}`);
}

function start(
  environment: Readonly<Record<string, string>> & { readonly WITAN_DATA_DIR: string },
  launched: (child: ChildProcess) => void = () => undefined,
): Promise<RunningService> {
  const dataDir = environment.WITAN_DATA_DIR;
  const child = launch(environment);
  launched(child);
  let output = '';
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return new Promise((resolve, reject) => {
    const onText = (chunk: Buffer): void => {
      output += chunk.toString();
      const url = /serves the mesh on (\S+)\. /.exec(output)?.[1];
      if (url === undefined) return;
      knowService({ url, dataDir });
      resolve({
        url,
        dataDir,
        process: child,
        output: () => output,
        stop: (signal = 'SIGTERM') => {
          child.kill(signal);
          return ended;
        },
      });
    };
    child.stdout?.on('data', onText);
    child.stderr?.on('data', onText);
    void ended.then((code) => {
      reject(new Error(`the service ended with ${String(code)}: ${output}`));
    });
  });
}

/** Runs the service where it is expected to end by itself. */
export function runToEnd(environment: Readonly<Record<string, string>>): Promise<Ended> {
  return finished(launch(environment));
}

/** Runs a command line of a shell. A service that it names is asked with a token for everything. */
export async function runShell(
  script: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const [server] = /http:\/\/127\.0\.0\.1:\d+/.exec(script) ?? [];
  const token = server === undefined ? undefined : await tokenFor(server);
  return finished(
    spawn('bash', ['-euo', 'pipefail', '-c', script], {
      cwd: root,
      env: { ...process.env, ...(token !== undefined && { WITAN_TOKEN: token }), ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  );
}

function finished(child: ChildProcess): Promise<Ended> {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve) => {
    child.once('close', (code) => {
      resolve({ code, stdout, stderr });
    });
  });
}

/** The JSON of an answer. */
export async function jsonOf(response: Response | Promise<Response>): Promise<any> {
  return (await response).json();
}

/** Posts a value as JSON, or a text as it is. */
export function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetchAuthorized(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}
