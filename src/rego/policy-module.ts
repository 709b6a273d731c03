/** The port between what a policy says and how Rego runs; the rest of the house knows Rego only through it. */

/** One input, as a value and as the JSON bytes that every layer's module reads. */
export interface ModuleInput {
  readonly value: unknown;
  readonly bytes: ArrayBuffer;
}

/** What came of evaluating one entrypoint. An error is data: nothing is thrown. */
export type ModuleResult =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: string };

/** The compiled bundle of one layer, ready to evaluate. */
export interface PolicyModule {
  readonly entrypoints: ReadonlySet<string>;
  /** Evaluates an entrypoint. `value` is `undefined` when the entrypoint is undefined for this input. `nowMs`: Unix time in milliseconds that every clock of Rego answers. */
  evaluate(entrypoint: string, input: ModuleInput, nowMs: number): ModuleResult;
}

/** Makes a module of WASM bytes and the data document. Throws `evaluation_failed` when a built-in is missing. */
export type CreatePolicyModule = (wasm: Uint8Array, data: object) => PolicyModule;

export function moduleInput(value: unknown): ModuleInput {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  return { value, bytes: bytes.buffer };
}
