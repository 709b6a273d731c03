import { MessageChannel, receiveMessageOnPort, type MessagePort, type Worker } from 'node:worker_threads';
import { startWorker } from '../worker.js';
import { EvaluationError } from './evaluation-error.js';
import { readNotation, writeNotation } from './notation.js';
import type { ToolchainRequest, ToolchainResponse, ToolchainWorkerData } from './toolchain-protocol.js';
import type { RegoValue } from './value.js';

/**
 * OPA's own code for the built-ins that few policies use (certificates, GraphQL, schemas, …), called synchronously
 * from within an evaluation. It runs in a worker of its own, so that a call that takes too long is given up and the
 * thread that decides goes on.
 */
export interface OpaBuiltins {
  /** Starts the worker if there is none and waits for it, so that no evaluation has to. @throws Error when it does not start. */
  start(): void;
  /**
   * @param nowNs what the clock says, in nanoseconds since 1970
   * @returns the result; `undefined` when the built-in is undefined for the operands
   * @throws EvaluationError `budget_exhausted` when it takes longer than the limit; Error when the built-in fails or its
   * operands are too large
   */
  call(name: string, operands: readonly RegoValue[], nowNs: bigint): RegoValue | undefined;
  close(): void;
}

interface OpaBuiltinsOptions {
  /** The toolchain's reactor. */
  readonly wasmPath: string;
  /** Longest call, in milliseconds. */
  readonly timeLimitMs?: number;
}

const MEMORY_BYTES_MAX = 512 * 1024 * 1024;
const START_MS_MAX = 30_000;
const TIME_LIMIT_MS = 1000;
/** Longest operands of one call in Rego's notation, in UTF-16 code units. */
const OPERANDS_LENGTH_MAX = 1024 * 1024;

interface Connection {
  readonly worker: Worker;
  readonly port: MessagePort;
  /** How many responses were sent. */
  readonly responses: Int32Array;
  /** How many of them were taken. */
  taken: number;
}

export function createOpaBuiltins({
  wasmPath,
  timeLimitMs = TIME_LIMIT_MS,
}: OpaBuiltinsOptions): OpaBuiltins {
  let connection: Connection | undefined;

  const close = (): void => {
    connection?.port.close();
    void connection?.worker.terminate();
    connection = undefined;
  };
  const connect = (): Connection => {
    if (connection !== undefined) return connection;
    connection = open(wasmPath);
    if (nextResponse(connection, START_MS_MAX) !== 'started') {
      close();
      throw new Error('the toolchain did not start');
    }
    return connection;
  };

  return {
    start() {
      connect();
    },
    call(name, operands, nowNs) {
      const notations = operands.map(writeNotation);
      if (notations.reduce((sum, { length }) => sum + length, 0) > OPERANDS_LENGTH_MAX) {
        throw new Error(`the operands are longer than ${OPERANDS_LENGTH_MAX} characters`);
      }
      const open = connect();
      const request = { op: 'builtin', name, arguments: notations, now_ns: String(nowNs) };
      open.port.postMessage(request satisfies ToolchainRequest);
      const response = nextResponse(open, timeLimitMs);
      if (response === undefined) {
        close();
        throw new EvaluationError(
          'budget_exhausted',
          `the built-in \`${name}\` took longer than ${timeLimitMs} ms`,
        );
      }
      if (response === 'started' || 'failed' in response) {
        close();
        throw new Error('the toolchain failed');
      }
      const called = JSON.parse(response.text) as { value?: string; failed?: string; error?: object };
      if (called.error !== undefined) throw new Error('OPA broke on the operands');
      if (called.failed !== undefined) throw new Error(withoutValues(called.failed));
      return called.value === undefined ? undefined : readNotation(called.value);
    },
    close,
  };
}

/** OPA's messages quote operands, which may be personal data; what they say of types is kept. */
function withoutValues(message: string): string {
  return (
    /operand [0-9]+ must be (?:one of )?[{}a-z, ]+ but got [a-z]+$/.exec(message)?.[0] ??
    'OPA cannot compute it'
  );
}

function open(wasmPath: string): Connection {
  const { port1, port2 } = new MessageChannel();
  const responses = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const worker = startWorker('./toolchain-worker', import.meta.url, {
    workerData: {
      reactor: { wasmPath, memoryBytesMax: MEMORY_BYTES_MAX },
      synchronous: { port: port2, responses },
    } satisfies ToolchainWorkerData,
    transferList: [port2],
  });
  worker.unref();
  port1.unref();
  return { worker, port: port1, responses, taken: 0 };
}

/** Waits, with this thread asleep, for the next response; `undefined` when there is none in time. */
function nextResponse(connection: Connection, timeLimitMs: number): ToolchainResponse | undefined {
  const { port, responses, taken } = connection;
  if (Atomics.load(responses, 0) === taken) Atomics.wait(responses, 0, taken, timeLimitMs);
  if (Atomics.load(responses, 0) === taken) return undefined;
  connection.taken += 1;
  return receiveMessageOnPort(port)?.message as ToolchainResponse | undefined;
}
