import { writeJson } from '../document/json.js';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Asking } from '../decision/decide.js';
import type { Answer, DecisionPoint } from '../decision/decision-point.js';
import type { Evaluation } from '../decision/request.js';
import { readEvaluation, readEvaluations } from './evaluations.js';
import { callerOf } from './caller.js';
import { parseBody, readBody, requireMediaType } from './body.js';

interface Needs {
  readonly decisionPoint: Pick<DecisionPoint, 'decideAll'> & {
    decide(evaluation: Evaluation, asking: Asking): Promise<Answer>;
  };
  readonly bodyBytesMax: number;
  readonly batchItemsMax: number;
}

type Route = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** The AuthZEN decision API (Authorization API 1.0, sections 6 and 7), served by node:http alone: these are the hot routes. */
export function decisionRoutes(needs: Needs): ReadonlyMap<string, Route> {
  return new Map<string, Route>([
    [
      '/access/v1/evaluation',
      async (request, response) => {
        const body = await readJson(request, needs.bodyBytesMax);
        await answerOne(needs, readEvaluation(body), request, response);
      },
    ],
    [
      '/access/v1/evaluations',
      async (request, response) => {
        const body = await readJson(request, needs.bodyBytesMax);
        const batch = readEvaluations(body, needs.batchItemsMax);
        // Without items it is the same as a single evaluation (section 7.1).
        if (batch === undefined) {
          await answerOne(needs, readEvaluation(body), request, response);
          return;
        }
        const answers = await needs.decisionPoint.decideAll(
          batch.evaluations,
          batch.semantic,
          askingOf(request),
        );
        send(response, { evaluations: answers.map((answer) => bodyOf(answer)) });
      },
    ],
  ]);
}

async function readJson(request: IncomingMessage, bytesMax: number): Promise<unknown> {
  requireMediaType(request, 'application/json');
  return parseBody(await readBody(request, bytesMax));
}

async function answerOne(
  { decisionPoint }: Needs,
  asked: Evaluation,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const answer = await decisionPoint.decide(asked, askingOf(request));
  response.setHeader('X-Decision-Id', answer.id);
  const { decision, context } = bodyOf(answer);
  send(response, { decision, context: { id: answer.id, ...context } });
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

function send(response: ServerResponse, body: object): void {
  const text = writeJson(body);
  response.writeHead(200, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
    'Cache-Control': 'no-store',
  });
  response.end(text);
}
