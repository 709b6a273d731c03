import { join } from 'node:path';
import { InProcessMesh } from './in-process-mesh.js';
import { temporaryFolder } from './service.js';
import { bearing, tokenOf } from './tokens.js';

export interface Answered {
  readonly status: number;
  readonly body: any;
  readonly headers: Headers;
}

/** Someone who asks with a token. */
export interface Asker {
  get(path: string): Promise<Answered>;
  post(path: string, body: unknown): Promise<Answered>;
  put(path: string, body: unknown): Promise<Answered>;
  delete(path: string): Promise<Answered>;
}

/** A service in this process with policies and a seed of the test's own, asked by whom the test likes; its clock a test moves. */
export class ActingMesh extends InProcessMesh {
  readonly dataDir = join(temporaryFolder(), 'data');
  readonly #policies: string;
  readonly #seed: string;
  readonly #tokens = new Map<string, Promise<string>>();

  /** @param folders of policies, and of domains, people and products */
  constructor({ policies, seed }: { readonly policies: string; readonly seed: string }) {
    super();
    this.#policies = policies;
    this.#seed = seed;
  }

  async start(): Promise<void> {
    await this.serve({
      WITAN_DATA_DIR: this.dataDir,
      WITAN_POLICIES: this.#policies,
      WITAN_SEED: this.#seed,
    });
  }

  /** The caller with these roles and no others. */
  as(caller: string, ...roles: string[]): Asker {
    const key = JSON.stringify([caller, ...roles]);
    const send = async (method: string, path: string, body?: unknown): Promise<Answered> => {
      const token = this.#tokens.get(key) ?? tokenOf(this.app, caller, roles);
      this.#tokens.set(key, token);
      const response = await fetch(`${this.url}${path}`, {
        method,
        headers: {
          ...bearing(await token),
          ...(body !== undefined && { 'Content-Type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      const { status, headers } = response;
      return { status, headers, body: text === '' ? undefined : JSON.parse(text) };
    };
    return {
      get: (path) => send('GET', path),
      post: (path, body) => send('POST', path, body),
      put: (path, body) => send('PUT', path, body),
      delete: (path) => send('DELETE', path),
    };
  }

  /** What is decided of an evaluation, asked from this machine. */
  async decide(evaluation: object): Promise<any> {
    const response = await fetch(`${this.url}/access/v1/evaluation`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(evaluation),
    });
    return response.json();
  }
}
