import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Worker } from 'node:worker_threads';
import { messageOf, WitanError, type Fault } from '../errors.js';
import type { Kind } from '../policy/kind.js';
import { readJson } from '../document/json.js';
import { startWorker } from '../worker.js';
import { reactorCode } from './reactor-code.js';
import type { CheckReport, CompiledBundle, Linted } from './check-report.js';
import type { EvaluationReport } from './evaluation-trace.js';
import type { PartialReport } from './partial-report.js';
import type { TestOptions, TestReport } from './test-report.js';
import type {
  SourceFile,
  ToolchainRequest,
  ToolchainResponse,
  ToolchainSource,
  ToolchainWorkerData,
} from './toolchain-protocol.js';

export type { CheckReport, CompiledBundle, PolicyDescription } from './check-report.js';
export type { EvaluationReport, LineTrace, PolicyTrace, Reading, RuleTrace } from './evaluation-trace.js';

/** A query as WASM: as decisions run it, and as OPA compiles it. Both are empty when there are errors. */
export interface AssembledQuery {
  readonly errors: readonly Fault[];
  readonly wasm: Uint8Array;
  readonly bare: Uint8Array;
}

/** Every Rego file that parses as OPA's formatter writes it, by path; the errors say what keeps the others from it. */
export interface FormatReport {
  readonly errors: readonly Fault[];
  readonly files: readonly { readonly path: string; readonly text: string; readonly differs: boolean }[];
}

/**
 * OPA's own compiler, type checker, formatter, test runner and partial evaluator, in a worker of their own.
 * Every call rejects with `toolchain_timeout` past the time limit, `toolchain_failed` when the toolchain itself
 * breaks, `overloaded` when too many calls are waiting; the worker is then replaced and later calls go on. A call that
 * waits when the toolchain is closed, or comes later, rejects with `stopping`.
 */
export interface Toolchain {
  /** The reactor that it runs. */
  readonly wasmPath: string;
  check(source: ToolchainSource): Promise<CheckReport & Linted>;
  test(source: ToolchainSource, options?: TestOptions): Promise<TestReport>;
  /** Files of other kinds than Rego are left out; paths may be any. */
  format(files: readonly SourceFile[]): Promise<FormatReport>;
  /**
   * Evaluates every policy that applies to the kind as far as what is known of the input goes.
   *
   * @param inputText what is known, as JSON text, whose numbers stay as they are written; with its `now`
   * @param unknowns references into the input, such as `input.subject`; what the input has there is not looked at
   * @throws WitanError `malformed_json` when the text is not JSON
   */
  partial(
    source: ToolchainSource,
    kind: Kind,
    inputText: string,
    unknowns: readonly string[],
  ): Promise<PartialReport>;
  compile(source: ToolchainSource): Promise<CompiledBundle>;
  /**
   * Evaluates every policy that applies to the kind with OPA's interpreter, and tells what became of each line.
   *
   * @param inputText the input as JSON text, whose numbers stay as they are written; its `now` is what clocks answer
   * @throws WitanError `malformed_json` when the text is not JSON
   */
  evaluate(source: ToolchainSource, kind: Kind, inputText: string): Promise<EvaluationReport>;
  /** Compiles a query over any modules, with every built-in of OPA: what the evaluator is tested with. */
  assemble(query: string, files: readonly SourceFile[]): Promise<AssembledQuery>;
  version(): Promise<{ readonly opa: string; readonly toolchain: string }>;
  /** `sha256:<hex>` of the reactor, which is not started for it. */
  digest(): Promise<string>;
  /** Which toolchain it is: the version of OPA in it, and its digest. */
  identity(): Promise<{ readonly opa: string; readonly digest: string }>;
  close(): Promise<void>;
}

interface ToolchainOptions {
  /** The reactor, as `npm run build` makes it. */
  readonly wasmPath: string;
  /** Longest call, in milliseconds. */
  readonly timeLimitMs: number;
  readonly memoryBytesMax?: number;
}

const MEMORY_BYTES_MAX = 1024 * 1024 * 1024;
const CALLS_WAITING_MAX = 256;

/** Longest start of a worker, in milliseconds; it does not count against the limit of the call that waits for it. */
const START_MS_MAX = 60_000;
const started = new WeakSet<Worker>();

/** Starts nothing until the first call; the worker never keeps the process alive. */
export function createToolchain({
  wasmPath,
  timeLimitMs,
  memoryBytesMax = MEMORY_BYTES_MAX,
}: ToolchainOptions): Toolchain {
  let worker: Worker | undefined;
  let tail: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  let closed = false;

  const reactor = async (): Promise<WebAssembly.Module> => {
    try {
      return await reactorCode(wasmPath, memoryBytesMax);
    } catch (cause) {
      throw new WitanError('toolchain_failed', `the toolchain failed: ${messageOf(cause)}`, { cause });
    }
  };

  const drop = async (): Promise<void> => {
    const dropped = worker;
    worker = undefined;
    await dropped?.terminate();
  };

  const attempt = async (request: ToolchainRequest): Promise<string> => {
    if (closed) throw new WitanError('stopping', 'the toolchain is closed');
    worker ??= startWorker('./toolchain-worker', import.meta.url, {
      workerData: { reactor: await reactor() } satisfies ToolchainWorkerData,
    });
    worker.unref();
    try {
      return await exchange(worker, request, timeLimitMs);
    } catch (thrown) {
      await drop();
      throw thrown;
    }
  };

  /** One call at a time, in order. */
  const call: Call = async <T>(request: ToolchainRequest, read: (text: string) => unknown = JSON.parse) => {
    if (waiting >= CALLS_WAITING_MAX)
      throw new WitanError('overloaded', 'too many calls of the toolchain are waiting');
    waiting += 1;
    const turn = tail.then(() => attempt(request));
    tail = turn.catch(() => undefined);
    try {
      const answer = read(await turn) as T | { readonly error: { code: string; message: string } };
      if (typeof answer === 'object' && answer !== null && 'error' in answer) {
        throw new WitanError('toolchain_failed', `the toolchain failed: ${answer.error.message}`);
      }
      return answer;
    } finally {
      waiting -= 1;
    }
  };

  return {
    wasmPath,
    ...operations(call, wasmPath),
    close() {
      closed = true;
      return drop();
    },
  };
}

type Call = <T>(request: ToolchainRequest, read?: (text: string) => unknown) => Promise<T>;

/** What the reactor can be asked, and how its answers are read. */
function operations(call: Call, wasmPath: string): Omit<Toolchain, 'wasmPath' | 'close'> {
  /** Of the toolchain itself, which does not change while it runs: it is hashed once. */
  let known: Promise<string> | undefined;
  const digest = (): Promise<string> => (known ??= digestOf(wasmPath));
  return {
    digest,
    check: (source) => call({ op: 'check', ...source }),
    test: (source, { filter, coverage = false } = {}) =>
      call({ op: 'test', ...source, coverage, ...(filter !== undefined && { filter }) }),
    format: (files) => call({ op: 'format', files }),
    async partial(source, kind, inputText, unknowns) {
      requireJson(inputText);
      return call({ op: 'partial', ...source, kind, inputText, unknowns }, readJson);
    },
    async compile(source) {
      const { wasm, ...report } = await call<CheckReport & { wasm?: string; data: string }>({
        op: 'compile',
        ...source,
      });
      return { ...report, ...(wasm !== undefined && { wasm: Buffer.from(wasm, 'base64') }) };
    },
    async assemble(query, files) {
      const {
        errors,
        wasm = '',
        bare = '',
      } = await call<{ errors: Fault[]; wasm?: string; bare?: string }>({
        op: 'assemble',
        query,
        files,
      });
      return { errors, wasm: Buffer.from(wasm, 'base64'), bare: Buffer.from(bare, 'base64') };
    },
    async evaluate(source, kind, inputText) {
      requireJson(inputText);
      return call<EvaluationReport>({ op: 'evaluate', ...source, kind, inputText }, readJson);
    },
    version: () => call({ op: 'version' }),
    async identity() {
      const { opa } = await call<{ opa: string }>({ op: 'version' });
      return { opa, digest: await digest() };
    },
  };
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256').update(await readFile(path));
  return `sha256:${hash.digest('hex')}`;
}

/** The text becomes part of the request's own JSON. */
function requireJson(text: string): void {
  try {
    JSON.parse(text);
  } catch (cause) {
    throw new WitanError('malformed_json', `the input is not JSON: ${messageOf(cause)}`, { cause });
  }
}

function exchange(worker: Worker, request: ToolchainRequest, timeLimitMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const settle = (action: () => void): void => {
      clearTimeout(timer);
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      action();
    };
    const fail = (message: string, cause?: unknown): void => {
      settle(() => {
        reject(new WitanError('toolchain_failed', `the toolchain failed: ${message}`, { cause }));
      });
    };
    const onMessage = (response: ToolchainResponse): void => {
      if (response === 'started') {
        started.add(worker);
        clearTimeout(timer);
        timer = setTimeout(tooLong, timeLimitMs);
      } else if ('failed' in response) fail(response.failed);
      else
        settle(() => {
          resolve(response.text);
        });
    };
    const onError = (thrown: unknown): void => {
      fail(messageOf(thrown), thrown);
    };
    const onExit = (): void => {
      fail('its worker ended');
    };
    const tooLong = (): void => {
      settle(() => {
        const message = `the toolchain took longer than ${timeLimitMs} ms for \`${request.op}\` and was stopped`;
        reject(new WitanError('toolchain_timeout', message));
      });
    };
    let timer = setTimeout(tooLong, started.has(worker) ? timeLimitMs : START_MS_MAX);
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    worker.postMessage(request);
  });
}
