import { bearing, tokenFor } from '../tokens.js';
import { request, type Agent, type IncomingHttpHeaders } from 'node:http';

/** An answer that came whole. */
export interface Received {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

const ANSWER_MS_MAX = 30_000;

/** Posts a body as JSON, or gets, as someone who may read everything. Rejects unless the whole answer comes. */
export async function exchange(agent: Agent, url: string, path: string, body?: string): Promise<Received> {
  const token = await tokenFor(url);
  return new Promise((resolve, reject) => {
    const headers = {
      ...(token !== undefined && bearing(token)),
      ...(body !== undefined && {
        'Content-Type': 'application/json',
        'Content-Length': Buffer.byteLength(body),
      }),
    };
    const method = body === undefined ? 'GET' : 'POST';
    const sent = request(`${url}${path}`, { agent, method, headers, timeout: ANSWER_MS_MAX }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', reject);
      response.once('close', () => {
        const { statusCode: status = 0, headers, complete } = response;
        if (complete) resolve({ status, headers, text: Buffer.concat(chunks).toString('utf8') });
        else reject(new Error(`the answer to \`${method} ${path}\` broke off`));
      });
    });
    sent.once('error', reject);
    sent.once('timeout', () => sent.destroy(new Error(`no answer to \`${method} ${path}\` in time`)));
    sent.end(body);
  });
}
