import type { ErrorCode, Fault } from '../errors.js';
import { WitanError } from '../errors.js';
import { InvalidToken } from './authenticate.js';

/** One HTTP status for every code: a code without one does not compile. */
const STATUS = {
  malformed_json: 400,
  invalid_request: 400,
  body_too_large: 413,
  unsupported_media_type: 415,
  method_not_allowed: 405,
  not_found: 404,
  not_loopback: 403,
  too_many_items: 413,
  note_invalid: 400,
  not_replayable: 409,
  under_hold: 409,
  unauthenticated: 401,
  forbidden: 403,
  last_operator: 409,
  proposal_closed: 409,
  proposal_not_approved: 409,
  revision_moved: 409,
  ballot_outdated: 409,
  waiver_closed: 409,
  law_not_decided: 503,
  descriptor_unknown_format: 400,
  descriptor_malformed: 400,
  descriptor_invalid: 400,
  product_not_compliant: 422,
  manifest_invalid: 400,
  bundle_invalid: 400,
  bundle_too_large: 413,
  policy_too_slow: 422,
  tests_failed: 422,
  parameter_out_of_bounds: 422,
  toolchain_missing: 500,
  toolchain_timeout: 503,
  toolchain_failed: 500,
  evaluation_failed: 500,
  config_invalid: 500,
  store_unavailable: 503,
  store_corrupt: 503,
  audit_unavailable: 503,
  overloaded: 503,
  port_in_use: 500,
  stopping: 503,
  internal_error: 500,
} as const satisfies Record<ErrorCode, number>;

const TITLE: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

/** A problem document (RFC 9457) with a stable `code` and every fault. */
export interface Problem {
  readonly type: 'about:blank';
  readonly title: string;
  readonly status: number;
  readonly code: ErrorCode;
  readonly detail: string;
  readonly faults?: readonly Fault[];
}

export interface ProblemAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly problem: Problem;
}

/** The answer to anything that was thrown. What is not of the catalogue says nothing of the inside. */
export function problemOf(thrown: unknown): ProblemAnswer {
  const error =
    thrown instanceof WitanError
      ? thrown
      : new WitanError('internal_error', 'the service failed; see its log');
  const status = STATUS[error.code];
  return {
    status,
    headers: {
      ...(status === 503 && { 'Retry-After': '1' }),
      ...(status === 401 && { 'WWW-Authenticate': challengeOf(error) }),
    },
    problem: {
      type: 'about:blank',
      title: TITLE[status] ?? 'Error',
      status,
      code: error.code,
      detail: error.message,
      ...(error.faults.length > 0 && { faults: error.faults }),
    },
  };
}

/** How to show who one is (RFC 6750, section 3): an error is named only where a token was sent. */
function challengeOf(error: WitanError): string {
  return `Bearer realm="witan"${error instanceof InvalidToken ? ', error="invalid_token"' : ''}`;
}

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';
