import { readFileSync } from 'node:fs';
import { Agent, request, type IncomingHttpHeaders } from 'node:http';

/** The processes that a process has started and that still run. */
export function childrenOf(pid: number): readonly number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .split(' ')
    .filter((text) => text !== '')
    .map(Number)
    .filter(isRunning);
}

/** Whether a process is there and was not ended. */
export function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

export interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Sends one request, over a connection of the agent, and waits for the whole answer. */
export function send(
  url: string,
  body: string | undefined,
  {
    agent = new Agent({ keepAlive: false }),
    headers = {},
    method = body === undefined ? 'GET' : 'POST',
  }: {
    readonly agent?: Agent;
    readonly headers?: Readonly<Record<string, string>>;
    readonly method?: string;
  } = {},
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const framing = body === undefined ? {} : { 'Content-Type': 'application/json' };
    const asked = request(url, { method, agent, headers: { ...framing, ...headers } }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      answer.on('error', reject);
      answer.on('end', () => {
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text });
      });
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

/** What came of asking for decisions by many connections at once. */
export class Load {
  /** Ids of decisions that were answered. */
  readonly answered: string[] = [];
  readonly revisions: number[] = [];
  /** What was answered otherwise, or not at all. */
  readonly failures: string[] = [];
  readonly #agent: Agent;
  readonly #clients: Promise<unknown>;
  #running = true;

  /** @param batches how many evaluations are in every third request */
  constructor(url: string, evaluation: object, { connections = 16, batches = 3 } = {}) {
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
    const single = JSON.stringify(evaluation);
    const items = Array.from({ length: batches }, () => ({}));
    const batch = JSON.stringify({ ...evaluation, evaluations: items });
    this.#clients = Promise.all(
      Array.from({ length: connections }, async (_, n) => {
        for (let turn = n; this.#running; turn += 1) {
          const many = turn % 3 === 0;
          try {
            this.#note(
              await send(`${url}/access/v1/evaluation${many ? 's' : ''}`, many ? batch : single, {
                agent: this.#agent,
              }),
            );
          } catch (thrown) {
            this.failures.push(String(thrown));
          }
        }
      }),
    );
  }

  async stop(): Promise<void> {
    this.#running = false;
    await this.#clients;
    this.#agent.destroy();
  }

  #note({ status, text, headers }: Answered): void {
    if (status !== 200) {
      this.failures.push(`${status}: ${text}`);
      return;
    }
    const { evaluations, ...alone } = JSON.parse(text);
    if (evaluations === undefined) this.answered.push(String(headers['x-decision-id']));
    for (const { context } of evaluations ?? [alone]) this.revisions.push(context.revision);
  }
}
