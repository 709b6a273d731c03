import { writeJson } from '../document/json.js';
import { keptBeside } from '../document/kept-beside.js';
import { recurs } from '../document/recurring.js';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Asking } from '../decision/decide.js';
import type { Decision } from '../decision/decision.js';
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
import { turns } from './turn.js';

interface Needs {
  readonly decisionPoint: Pick<DecisionPoint, 'decideAll'> & {
    decide(evaluation: Evaluation, asking: Asking): Promise<Answer>;
  };
  readonly registry: Registry;
  readonly config: Pick<Config, 'auth' | 'bodyBytesMax' | 'batchItemsMax'>;
}

/** @throws WitanError, at once or later, for what is not answered */
export type DecisionRoute = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/**
 * The AuthZEN decision API (Authorization API 1.0, sections 6 and 7), served by node:http alone: these are the hot routes.
 * All are asked with POST.
 *
 * @throws Error for a route that the table of permissions does not know
 */
export function decisionRoutes(needs: Needs): ReadonlyMap<string, DecisionRoute> {
  const { auth, bodyBytesMax, batchItemsMax } = needs.config;
  const endOfTurn = turns();
  /** Requests that came together are each parsed and decided at one go, in a row. */
  const reading =
    (
      answer: (body: unknown, request: IncomingMessage, response: ServerResponse) => Promise<void>,
    ): DecisionRoute =>
    async (request, response) => {
      requireMediaType(request, 'application/json');
      const text = await readBody(request, bodyBytesMax);
      await endOfTurn();
      await answer(parseBody(text), request, response);
    };
  const routes = new Map<string, DecisionRoute>([
    [
      '/access/v1/evaluation',
      reading((body, request, response) => answerOne(needs, readEvaluation(body), request, response)),
    ],
    [
      '/access/v1/evaluations',
      reading(async (body, request, response) => {
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
        send(response, `{"evaluations":[${answers.map((answer) => answerText(answer)).join(',')}]}`);
      }),
    ],
  ]);
  return new Map([...routes].map(([path, route]) => [path, permitted(path, route, auth)]));
}

/** Serves a route to those who may ask; on a developer's machine that is everyone who is on it. */
function permitted(path: string, route: DecisionRoute, auth: Config['auth']): DecisionRoute {
  const permission = permissionOf('POST', path);
  return (request, response) => {
    const caller = identifiedCaller(request);
    if (auth !== 'development') requirePermission(permission, caller);
    else if (caller === undefined) identify(request, LOCAL_CALLER);
    return route(request, response);
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

async function answerOne(
  needs: Needs,
  asked: Evaluation,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  requireWithin(needs, request, [asked]);
  const answer = await needs.decisionPoint.decide(asked, askingOf(request));
  send(response, answerText(answer, answer.id), ['X-Decision-Id', answer.id]);
}

/** What an answer says beside the decision and its id. */
export function contextOf({ decision, revision }: Answer): object {
  const { code, reasons, obligations, advice } = decision;
  return { code, reasons, obligations, advice, revision };
}

/** What decisions say, as members of JSON, of those that come again. */
const decisionTexts = new WeakMap<Decision, string>();

function textOf(decision: Decision): string {
  return recurs(decision.findings)
    ? keptBeside(decisionTexts, decision, () => saidText(decision))
    : saidText(decision);
}

function saidText({ code, reasons, obligations, advice }: Decision): string {
  return writeJson({ code, reasons, obligations, advice }).slice(1, -1);
}

/**
 * The answer as JSON text.
 *
 * @param id left out of the items of a batch, so that these are deterministic
 */
function answerText({ decision, revision }: Answer, id?: string): string {
  const named = id === undefined ? '' : `"id":"${id}",`;
  return `{"decision":${decision.decision},"context":{${named}${textOf(decision)},"revision":${revision}}}`;
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

/** @param headers names and values in turn, which node:http writes faster than an object of them */
function send(response: ServerResponse, text: string, headers: readonly string[] = []): void {
  response.writeHead(200, [
    ...headers,
    'Content-Type',
    'application/json',
    'Content-Length',
    String(Buffer.byteLength(text)),
    'Cache-Control',
    'no-store',
  ]);
  response.end(text);
}
