import type { EvaluationError, EvaluationErrorCode } from './evaluation-error.js';

export type { EvaluationErrorCode };

/** The port between what a policy says and how Rego runs; the rest of the house knows Rego only through it. */

/** One input. A module gets of it what the entrypoint reads, and nothing else. */
export interface ModuleInput {
  readonly value: unknown;
  /** Members that are parsed by themselves: those whose values recur are then parsed once. */
  readonly apart?: readonly string[];
}

/** What came of evaluating one entrypoint. An error is data: nothing is thrown. */
export type ModuleResult =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: EvaluationError };

/** Whether an evaluation ended since it took more than it may, and so kept its thread for long. */
export function exhausts({ code }: EvaluationError): boolean {
  return code === 'budget_exhausted' || code === 'memory_exhausted';
}

/** What a module is made of. Another thread that is handed it makes the same module, without compiling it again. */
export interface CompiledModule {
  readonly code: WebAssembly.Module;
  /** The data document as JSON text. */
  readonly data: string;
}

/** The compiled bundle of one layer, ready to evaluate. */
export interface PolicyModule {
  /** Absent for a bundle without policies, which has nothing to evaluate. */
  readonly compiled?: CompiledModule;
  readonly entrypoints: ReadonlySet<string>;
  /**
   * Makes what an evaluation needs and is not there yet, which the first one otherwise does.
   *
   * @throws WitanError `evaluation_failed` when it is not WebAssembly, needs a built-in that is not here, or its data do not fit
   */
  warm(): void;
  /** Evaluates an entrypoint. `value` is `undefined` when the entrypoint is undefined for this input. `nowMs`: Unix time in milliseconds that every clock of Rego answers. */
  evaluate(entrypoint: string, input: ModuleInput, nowMs: number): ModuleResult;
}

/** The module of a bundle without policies, which has nothing to evaluate. */
export const WITHOUT_POLICIES: PolicyModule = {
  entrypoints: new Set<string>(),
  evaluate: () => ({ ok: true, value: {} }),
  warm: () => undefined,
};

/** Makes a module of WASM bytes and the data document as JSON text. */
export type CreatePolicyModule = (wasm: Uint8Array, data: string) => PolicyModule;

export function moduleInput(value: unknown, apart?: readonly string[]): ModuleInput {
  return apart === undefined ? { value } : { value, apart };
}
