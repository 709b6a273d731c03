import { isObject } from '../document/json.js';
import {
  EVALUATIONS_SEMANTICS,
  evaluationValidator,
  type Evaluation,
  type EvaluationsSemantic,
} from '../decision/request.js';
import { WitanError, type Fault } from '../errors.js';

interface Batch {
  readonly evaluations: readonly Evaluation[];
  readonly semantic: EvaluationsSemantic;
}

const MEMBERS = ['subject', 'action', 'resource', 'context'] as const;

/** Reads a single evaluation. Throws `invalid_request` with every fault. */
export function readEvaluation(body: unknown): Evaluation {
  if (evaluationValidator.accepts(body)) return body;
  throw invalid(evaluationValidator.faults(body));
}

/**
 * Reads a boxcar of evaluations (AuthZEN 1.0, section 7.1): members of the top level are the defaults of every
 * item. `undefined` when there are no items, since the request is then a single evaluation.
 *
 * @throws WitanError `invalid_request` with every fault of every item; `too_many_items`.
 */
export function readEvaluations(body: unknown, itemsMax: number): Batch | undefined {
  if (!isObject(body)) return undefined;
  const { evaluations: items, options } = body;
  if (items === undefined || (Array.isArray(items) && items.length === 0)) return undefined;
  if (!Array.isArray(items)) throw invalid([{ pointer: '/evaluations', message: 'must be array' }]);
  if (items.length > itemsMax) {
    throw new WitanError(
      'too_many_items',
      `\`evaluations\` has ${items.length} items; at most ${itemsMax} are decided in one request`,
    );
  }
  const faults: Fault[] = [];
  const evaluations = (items as readonly unknown[]).map((item, index) => {
    const whole = isObject(item) ? withDefaults(item, body) : item;
    for (const fault of evaluationValidator.faults(whole)) {
      faults.push({ ...fault, pointer: `/evaluations/${index}${fault.pointer ?? ''}` });
    }
    // INVARIANT: used only when there are no faults.
    return whole as Evaluation;
  });
  const semantic = isObject(options) ? (options['evaluations_semantic'] ?? 'execute_all') : 'execute_all';
  if (options !== undefined && !isObject(options))
    faults.push({ pointer: '/options', message: 'must be object' });
  if (!isSemantic(semantic)) {
    faults.push({
      pointer: '/options/evaluations_semantic',
      message: `must be one of ${EVALUATIONS_SEMANTICS.map((name) => `\`${name}\``).join(', ')}`,
    });
  }
  if (faults.length > 0 || !isSemantic(semantic)) throw invalid(faults);
  return { evaluations, semantic };
}

function isSemantic(value: unknown): value is EvaluationsSemantic {
  return (EVALUATIONS_SEMANTICS as readonly unknown[]).includes(value);
}

/** A member of an item replaces the default as a whole; objects are not merged. */
function withDefaults(item: object, defaults: Readonly<Record<string, unknown>>): object {
  const given = Object.fromEntries(
    MEMBERS.filter((member) => defaults[member] !== undefined).map((member) => [member, defaults[member]]),
  );
  return { ...given, ...item };
}

function invalid(faults: readonly Fault[]): WitanError {
  const [first] = faults;
  return new WitanError('invalid_request', `${first?.pointer ?? ''} ${first?.message ?? ''}`.trim(), {
    faults,
  });
}
