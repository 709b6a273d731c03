import { createRequire } from 'node:module';
import { messageOf, WitanError } from '../errors.js';
import { semverBuiltins } from './builtins/semver.js';
import { timeBuiltins } from './builtins/time.js';
import type { ModuleInput, ModuleResult, PolicyModule } from './policy-module.js';

/** The part of `@open-policy-agent/opa-wasm` that is used; the package is CommonJS and its types do not cover it. */
interface OpaWasm {
  readonly loadPolicySync: (
    module: WebAssembly.Module,
    memory: { initial: number; maximum: number },
    builtins: Readonly<Record<string, (...args: unknown[]) => unknown>>,
  ) => LoadedPolicy;
}

interface LoadedPolicy {
  readonly entrypoints: Readonly<Record<string, number>>;
  evaluate(input: ArrayBuffer, entrypoint: string): readonly { readonly result: unknown }[];
  setData(data: object): void;
}

const require = createRequire(import.meta.url);
const { loadPolicySync } = require('@open-policy-agent/opa-wasm') as OpaWasm;

/**
 * What the package brings along and is used from it. Its `regex.split` is left out, and so refused: it
 * backtracks, and a regular expression must take linear time.
 */
const SDK_BUILTINS: ReadonlySet<string> = new Set([
  'json.is_valid',
  'sprintf',
  'yaml.is_valid',
  'yaml.marshal',
  'yaml.unmarshal',
]);

const PAGE_BYTES = 64 * 1024;
/**
 * Enough for data and input at their limits; a policy that wants more is in error. All of it is there from the
 * start: untouched pages cost nothing, a bundle with much text of its own needs many at once, and memory that
 * grows while a module runs can end the process (see `withFixedMemory`).
 */
const MEMORY_PAGES = (128 * 1024 * 1024) / PAGE_BYTES;
const MEMORY = { initial: MEMORY_PAGES, maximum: MEMORY_PAGES };

/**
 * Makes a policy module of the WASM that the toolchain compiled. Instances are kept warm and used one
 * evaluation at a time; one that trapped or threw is discarded, since its memory cannot be trusted.
 *
 * @param data the data document, `{ mesh: { global: { data: { … } } } }`
 * @throws WitanError `evaluation_failed` when the module needs a built-in that is not here, or is not WASM.
 */
export function createPolicyModule(wasm: Uint8Array, data: object): PolicyModule {
  const compiled = compile(wasm);
  let nowMs = 0;
  const builtins = { ...timeBuiltins(() => nowMs), ...semverBuiltins };

  const instantiate = (): LoadedPolicy => {
    const instance = loadPolicySync(compiled, MEMORY, builtins);
    instance.setData(data);
    return instance;
  };

  refuseMissingBuiltins(compiled, builtins);
  const first = instantiate();
  const entrypoints: ReadonlySet<string> = new Set(Object.keys(first.entrypoints));
  let warm: LoadedPolicy | undefined = first;

  return {
    entrypoints,
    evaluate(entrypoint: string, input: ModuleInput, now: number): ModuleResult {
      nowMs = now;
      try {
        warm ??= instantiate();
        return { ok: true, value: warm.evaluate(input.bytes, entrypoint)[0]?.result };
      } catch (thrown) {
        warm = undefined;
        return { ok: false, error: reasonOf(thrown) };
      }
    },
  };
}

function compile(wasm: Uint8Array): WebAssembly.Module {
  try {
    return new WebAssembly.Module(wasm);
  } catch (cause) {
    throw new WitanError('evaluation_failed', `the compiled bundle is not WebAssembly: ${messageOf(cause)}`, {
      cause,
    });
  }
}

interface ListingExports {
  builtins(): number;
  opa_json_dump(address: number): number;
}

/** The built-ins that a module expects of its host stand in its memory once it is instantiated. */
function refuseMissingBuiltins(compiled: WebAssembly.Module, builtins: object): void {
  const memory = new WebAssembly.Memory(MEMORY);
  const unreachable = () => {
    throw new Error('called while the built-ins were listed');
  };
  const instance = new WebAssembly.Instance(compiled, {
    env: {
      memory,
      opa_abort: unreachable,
      opa_println: unreachable,
      opa_builtin0: unreachable,
      opa_builtin1: unreachable,
      opa_builtin2: unreachable,
      opa_builtin3: unreachable,
      opa_builtin4: unreachable,
    },
  });
  const abi = instance.exports as unknown as ListingExports;
  const start = abi.opa_json_dump(abi.builtins());
  const bytes = new Uint8Array(memory.buffer);
  const end = bytes.indexOf(0, start);
  const needed = JSON.parse(new TextDecoder().decode(bytes.subarray(start, end))) as Record<string, number>;
  const missing = Object.keys(needed).filter(
    (name) => !SDK_BUILTINS.has(name) && !Object.hasOwn(builtins, name),
  );
  if (missing.length > 0) {
    throw new WitanError(
      'evaluation_failed',
      `built-in ${missing.map((name) => `\`${name}\``).join(', ')} is not supported yet`,
      { faults: missing.map((name) => ({ code: 'rego_builtin_unsupported', message: name })) },
    );
  }
}

/** What went wrong, from what the package and the engine throw: strings, plain objects and errors. */
function reasonOf(thrown: unknown): string {
  if (typeof thrown === 'string') return thrown;
  if (thrown instanceof WebAssembly.RuntimeError) return `the policy trapped: ${thrown.message}`;
  if (thrown instanceof RangeError) return `the policy ran out of memory or depth: ${thrown.message}`;
  if (typeof thrown === 'object' && thrown !== null && 'message' in thrown) return String(thrown.message);
  return String(thrown);
}
