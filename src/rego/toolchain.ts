import type { Worker } from 'node:worker_threads';
import { messageOf, WitanError, type Fault } from '../errors.js';
import type { Kind } from '../policy/kind.js';
import { startWorker } from '../worker.js';
import type { EvaluationReport } from './evaluation-trace.js';
import type { SourceFile, ToolchainRequest, ToolchainResponse, ToolchainSource } from './toolchain-protocol.js';

export type { EvaluationReport, LineTrace, PolicyTrace, Reading, RuleTrace } from './evaluation-trace.js';

/** What a policy says of itself in its metadata; the names are the toolchain's. */
export interface PolicyDescription {
  readonly name: string;
  readonly package: string;
  readonly title: string;
  readonly description: string;
  readonly applies_to: readonly Kind[];
  readonly controls: readonly string[];
  readonly remedy?: string;
  readonly owner?: string;
  readonly file: string;
  readonly row: number;
  readonly rules: readonly string[];
}

export interface CheckReport {
  readonly errors: readonly Fault[];
  readonly policies: readonly PolicyDescription[];
  readonly builtins: readonly {
    readonly name: string;
    readonly file: string;
    readonly row: number;
    readonly column: number;
  }[];
}

export interface CompiledBundle extends CheckReport {
  /** Absent when there are errors, or no policies. */
  readonly wasm?: Uint8Array;
  /** The data document as JSON text, with its numbers as they were written. */
  readonly data: string;
}

/** A query as WASM: as decisions run it, and as OPA compiles it. Both are empty when there are errors. */
export interface AssembledQuery {
  readonly errors: readonly Fault[];
  readonly wasm: Uint8Array;
  readonly bare: Uint8Array;
}

export interface TestResult {
  readonly package: string;
  readonly name: string;
  readonly file: string;
  readonly row: number;
  readonly outcome: 'pass' | 'fail' | 'error' | 'skip';
  readonly duration_ns: number;
  readonly message?: string;
  /** The expression that was not true, and where it stands. */
  readonly failed_at?: Fault;
}

export interface TestReport {
  readonly errors: readonly Fault[];
  readonly results: readonly TestResult[];
}

/**
 * OPA's own compiler, type checker and test runner, in a worker of their own.
 * Every call rejects with `toolchain_timeout` past the time limit, `toolchain_failed` when the toolchain itself
 * breaks, `overloaded` when too many calls are waiting; the worker is then replaced and later calls go on. A call that
 * waits when the toolchain is closed, or comes later, rejects with `stopping`.
 */
export interface Toolchain {
  /** The reactor that it runs. */
  readonly wasmPath: string;
  check(source: ToolchainSource): Promise<CheckReport>;
  test(source: ToolchainSource, filter?: string): Promise<TestReport>;
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

  const drop = async (): Promise<void> => {
    const dropped = worker;
    worker = undefined;
    await dropped?.terminate();
  };

  const attempt = async (request: ToolchainRequest): Promise<string> => {
    if (closed) throw new WitanError('stopping', 'the toolchain is closed');
    worker ??= startWorker('./toolchain-worker', import.meta.url, {
      workerData: { wasmPath, memoryBytesMax },
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
  const call = async <T>(request: ToolchainRequest): Promise<T> => {
    if (waiting >= CALLS_WAITING_MAX)
      throw new WitanError('overloaded', 'too many calls of the toolchain are waiting');
    waiting += 1;
    const turn = tail.then(() => attempt(request));
    tail = turn.catch(() => undefined);
    try {
      const answer = JSON.parse(await turn) as T | { readonly error: { code: string; message: string } };
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
    check: (source) => call<CheckReport>({ op: 'check', ...source }),
    test: (source, filter) =>
      call<TestReport>({ op: 'test', ...source, ...(filter !== undefined && { filter }) }),
    async compile(source) {
      const { wasm, ...report } = await call<CheckReport & { wasm?: string; data: string }>({
        op: 'compile',
        ...source,
      });
      return { ...report, ...(wasm !== undefined && { wasm: Buffer.from(wasm, 'base64') }) };
    },
    async assemble(query, files) {
      const { errors, wasm = '', bare = '' } = await call<{ errors: Fault[]; wasm?: string; bare?: string }>({
        op: 'assemble',
        query,
        files,
      });
      return { errors, wasm: Buffer.from(wasm, 'base64'), bare: Buffer.from(bare, 'base64') };
    },
    async evaluate(source, kind, inputText) {
      requireJson(inputText);
      return call<EvaluationReport>({ op: 'evaluate', ...source, kind, inputText });
    },
    version: () => call({ op: 'version' }),
    close() {
      closed = true;
      return drop();
    },
  };
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
