import { setFlagsFromString } from 'node:v8';

/**
 * A function of WebAssembly is optimised when so many bytes of its code have run. V8 does so after 1.8 million, which
 * modules of policies reach with their first dozens of evaluations; but optimising takes some 30 ms for each module, as much
 * as it saves in thousands of evaluations (ADR 0028).
 */
const TIERING_BUDGET_BYTES = 30_000_000;

/** Sets V8 as every process that decides needs it, before any WebAssembly is compiled there. */
export function setEngine(): void {
  setFlagsFromString(`--wasm-tiering-budget=${TIERING_BUDGET_BYTES}`);
}
