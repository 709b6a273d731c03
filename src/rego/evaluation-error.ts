/**
 * - `builtin_failed`: a built-in could not be computed (division by zero, no number in a text, …)
 * - `conflict`: rules gave different values for the same thing
 * - `budget_exhausted`: it took more steps than an evaluation may
 * - `memory_exhausted`: it needed more memory or depth than a module has
 * - `input_malformed`: the input is not JSON
 * - `trapped`: the module stopped for another reason
 */
export type EvaluationErrorCode =
  'builtin_failed' | 'conflict' | 'budget_exhausted' | 'memory_exhausted' | 'input_malformed' | 'trapped';

/** Why an evaluation has no value. The message names no values of the input. */
export class EvaluationError extends Error {
  override readonly name = 'EvaluationError';

  constructor(
    readonly code: EvaluationErrorCode,
    message: string,
    options?: ErrorOptions,
    /** The policy that was evaluated, where it was one alone. */
    readonly policy?: string,
  ) {
    super(message, options);
  }

  /** The same error, of that policy. */
  of(policy: string): EvaluationError {
    return new EvaluationError(this.code, this.message, { cause: this.cause ?? this }, policy);
  }
}
