import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** One answer: a body with status 200, or as it says. A text goes out as it is. */
export interface CannedAnswer {
  readonly status?: number;
  readonly body?: unknown;
}

/** What was asked of a canned service. */
export interface Asked {
  readonly method: string;
  /** With its query, percent-encoded as it came. */
  readonly path: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: any;
}

/** A real HTTP server that knows its answers by heart: `GET /v1/layers` → answers, the last of which stays. */
export class CannedService {
  readonly asked: Asked[] = [];
  readonly #answers = new Map<string, CannedAnswer[]>();
  readonly #server = createServer((request, response) => {
    void text(request).then((body) => {
      const { method = '', url: path = '', headers } = request;
      this.asked.push({ method, path, headers, body: body === '' ? undefined : JSON.parse(body) });
      const { status = 200, body: answer } = this.#answerTo(`${method} ${path}`);
      response.statusCode = status;
      if (answer === undefined) response.end();
      else if (typeof answer === 'string') response.end(answer);
      else response.setHeader('Content-Type', 'application/json').end(JSON.stringify(answer));
    });
  });

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Forgets all answers and what was asked, and learns these. */
  answers(answers: Readonly<Record<string, CannedAnswer | readonly CannedAnswer[]>>): void {
    this.asked.length = 0;
    this.#answers.clear();
    for (const [route, answer] of Object.entries(answers)) this.#answers.set(route, [answer].flat());
  }

  /** What was sent with a method. */
  sent(method: string): readonly Asked[] {
    return this.asked.filter((each) => each.method === method);
  }

  #answerTo(route: string): CannedAnswer {
    const answers = this.#answers.get(route) ?? [];
    const [first] = answers.length > 1 ? answers.splice(0, 1) : answers;
    return first ?? problem(404, 'not_found', `there is nothing at ${route}`);
  }
}

/** A problem document as the service answers it. */
export function problem(
  status: number,
  code: string,
  detail: string,
  faults?: readonly object[],
): CannedAnswer {
  const body = { type: 'about:blank', title: 'Problem', status, code, detail, ...(faults && { faults }) };
  return { status, body };
}
