import type { DecisionCall } from '../decision/decide.js';
import { evaluationValidator, type Evaluation } from '../decision/request.js';
import { parseDocument } from '../document/parse.js';
import { WitanError } from '../errors.js';
import { random16Bytes } from '../chance.js';
import type { CommandNeeds } from './command.js';
import { readText } from './read-text.js';

/** What a command that decides is told about the evaluation. */
export interface EvaluationOptions {
  /** File of the evaluation, or `-` for standard input. */
  readonly request: string;
  /** RFC 3339: the moment that is decided at, offline. */
  readonly now?: string | undefined;
}

/**
 * Reads what is to be decided, and as of when.
 *
 * @throws WitanError `not_found`, `malformed_json`; `invalid_request` with every fault of the evaluation, or for a time that is none
 */
export async function readEvaluation(
  { request, now }: EvaluationOptions,
  needs: Pick<CommandNeeds, 'nowMs' | 'stdin'>,
): Promise<{ readonly evaluation: Evaluation; readonly nowMs: number }> {
  const nowMs = now === undefined ? needs.nowMs() : momentOf(now);
  const evaluation = evaluationOf(
    request === '-' ? await needs.stdin() : await readText(request, 'malformed_json'),
    request === '-' ? '(stdin)' : request,
  );
  return { evaluation, nowMs };
}

/** The call of a decision that goes into no record. */
export function unrecorded(nowMs: number): DecisionCall {
  return { id: 'unrecorded', nowMs, caller: { id: 'cli', roles: [] }, salt: random16Bytes };
}

const RFC3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

function momentOf(text: string): number {
  const ms = RFC3339.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) {
    throw new WitanError(
      'invalid_request',
      `\`${text}\` is no RFC 3339 time; expected one such as \`2026-01-31T12:00:00Z\``,
    );
  }
  return ms;
}

function evaluationOf(text: string, file: string): Evaluation {
  const { document, locate } = parseDocument(text, { file, code: 'malformed_json' });
  if (evaluationValidator.accepts(document)) return document;
  const faults = evaluationValidator
    .faults(document)
    .map((fault) => ({ file, ...locate(fault.pointer ?? ''), ...fault }));
  throw new WitanError('invalid_request', `\`${file}\` is no evaluation`, { faults });
}
