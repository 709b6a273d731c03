import { writeJson } from '../document/json.js';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Asking } from '../decision/decide.js';
import type { Answer, DecisionPoint } from '../decision/decision-point.js';
import type { Evaluation } from '../decision/request.js';
import { readEvaluation, readEvaluations } from './evaluations.js';
import type { Config } from '../config.js';
import { requireEnforcementPoint } from '../decision/require-enforcement-point.js';
import { LOCAL_CALLER } from '../identity/caller.js';
import { permissionOf, requirePermission } from '../identity/permissions.js';
import type { Registry } from '../registry/registry.js';
import { callerOf, identifiedCaller, identify } from './caller.js';
import { parseBody, readBody, requireMediaType } from './body.js';

interface Needs {
  readonly decisionPoint: Pick<DecisionPoint, 'decideAll'> & {
    decide(evaluation: Evaluation, asking: Asking): Promise<Answer>;
  };
  readonly registry: Registry;
  readonly config: Pick<Config, 'auth' | 'bodyBytesMax' | 'batchItemsMax'>;
}

export type DecisionRoute = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/**
 * The AuthZEN decision API (Authorization API 1.0, sections 6 and 7), served by node:http alone: these are the hot routes.
 * All are asked with POST.
 *
 * @throws Error for a route that the table of permissions does not know
 */
export function decisionRoutes(needs: Needs): ReadonlyMap<string, DecisionRoute> {
  const { auth, bodyBytesMax, batchItemsMax } = needs.config;
  const routes = new Map<string, DecisionRoute>([
    [
      '/access/v1/evaluation',
      async (request, response) => {
        const body = await readJson(request, bodyBytesMax);
        await answerOne(needs, readEvaluation(body), request, response);
      },
    ],
    [
      '/access/v1/evaluations',
      async (request, response) => {
        const body = await readJson(request, bodyBytesMax);
        const batch = readEvaluations(body, batchItemsMax);
        // Without items it is the same as a single evaluation (section 7.1).
        if (batch === undefined) {
          await answerOne(needs, readEvaluation(body), request, response);
          return;
        }
        requireWithin(needs, request, batch.evaluations);
        const answers = await needs.decisionPoint.decideAll(
          batch.evaluations,
          batch.semantic,
          askingOf(request),
        );
        send(response, { evaluations: answers.map((answer) => bodyOf(answer)) });
      },
    ],
  ]);
  return new Map([...routes].map(([path, route]) => [path, permitted(path, route, auth)]));
}

/** Serves a route to those who may ask; on a developer's machine that is everyone who is on it. */
function permitted(path: string, route: DecisionRoute, auth: Config['auth']): DecisionRoute {
  const permission = permissionOf('POST', path);
  return async (request, response) => {
    const caller = identifiedCaller(request);
    if (auth !== 'development') requirePermission(permission, caller);
    else if (caller === undefined) identify(request, LOCAL_CALLER);
    await route(request, response);
  };
}

/** Keeps an enforcement point of some domains to their resources, before anything is decided. */
function requireWithin(
  { config, registry }: Needs,
  request: IncomingMessage,
  evaluations: readonly Evaluation[],
): void {
  if (config.auth === 'development') return;
  for (const evaluation of evaluations) requireEnforcementPoint(callerOf(request), evaluation, registry);
}

async function readJson(request: IncomingMessage, bytesMax: number): Promise<unknown> {
  requireMediaType(request, 'application/json');
  return parseBody(await readBody(request, bytesMax));
}

async function answerOne(
  needs: Needs,
  asked: Evaluation,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  requireWithin(needs, request, [asked]);
  const answer = await needs.decisionPoint.decide(asked, askingOf(request));
  const { decision, context } = bodyOf(answer);
  const body = { decision, context: { id: answer.id, ...context } };
  send(response, body, { 'X-Decision-Id': answer.id });
}

/** What the answer says; without the decision's id, so that the items of a batch are deterministic. */
export function bodyOf({ decision, revision }: Answer): { decision: boolean; context: object } {
  const { code, reasons, obligations, advice } = decision;
  return { decision: decision.decision, context: { code, reasons, obligations, advice, revision } };
}

/** Who asks, with the identifiers that tie the record to the caller's own logs; overlong ones are cut. */
export function askingOf(request: IncomingMessage): Asking {
  const requestId = headerOf(request, 'x-request-id');
  const traceparent = headerOf(request, 'traceparent');
  const caller = callerOf(request);
  if (requestId === undefined && traceparent === undefined) return { caller };
  return {
    caller,
    correlation: {
      ...(requestId !== undefined && { request_id: requestId }),
      ...(traceparent !== undefined && { traceparent }),
    },
  };
}

const HEADER_CHARS_MAX = 256;

function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value.slice(0, HEADER_CHARS_MAX) : undefined;
}

function send(response: ServerResponse, body: object, headers: Readonly<Record<string, string>> = {}): void {
  const text = writeJson(body);
  response.writeHead(200, {
    ...headers,
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
    'Cache-Control': 'no-store',
  });
  response.end(text);
}
