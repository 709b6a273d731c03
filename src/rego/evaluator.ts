import { readJson } from '../document/json.js';
import { messageOf, WitanError } from '../errors.js';
import type { Builtins } from './builtin.js';
import { hostBuiltins } from './host-builtins.js';
import { inputEncoder, type InputEncoder } from './input-encoder.js';
import { engineModule } from './engine-module.js';
import { EvaluationError } from './evaluation-error.js';
import { InstancePool, type Pooled } from './instance-pool.js';
import type { OpaBuiltins } from './opa-builtins.js';
import { memoryBytesFor, PolicyInstance, type InstanceOptions } from './policy-instance.js';
import { exhausts, type ModuleInput, type ModuleResult, type PolicyModule } from './policy-module.js';
import { readsOf, type Reads } from './reads.js';
import { RememberedAnswers } from './remembered-answers.js';

const NS_PER_MS = 1_000_000n;

export interface EvaluatorOptions {
  /** OPA's own code for rare built-ins; without it they are not supported. */
  readonly opaBuiltins?: OpaBuiltins;
}

/** What the instances of this thread may hold together: some thousand that evaluated inputs of a few kilobytes. */
const INSTANCES_BYTES_MAX = 512 * 1024 * 1024;
const INSTANCES = new InstancePool(INSTANCES_BYTES_MAX);

/** Parsed, answers take some three times as much. */
const ANSWERS_CHARS_MAX = 4 * 1024 * 1024;
const ANSWERS = new RememberedAnswers(ANSWERS_CHARS_MAX);

/** Entrypoints that ask one policy alone. */
const POLICY_ENTRYPOINT = /^witan\/policy\/(.+)$/;

const STEPS_BASE = 5_000_000;
const STEPS_FOR_EACH_INPUT_BYTE = 40;

/**
 * How many steps an evaluation may take of which so many bytes of input are read. A step takes some 5 to 30 ns; the policies of the default mesh take up to 10
 * for each byte of a product. It depends on input and module alone and is no setting, since a replay must end as the decision did.
 */
export function stepsMax(inputBytes: number): number {
  return STEPS_BASE + STEPS_FOR_EACH_INPUT_BYTE * inputBytes;
}

/**
 * Makes a policy module of the WASM that the toolchain compiled. Nothing is compiled by the engine and no instance made
 * until the first evaluation, or `warm`: of many layers few may be asked. One instance is kept and used one evaluation at
 * a time; one that trapped is discarded, since its memory cannot be trusted.
 *
 * @param wasm its bytes, or what another thread has compiled of them
 * @param data the data document `{ "mesh": { "global": { "data": { … } } } }` as JSON text
 */
export function createPolicyModule(
  wasm: Uint8Array | WebAssembly.Module,
  data: string,
  { opaBuiltins }: EvaluatorOptions = {},
): PolicyModule {
  let now = 0;
  /** The bytes are let go as soon as the engine has them. */
  let source = wasm;
  let opened: Opened | undefined;
  let sound = true;
  const pooled: Pooled = {
    drop: () => {
      opened = undefined;
    },
  };
  const code = (): WebAssembly.Module => {
    const compiled = compile(source);
    source = compiled;
    return compiled;
  };
  const open = (): Opened => {
    if (opened === undefined) {
      opened = openInstance(code(), data, {
        builtins: hostBuiltins(() => BigInt(Math.trunc(now)) * NS_PER_MS, opaBuiltins),
        strictBuiltinErrors: true,
        stepsMax,
        memoryBytes: memoryBytesFor(data),
      });
      sound = true;
      INSTANCES.used(pooled, opened.instance.touchedBytes());
    }
    return opened;
  };

  return {
    get compiled() {
      return { code: code(), data };
    },
    get entrypoints() {
      return open().entrypoints.names;
    },
    warm: () => {
      open();
    },
    evaluate(entrypoint: string, input: ModuleInput, nowMs: number): ModuleResult {
      now = nowMs;
      try {
        const { instance, entrypoints } = open();
        const called = entrypoints.get(entrypoint);
        if (called === undefined)
          throw new EvaluationError('trapped', `there is no entrypoint \`${entrypoint}\``);
        if (!sound) {
          instance.renew();
          sound = true;
        }
        const results = instance.evaluate(called.id, called.encode(input));
        INSTANCES.used(pooled, instance.touchedBytes());
        return { ok: true, value: called.read(results) };
      } catch (thrown) {
        const error = thrown instanceof EvaluationError ? thrown : unforeseen(thrown);
        sound = error.code === 'builtin_failed';
        if (exhausts(error)) {
          // It may have touched all of its memory.
          opened = undefined;
          INSTANCES.dropped(pooled);
        }
        const policy = POLICY_ENTRYPOINT.exec(entrypoint)?.[1];
        return { ok: false, error: policy === undefined ? error : error.of(policy) };
      }
    },
  };
}

interface Entrypoint {
  readonly id: number;
  /** Writes what it reads of an input. */
  readonly encode: InputEncoder;
  /** The value that its result set holds. */
  readonly read: (results: string) => unknown;
}

/** Of many entrypoints few are called: each is made when it is called first. */
class Entrypoints {
  readonly names: ReadonlySet<string>;
  readonly #ids: ReadonlyMap<string, number>;
  readonly #reads: ReadonlyMap<string, Reads>;
  readonly #called = new Map<string, Entrypoint>();

  constructor(ids: Readonly<Record<string, number>>, code: WebAssembly.Module) {
    this.#ids = new Map(Object.entries(ids));
    this.names = new Set(this.#ids.keys());
    this.#reads = readsOf(code);
  }

  get(name: string): Entrypoint | undefined {
    const known = this.#called.get(name);
    if (known !== undefined) return known;
    const id = this.#ids.get(name);
    if (id === undefined) return undefined;
    const encode = inputEncoder(this.#reads.get(name) ?? true);
    const made = { id, encode, read: ANSWERS.of(readResults) };
    this.#called.set(name, made);
    return made;
  }
}

/** Whatever else is thrown, a policy that could not be evaluated is in error. The message tells nothing of the input. */
function unforeseen(cause: unknown): EvaluationError {
  return new EvaluationError('trapped', 'the policy could not be evaluated', { cause });
}

function readResults(text: string): unknown {
  try {
    return (readJson(text) as readonly { readonly result: unknown }[])[0]?.result;
  } catch (cause) {
    throw new EvaluationError('trapped', 'the policy answered something that is not JSON', { cause });
  }
}

function compile(wasm: Uint8Array | WebAssembly.Module): WebAssembly.Module {
  try {
    return wasm instanceof Uint8Array ? engineModule(wasm) : wasm;
  } catch (cause) {
    throw notLoaded(cause);
  }
}

/** An instance that can be asked. */
interface Opened {
  readonly instance: PolicyInstance;
  readonly entrypoints: Entrypoints;
}

function openInstance(code: WebAssembly.Module, data: string, options: InstanceOptions): Opened {
  try {
    const instance = new PolicyInstance(code, data, options);
    refuseMissing(instance.requiredBuiltins(), options.builtins);
    return { instance, entrypoints: new Entrypoints(instance.entrypoints(), code) };
  } catch (cause) {
    if (cause instanceof WitanError) throw cause;
    throw notLoaded(cause);
  }
}

function notLoaded(cause: unknown): WitanError {
  return new WitanError('evaluation_failed', `the compiled bundle cannot be loaded: ${messageOf(cause)}`, {
    cause,
  });
}

function refuseMissing(required: readonly string[], builtins: Builtins): void {
  const missing = required.filter((name) => !Object.hasOwn(builtins, name));
  if (missing.length === 0) return;
  throw new WitanError(
    'evaluation_failed',
    `the bundle needs built-ins that are not here: ${missing.map((name) => `\`${name}\``).join(', ')}`,
    { faults: missing.map((name) => ({ code: 'rego_builtin_unsupported', message: name })) },
  );
}
