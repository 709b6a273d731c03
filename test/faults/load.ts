import { Agent } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { exchange, type Received } from './exchange.js';
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

/** Whoever is refused or not answered asks again so much later. */
const AGAIN_MS = 5;
const FETCH_EVERY_MS = 10;
const CHECKPOINT_EVERY_MS = 100;

const INSIDE = /sqlite|witan-faults/i;
const REFUSALS: ReadonlySet<string> = new Set(['audit_unavailable', 'overloaded', 'stopping']);

export function startLoad({ url, ledger, clients, random }: Options): Load {
  const agent = new Agent({ keepAlive: true, maxSockets: clients + 2 });
  let stopping = false;
  const until = async (turn: () => Promise<void>): Promise<void> => {
    while (!stopping) await turn();
  };
  // Whatever else comes than a whole answer is none: that is what a client of a dying service gets.
  const heard = (path: string, body?: string): Promise<Received | undefined> =>
    exchange(agent, url, path, body).catch(() => undefined);
  const ask = (client: number) => async (): Promise<void> => {
    const askedMs = performance.now();
    const received = await heard('/access/v1/evaluation', evaluation(random));
    if (received === undefined) ledger.unanswered += 1;
    else if (hear(ledger, client, askedMs, received)) return;
    await pause(AGAIN_MS);
  };
  const fetchNewest = async (): Promise<void> => {
    await pause(FETCH_EVERY_MS);
    const id = ledger.newest;
    if (id === undefined || ledger.texts.has(id)) return;
    const received = await heard(`/v1/records/${id}`);
    if (received?.status === 200) ledger.texts.set(id, received.text);
    if (received?.status === 404) ledger.noteUnexpected('404 for the record of an answered decision');
  };
  const fetchCheckpoint = async (): Promise<void> => {
    await pause(CHECKPOINT_EVERY_MS);
    const received = await heard('/log/checkpoint');
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
  const isRefusal = status === 503 && headers['retry-after'] !== undefined && REFUSALS.has(String(body.code));
  // A problem shows nothing of the inside: neither where the store is nor what keeps it.
  if (isProblem && isRefusal && !INSIDE.test(text)) {
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
