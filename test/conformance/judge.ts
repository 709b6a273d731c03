import { isObject, readJson } from '../../src/document/json.js';
import { recurring } from '../../src/document/recurring.js';
import type { AssembledQuery } from '../../src/rego/toolchain.js';
import { WitanError } from '../../src/errors.js';
import { EvaluationError } from '../../src/rego/evaluation-error.js';
import { stepsMax } from '../../src/rego/evaluator.js';
import { hostBuiltins } from '../../src/rego/host-builtins.js';
import { inputEncoder, type EncodedInput } from '../../src/rego/input-encoder.js';
import { readNotation } from '../../src/rego/notation.js';
import type { OpaBuiltins } from '../../src/rego/opa-builtins.js';
import { engineModule } from '../../src/rego/engine-module.js';
import { memoryBytesFor, PolicyInstance } from '../../src/rego/policy-instance.js';
import { moduleInput, type ModuleInput } from '../../src/rego/policy-module.js';
import { readsOf } from '../../src/rego/reads.js';
import { compareValues, objectOf, RegoObject, RegoSet, setOf, type RegoValue } from '../../src/rego/value.js';
import { writeNotation } from '../../src/rego/notation.js';
import type { ConformanceCase } from './cases.js';
import { sdk } from './sdk.js';

/** How one evaluator did on one case: it passed, or why it did not. */
export type Verdict = 'passed' | { readonly reason: string };

/** What an evaluator made of a case: its result set, or the error that it threw. */
type Answer = { readonly results: readonly RegoValue[] } | { readonly error: string };

const NOW_NS = 1_700_000_000_000_000_000n;

/** The product's own evaluator, with the whole input and with what of it is read, where that is known. */
export function judgeOwn(each: ConformanceCase, { wasm }: AssembledQuery, opa: OpaBuiltins): Verdict {
  const code = engineModule(wasm);
  const judged = judge(each, () => evaluateOwn(each, code, each.input, opa));
  const reads = readsOf(code).get('query');
  const input = jsonIn(each.input);
  if (judged !== 'passed' || reads === undefined || input === undefined) return judged;
  const encode = inputEncoder(reads);
  const read = encode(moduleInput(input));
  const again = judge(each, () => evaluateOwn(each, code, read, opa));
  if (again !== 'passed') return { reason: `of the input only ${read.text} is read: ${again.reason}` };
  const apart = judge(each, () => evaluateOwn(each, code, encode(recurringApart(input)), opa));
  return apart === 'passed' ? apart : { reason: `members stood apart: ${apart.reason}` };
}

/** Each member of the input apart, and kept from one evaluation to the next. */
function recurringApart(input: unknown): ModuleInput {
  if (!isObject(input)) return moduleInput(input, []);
  for (const member of Object.values(input))
    if (typeof member === 'object' && member !== null) recurring(member);
  return moduleInput(input, Object.keys(input));
}

/** Some inputs hold sets, which JSON does not know: the service gets none of that kind. */
function jsonIn(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return readJson(text);
  } catch (thrown) {
    if (thrown instanceof SyntaxError || thrown instanceof WitanError) return undefined;
    throw thrown;
  }
}

function evaluateOwn(
  each: ConformanceCase,
  code: WebAssembly.Module,
  input: EncodedInput | string | undefined,
  opa: OpaBuiltins,
): readonly RegoValue[] {
  const instance = new PolicyInstance(code, each.data, {
    builtins: hostBuiltins(() => NOW_NS, opa),
    strictBuiltinErrors: false,
    stepsMax,
    memoryBytes: memoryBytesFor(each.data),
  });
  // The second one has what the first one left behind.
  instance.evaluate(0, input, 'notation');
  const results = readNotation(instance.evaluate(0, input, 'notation'));
  return results instanceof RegoSet ? results.items : (results as readonly RegoValue[]);
}

/** The package `@open-policy-agent/opa-wasm` as it comes. */
export function judgeSdk(each: ConformanceCase, { bare }: AssembledQuery): Verdict {
  return judge(each, () => {
    const policy = sdk.loadPolicySync(bare, { initial: 16, maximum: 2048 });
    policy.setData(JSON.parse(each.data));
    const results = policy.evaluate(each.input === undefined ? undefined : JSON.parse(each.input));
    return readNotation(JSON.stringify(results)) as readonly RegoValue[];
  });
}

function judge(each: ConformanceCase, evaluate: () => readonly RegoValue[]): Verdict {
  let answer: Answer;
  try {
    answer = { results: evaluate() };
  } catch (thrown) {
    const code = thrown instanceof EvaluationError ? `${thrown.code}: ` : '';
    answer = { error: `${code}${thrown instanceof Error ? thrown.message : JSON.stringify(thrown)}` };
  }
  return verdictOf(each, answer);
}

/**
 * A case counts when the value equals the expected one with sets as arrays, undefined is undefined, a fatal error
 * throws, and an error that only strict built-ins show is undefined.
 */
function verdictOf(each: ConformanceCase, answer: Answer): Verdict {
  if (each.wantDefined !== undefined) {
    if ('error' in answer) return { reason: `threw ${answer.error}` };
    return answer.results.length > 0 === each.wantDefined ? 'passed' : { reason: 'definedness differs' };
  }
  if (each.wantResult !== undefined) {
    if ('error' in answer) return { reason: `threw ${answer.error}` };
    return compareResults(each.wantResult, answer.results, each.sortBindings);
  }
  if (!each.wantError) return { reason: 'the case expects nothing' };
  if (each.strictError) {
    if ('error' in answer) return { reason: `threw ${answer.error}` };
    return compareResults([], answer.results, false);
  }
  return 'error' in answer ? 'passed' : { reason: 'no error was thrown' };
}

function compareResults(
  want: readonly RegoValue[],
  have: readonly RegoValue[],
  sortBindings: boolean,
): Verdict {
  const wanted = setOf(want.map((bindings) => sorted(jsonForm(bindings), sortBindings)));
  const given = setOf(have.map((bindings) => sorted(jsonForm(bindings), sortBindings)));
  if (compareValues(wanted, given) === 0) return 'passed';
  return { reason: `expected ${shortened(wanted)}, got ${shortened(given)}` };
}

function shortened(value: RegoValue): string {
  const text = writeNotation(value);
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}

/** As it would be in JSON: sets as sorted arrays, keys as texts. */
function jsonForm(value: RegoValue): RegoValue {
  if (value instanceof RegoSet) return value.items.map(jsonForm);
  if (value instanceof RegoObject) {
    return objectOf(
      value.entries.map(([key, item]) => [
        typeof key === 'string' ? key : writeNotation(jsonForm(key)),
        jsonForm(item),
      ]),
    );
  }
  return Array.isArray(value) ? (value as readonly RegoValue[]).map(jsonForm) : value;
}

function sorted(bindings: RegoValue, asSets: boolean): RegoValue {
  if (!asSets || !(bindings instanceof RegoObject)) return bindings;
  return objectOf(
    bindings.entries.map(([name, value]) => [
      name,
      Array.isArray(value) ? [...(value as readonly RegoValue[])].sort(compareValues) : value,
    ]),
  );
}
