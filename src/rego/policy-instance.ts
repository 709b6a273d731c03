import type { Builtins } from './builtin.js';
import { EvaluationError } from './evaluation-error.js';
import { InputParser, type InstanceInput } from './input-parser.js';
import { align, BUDGET_MAX, type ModuleExports } from './module-exports.js';
import { ModuleMemory } from './module-memory.js';
import { writeNotation } from './notation.js';
import { typeOf, type RegoValue } from './value.js';

const PAGE_BYTES = 64 * 1024;
/** Identifiers of built-ins of the module itself begin here (`toolchain/harden.go`). */
const NATIVE_ID_BASE = 1 << 20;
/** What a call of the host takes from the budget, beside one step for every 4 bytes of its operands. */
const HOST_CALL_STEPS = 100;

export interface InstanceOptions {
  readonly builtins: Builtins;
  /** Whether a built-in that fails is an error of the evaluation, or leaves its result undefined as OPA does. */
  readonly strictBuiltinErrors: boolean;
  /** Most steps of an evaluation of an input of so many bytes: rounds of loops and calls of rules. */
  readonly stepsMax: (inputBytes: number) => number;
  /** All that data, input and evaluation may take; see `memoryBytesFor`. */
  readonly memoryBytes: number;
}

const EVALUATION_BYTES = 128 * 1024 * 1024;
const MEMORY_BYTES_MAX = 1024 * 1024 * 1024;
/** What a byte of JSON may take as values in the memory of a module: most for many small objects. */
const BYTES_FOR_EACH_OF_DATA = 32;
/** Data of no more text are quickly loaded again: some 0.1 ms for each thousand characters. */
const LOADED_AGAIN_CHARS_MAX = 16 * 1024;

/** How much memory a module gets: enough for evaluations, and for its data. It depends on nothing else, so that a replay has as much. */
export function memoryBytesFor(data: string): number {
  return Math.min(EVALUATION_BYTES + data.length * BYTES_FOR_EACH_OF_DATA, MEMORY_BYTES_MAX);
}

/** The data document as the module holds it: its address, and where evaluations begin. */
interface Loaded {
  readonly data: number;
  readonly end: number;
}

/**
 * One instance of a policy module and its memory. It evaluates one input at a time. After an evaluation that trapped
 * nothing of it can be trusted: `renew` puts a fresh instance over the memory as it was when the data were loaded, of
 * which a copy is kept. Since most modules never trap, small data are loaded once more instead, and copied then.
 */
export class PolicyInstance {
  readonly #compiled: WebAssembly.Module;
  readonly #data: string;
  readonly #options: InstanceOptions;
  readonly #memory: WebAssembly.Memory;
  readonly #natives: readonly string[];
  #exports: ModuleExports;
  /** INVARIANT: made after the instance, whose start detaches every earlier view of the memory. */
  #values: ModuleMemory;
  readonly #hostBuiltins: ReadonlyMap<number, string>;
  readonly #loaded: Loaded;
  /** The memory up to where evaluations begin. */
  #copy: Buffer | undefined;
  readonly #inputs: InputParser;
  #failure: EvaluationError | undefined;
  /** The budget of the evaluation under way. */
  #steps = 0;

  /**
   * @param compiled by `engineModule`
   * @param data the data document as JSON text
   * @throws EvaluationError when it is no JSON or does not fit
   */
  constructor(compiled: WebAssembly.Module, data: string, options: InstanceOptions) {
    this.#compiled = compiled;
    this.#data = data;
    this.#options = options;
    const pages = Math.ceil(options.memoryBytes / PAGE_BYTES);
    // All of it is there from the start: untouched pages cost nothing, and memory that grows while a module runs can
    // end the process (see `withFixedMemory`).
    this.#memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    const [section] = WebAssembly.Module.customSections(compiled, 'witan.native');
    this.#natives =
      section === undefined ? [] : (JSON.parse(Buffer.from(section).toString('utf8')) as string[]);
    this.#exports = this.#instantiate();
    this.#values = new ModuleMemory(this.#memory);
    this.#hostBuiltins = this.#readBuiltins();
    this.#loaded = this.#load();
    if (data.length > LOADED_AGAIN_CHARS_MAX) this.#copy = this.#values.copy(0, this.#loaded.end);
    this.#inputs = new InputParser(this.#exports, this.#values, this.#loaded.end);
  }

  /** Entrypoints by their names. */
  entrypoints(): Readonly<Record<string, number>> {
    return this.#table(this.#exports.entrypoints());
  }

  /** The built-ins that the module asks of its host, without those of its own. */
  requiredBuiltins(): readonly string[] {
    return [...this.#hostBuiltins.values()];
  }

  /**
   * Evaluates an entrypoint and returns its result set: JSON, or Rego's notation, in which sets can be told.
   *
   * @throws EvaluationError; the instance must be renewed unless its code is `builtin_failed`
   */
  evaluate(entrypoint: number, input: InstanceInput, form: 'json' | 'notation' = 'json'): string {
    this.#failure = undefined;
    let result: string;
    try {
      const value = this.#inputs.parse(input, this.#begin);
      const context = this.#exports.opa_eval_ctx_new();
      this.#exports.opa_eval_ctx_set_data(context, this.#loaded.data);
      this.#exports.opa_eval_ctx_set_entrypoint(context, entrypoint);
      this.#exports.opa_eval_ctx_set_input(context, value);
      if (this.#exports.eval(context) !== 0) throw new EvaluationError('trapped', 'the policy gave up');
      const results = this.#exports.opa_eval_ctx_get_result(context);
      const address =
        form === 'notation' ? this.#exports.opa_value_dump(results) : this.#exports.opa_json_dump(results);
      result = this.#values.textAt(address);
    } catch (thrown) {
      throw this.#errorOf(thrown);
    }
    // INVARIANT: `#failure` is set by the module's calls of the host.
    const failure = this.#failure as EvaluationError | undefined;
    if (failure !== undefined) throw failure;
    return result;
  }

  /** Bytes of its memory that data and the last evaluation took; what lies behind was never touched, or by a larger one. */
  touchedBytes(): number {
    return this.#exports.opa_heap_ptr_get();
  }

  /** Steps that the last evaluation took. */
  steps(): number {
    return this.#steps - (this.#exports.witan_budget?.value ?? this.#steps);
  }

  renew(): void {
    const { end } = this.#loaded;
    const copy = this.#copy;
    if (copy === undefined) this.#values.clear(end);
    this.#exports = this.#instantiate();
    this.#values = new ModuleMemory(this.#memory);
    if (copy === undefined) {
      // INVARIANT: from an empty memory the same calls lead to the same bytes.
      this.#readBuiltins();
      this.#load();
      this.#copy = this.#values.copy(0, end);
    } else {
      this.#values.put(copy, 0);
      this.#exports.opa_heap_ptr_set(end);
    }
    this.#inputs.renew(this.#exports, this.#values);
  }

  /** From here on the steps of an evaluation count. */
  readonly #begin = (inputBytes: number): void => {
    this.#steps = this.#options.stepsMax(inputBytes);
    this.#setBudget(this.#steps);
  };

  #instantiate(): ModuleExports {
    const call = (id: number, _context: number, ...operands: number[]): number =>
      this.#callHost(id, operands);
    const instance = new WebAssembly.Instance(this.#compiled, {
      env: {
        memory: this.#memory,
        opa_abort: (address: number): never => {
          throw abortOf(this.#values.textAt(address));
        },
        opa_println: () => undefined,
        opa_builtin0: call,
        opa_builtin1: call,
        opa_builtin2: call,
        opa_builtin3: call,
        opa_builtin4: call,
      },
    });
    return instance.exports as unknown as ModuleExports;
  }

  #table(address: number): Readonly<Record<string, number>> {
    return JSON.parse(this.#values.textAt(this.#exports.opa_json_dump(address))) as Record<string, number>;
  }

  #readBuiltins(): ReadonlyMap<number, string> {
    return new Map(Object.entries(this.#table(this.#exports.builtins())).map(([name, id]) => [id, name]));
  }

  #load(): Loaded {
    try {
      this.#setBudget(BUDGET_MAX);
      const data = this.#parse(this.#data);
      if (data === 0) throw new EvaluationError('input_malformed', 'the data are not JSON');
      const end = align(this.#exports.opa_heap_ptr_get());
      this.#exports.opa_heap_ptr_set(end);
      return { data, end };
    } catch (thrown) {
      throw this.#errorOf(thrown);
    }
  }

  /** Puts a text in Rego's notation into the module as a value; 0 when it is none. */
  #parse(text: string): number {
    const room = text.length * 3 + 1;
    const address = this.#exports.opa_malloc(room);
    const value = this.#exports.opa_value_parse(address, this.#values.putText(text, address));
    this.#exports.opa_free(address);
    return value;
  }

  /** INVARIANT: throws only what must end the evaluation; a built-in that fails is noted and has no result. */
  #callHost(id: number, addresses: readonly number[]): number {
    const name = id < NATIVE_ID_BASE ? this.#hostBuiltins.get(id) : this.#natives[id - NATIVE_ID_BASE];
    const builtin = name === undefined ? undefined : this.#options.builtins[name];
    try {
      const operands = addresses.map((address) => this.#values.valueAt(address));
      this.#charge((builtin?.steps ?? HOST_CALL_STEPS) + this.#values.takeReadBytes() / 4);
      if (builtin === undefined) throw withoutResult(operands);
      const result = builtin(...operands);
      return result === undefined ? 0 : this.#give(result);
    } catch (thrown) {
      if (endsEvaluation(thrown)) throw thrown;
      if (this.#options.strictBuiltinErrors) this.#failure ??= failureOf(name ?? String(id), thrown);
      return 0;
    }
  }

  #give(result: RegoValue): number {
    const text = writeNotation(result);
    this.#charge(text.length / 4);
    const address = this.#parse(text);
    if (address === 0) throw new Error('its result is no value');
    return address;
  }

  #setBudget(steps: number): void {
    if (this.#exports.witan_budget !== undefined) this.#exports.witan_budget.value = steps;
  }

  #charge(steps: number): void {
    const budget = this.#exports.witan_budget;
    if (budget === undefined) return;
    budget.value -= Math.ceil(steps);
    if (budget.value < 0) throw budgetExhausted(this.#steps);
  }

  #errorOf(thrown: unknown): EvaluationError {
    if (thrown instanceof EvaluationError) return thrown;
    if ((this.#exports.witan_budget?.value ?? 0) < 0) return budgetExhausted(this.#steps);
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    if (thrown instanceof RangeError) {
      return new EvaluationError('memory_exhausted', `the policy ran out of memory or depth: ${message}`);
    }
    return new EvaluationError('trapped', `the policy trapped: ${message}`, { cause: thrown });
  }
}

/** Whether it leaves the instance in doubt: a trap, no stack left, an abort. All else is a built-in's own failure. */
function endsEvaluation(thrown: unknown): boolean {
  return (
    thrown instanceof EvaluationError ||
    thrown instanceof WebAssembly.RuntimeError ||
    thrown instanceof RangeError
  );
}

function budgetExhausted(steps: number): EvaluationError {
  return new EvaluationError('budget_exhausted', `the evaluation took more than ${steps} steps`);
}

/** What OPA's runtime says when it gives up. */
function abortOf(message: string): EvaluationError {
  if (message.includes('opa_malloc')) {
    return new EvaluationError('memory_exhausted', 'the policy ran out of memory');
  }
  if (message.includes('conflict')) return new EvaluationError('conflict', message);
  if (message.startsWith('illegal')) return new EvaluationError('input_malformed', message);
  return new EvaluationError('trapped', message);
}

function failureOf(name: string, thrown: unknown): EvaluationError {
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  return new EvaluationError('builtin_failed', `the built-in \`${name}\` failed: ${reason}`, {
    cause: thrown,
  });
}

function withoutResult(operands: readonly RegoValue[]): Error {
  return new Error(`it has no result for operands of type ${operands.map(typeOf).join(', ')}`);
}
