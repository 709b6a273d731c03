import { Agent, request, type IncomingHttpHeaders } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { Ledger } from './ledger.js';

/** Clients that ask without end, each over a connection of its own that it keeps. */
export interface Load {
  /** Asks no more, and waits for the answers that are on their way. */
  stop(): Promise<void>;
}

interface Options {
  readonly url: string;
  readonly ledger: Ledger;
  readonly clients: number;
  /** From 0 to 1. */
  readonly random: () => number;
}

interface Received {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Whoever is refused or not answered asks again so much later. */
const AGAIN_MS = 5;
const FETCH_EVERY_MS = 10;
const CHECKPOINT_EVERY_MS = 100;
const ANSWER_MS_MAX = 30_000;

const REFUSALS: ReadonlySet<string> = new Set(['audit_unavailable', 'overloaded', 'stopping']);

export function startLoad({ url, ledger, clients, random }: Options): Load {
  const agent = new Agent({ keepAlive: true, maxSockets: clients + 2 });
  let stopping = false;
  const until = async (turn: () => Promise<void>): Promise<void> => {
    while (!stopping) await turn();
  };
  const ask = (client: number) => async (): Promise<void> => {
    const askedMs = performance.now();
    const received = await exchange(agent, url, '/access/v1/evaluation', evaluation(random));
    if (received === undefined) ledger.unanswered += 1;
    else if (hear(ledger, client, askedMs, received)) return;
    await pause(AGAIN_MS);
  };
  const fetchNewest = async (): Promise<void> => {
    await pause(FETCH_EVERY_MS);
    const id = ledger.newest;
    if (id === undefined || ledger.texts.has(id)) return;
    const received = await exchange(agent, url, `/v1/records/${id}`);
    if (received?.status === 200) ledger.texts.set(id, received.text);
    if (received?.status === 404) ledger.noteUnexpected('404 for the record of an answered decision');
  };
  const fetchCheckpoint = async (): Promise<void> => {
    await pause(CHECKPOINT_EVERY_MS);
    const received = await exchange(agent, url, '/log/checkpoint');
    if (received?.status === 200) ledger.checkpoint = received.text;
  };
  const turns = [
    ...Array.from({ length: clients }, (_, client) => ask(client)),
    fetchNewest,
    fetchCheckpoint,
  ];
  const ended = Promise.all(turns.map(until));
  return {
    async stop() {
      stopping = true;
      await ended;
      agent.destroy();
    },
  };
}

/** Notes what was said. Answers whether it was a decision. */
function hear(ledger: Ledger, client: number, askedMs: number, { status, headers, text }: Received): boolean {
  const heardMs = performance.now();
  const body = JSON.parse(text) as { decision?: unknown; context?: { id?: unknown }; code?: unknown };
  if (status === 200 && typeof body.decision === 'boolean' && typeof body.context?.id === 'string') {
    ledger.noteAnswer(body.context.id, { decision: body.decision, client, askedMs, heardMs });
    return true;
  }
  const isProblem = headers['content-type']?.startsWith('application/problem+json') === true;
  if (
    status === 503 &&
    isProblem &&
    headers['retry-after'] !== undefined &&
    REFUSALS.has(String(body.code))
  ) {
    ledger.noteRefusal(String(body.code));
  } else ledger.noteUnexpected(`${status} ${text.slice(0, 200)}`);
  return false;
}

/** One request of many: permits and denials, subjects that are known and unknown, products likewise. */
function evaluation(random: () => number): string {
  const oneOf = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  const number = Math.floor(random() * 80);
  const registered = random() < 0.8;
  return JSON.stringify({
    subject: { type: 'user', id: `reader-${number}` },
    action: { name: oneOf(['read', 'query', 'export']) },
    resource: {
      type: 'data_product',
      id: registered ? 'urn:mesh:sales:orders' : `urn:mesh:sales:draft-${number}`,
      ...(!registered && { properties: { domain: 'sales' } }),
    },
    context: {
      purpose: oneOf(['analytics', 'ops', 'advertising']),
      region: oneOf(['eu', 'uk', 'us']),
      ...(random() < 0.8 && { contract: `c-${number} ✓` }),
      note: 'x'.repeat(Math.floor(random() * 400)),
    },
  });
}

/** Posts a body as JSON, or gets. `undefined` unless the whole answer came. */
function exchange(agent: Agent, url: string, path: string, body?: string): Promise<Received | undefined> {
  return new Promise((resolve) => {
    const nothing = (): void => {
      resolve(undefined);
    };
    const headers = {
      ...(body !== undefined && {
        'Content-Type': 'application/json',
        'Content-Length': Buffer.byteLength(body),
      }),
    };
    const method = body === undefined ? 'GET' : 'POST';
    const sent = request(`${url}${path}`, { agent, method, headers, timeout: ANSWER_MS_MAX }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', nothing);
      response.once('close', () => {
        const { statusCode: status = 0, headers, complete } = response;
        resolve(complete ? { status, headers, text: Buffer.concat(chunks).toString('utf8') } : undefined);
      });
    });
    sent.once('error', nothing);
    sent.once('timeout', () => sent.destroy());
    sent.end(body);
  });
}
