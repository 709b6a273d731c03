import { CommanderError } from 'commander';
import { join } from 'node:path';
import type pino from 'pino';
import { ServerError } from '../src/cli/ask-server.js';
import { reportError } from '../src/cli/fault-lines.js';
import { createProgram } from '../src/cli/program.js';
import { EXIT } from '../src/cli/terminal.js';
import { bench } from '../src/cli/testing/bench.js';
import { WitanError } from '../src/errors.js';
import { policiesFolder, seedFolder } from './bundles.js';
import { InProcessMesh } from './in-process-mesh.js';
import { fetchAuthorized, tokenFor } from './tokens.js';
import { jsonOf, post, root, temporaryFolder } from './service.js';

const DAY_MS = 86_400_000;
const BATCH_ITEMS = 100;

/** A service in this process, whose clock a test moves. */
export class ServedMesh extends InProcessMesh {
  readonly dataDir = join(temporaryFolder(), 'data');
  readonly #policies: string;
  readonly #seed: string;

  /** @param audit what the layers say of the audit log, as YAML; each of them permits everything */
  constructor(audit: Readonly<Record<string, string>>) {
    super();
    const layers = Object.keys(audit);
    const open = { open: { rules: 'permit := true' } };
    this.#policies = policiesFolder(Object.fromEntries(layers.map((layer) => [layer, open])), audit);
    this.#seed = seedFolder(layers.filter((layer) => layer !== 'global'));
  }

  /** @param settings beside those of a mesh of its own */
  async start(settings: Readonly<Record<string, string>> = {}, logger?: pino.Logger): Promise<void> {
    const environment = {
      WITAN_DATA_DIR: this.dataDir,
      WITAN_POLICIES: this.#policies,
      WITAN_SEED: this.#seed,
      ...settings,
    };
    await this.serve(environment, logger === undefined ? {} : { logger });
  }

  passDays(days: number): void {
    this.nowMs += days * DAY_MS;
  }

  /** Decides so many accesses to tables of a domain, the i-th with `context(i)`. */
  async decide(
    domain: string,
    { count = 1, subject = 'bob', context = () => ({}) }: Decisions = {},
  ): Promise<void> {
    for (let from = 0; from < count; from += BATCH_ITEMS) {
      const items = Array.from({ length: Math.min(BATCH_ITEMS, count - from) }, (_, at) => ({
        context: context(from + at),
      }));
      const answer = await jsonOf(
        post(`${this.url}/access/v1/evaluations`, {
          subject: { type: 'user', id: subject },
          action: { name: 'read' },
          resource: { type: 'table', id: `${domain}-table`, properties: { domain } },
          evaluations: items,
        }),
      );
      if (answer.evaluations?.length !== items.length) throw new Error(JSON.stringify(answer));
    }
  }

  /** Asks as someone with every role, unless the request brings a token of its own. */
  fetch(path: string, init?: RequestInit): Promise<Response> {
    return fetchAuthorized(`${this.url}${path}`, init);
  }

  async get(path: string): Promise<any> {
    return jsonOf(this.fetch(path));
  }

  async text(path: string): Promise<string> {
    return (await this.fetch(path)).text();
  }

  /** Posts, and answers the status with the JSON of the body, if there is one. */
  async post(path: string, body: unknown): Promise<{ readonly status: number; readonly body: any }> {
    const response = await post(`${this.url}${path}`, body);
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
  }

  /** The decisions on record, oldest first. */
  async decisions(query = ''): Promise<readonly { readonly sequence: number; readonly record: any }[]> {
    return (await this.get(`/v1/records?kind=decision&order=oldest&limit=1000${query}`)).records;
  }
}

interface Decisions {
  readonly count?: number;
  readonly subject?: string;
  readonly context?: (index: number) => object;
}

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command of `witan` in this process; a service that it names is asked by someone with every role. */
export async function witan(...line: readonly string[]): Promise<Ran> {
  const needs = bench();
  let code = -1;
  const server = line.find((_, at) => line[at - 1] === '--server');
  const token = server === undefined ? undefined : await tokenFor(server);
  const program = createProgram({
    needs,
    toolchainPath: join(root, 'build/toolchain.wasm'),
    environment: token === undefined ? {} : { WITAN_TOKEN: token },
    stopped: () => Promise.reject(new Error('nothing is served')),
    ended: (ended) => {
      code = ended;
    },
  });
  try {
    await program.parseAsync(['node', 'witan', ...line]);
  } catch (thrown) {
    if (thrown instanceof WitanError) code = reportError(needs.terminal, thrown);
    // Commander has said what is wrong.
    else if (thrown instanceof CommanderError) code = EXIT.usage;
    else if (thrown instanceof ServerError) return { code: 3, out: needs.out(), err: thrown.message };
    else throw thrown;
  }
  return { code, out: needs.out(), err: needs.err() };
}
