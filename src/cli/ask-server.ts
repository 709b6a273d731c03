import type { Advice, DecisionCode, Obligation, Reason } from '../decision/decision.js';
import type { Evaluation } from '../decision/request.js';
import { isObject, readJson, writeJson } from '../document/json.js';
import { messageOf, WitanError, type Fault } from '../errors.js';

/** A decision as the decision API answers it. */
export interface Answer {
  readonly decision: boolean;
  readonly context: {
    /** Of the record; absent when there is none. */
    readonly id?: string;
    readonly code: DecisionCode;
    readonly reasons: readonly Reason[];
    readonly obligations: readonly Obligation[];
    readonly advice: readonly Advice[];
    readonly revision?: number;
  };
}

/** A service that did not answer as it should; no error of the catalogue, since that is the service's own. */
export class ServerError extends Error {}

const ANSWER_MS_MAX = 10_000;

/**
 * Asks a running service for one decision.
 *
 * @throws ServerError when it cannot be reached or fails; WitanError `invalid_request` when it refuses the request.
 */
export async function askServer(server: string, evaluation: Evaluation): Promise<Answer> {
  const url = urlOf(server);
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: writeJson(evaluation),
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
    });
    text = await response.text();
  } catch (thrown) {
    const cause = thrown instanceof Error && thrown.cause !== undefined ? thrown.cause : thrown;
    throw new ServerError(`\`${server}\` cannot be reached: ${messageOf(cause)}`, { cause: thrown });
  }
  const body = parsed(text);
  if (response.ok && isAnswer(body)) return body;
  const detail = isObject(body) && typeof body['detail'] === 'string' ? body['detail'] : text.slice(0, 200);
  if (response.status >= 400 && response.status < 500 && isObject(body) && 'code' in body) {
    const faults = Array.isArray(body['faults']) ? (body['faults'] as readonly Fault[]) : [];
    throw new WitanError('invalid_request', `\`${server}\` refuses the request: ${detail}`, { faults });
  }
  throw new ServerError(`\`${server}\` answered ${response.status}: ${detail}`);
}

function urlOf(server: string): URL {
  try {
    const base = new URL(server.endsWith('/') ? server : `${server}/`);
    if (/^https?:$/.test(base.protocol)) return new URL('access/v1/evaluation', base);
  } catch {
    // Said below.
  }
  throw new WitanError(
    'invalid_request',
    `\`${server}\` is no URL of a service; expected one such as \`http://127.0.0.1:8180\``,
  );
}

function parsed(text: string): unknown {
  try {
    return readJson(text);
  } catch {
    return undefined;
  }
}

/** Whether a server speaks as Witan does; an answer without the parts that are shown is no answer. */
function isAnswer(body: unknown): body is Answer {
  if (!isObject(body) || typeof body['decision'] !== 'boolean') return false;
  const { context } = body;
  return (
    isObject(context) &&
    typeof context['code'] === 'string' &&
    ['reasons', 'obligations', 'advice'].every((member) => Array.isArray(context[member]))
  );
}
