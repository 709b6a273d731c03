import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { withFixedMemory } from './fixed-memory.js';
import {
  requestText,
  type ToolchainRequest,
  type ToolchainResponse,
  type ToolchainWorkerData,
} from './toolchain-protocol.js';

interface Reactor {
  readonly memory: { readonly buffer: ArrayBuffer };
  witan_alloc(bytes: number): number;
  /** Address of the answer in the upper and its length in the lower 32 bits. */
  witan_call(bytes: number): bigint;
}

// Node says of WASI that it is experimental each time that it is loaded; every other warning is still shown.
const warn = process.emitWarning.bind(process);
process.emitWarning = (warning: string | Error, ...rest: unknown[]) => {
  if (rest[0] !== 'ExperimentalWarning') (warn as (...all: unknown[]) => void)(warning, ...rest);
};
const { WASI } = await import('node:wasi');

const { reactor: code, synchronous } = workerData as ToolchainWorkerData;

/** Length and place of what is written, as WASI preview 1 passes them: pairs of 32-bit address and length. */
const IOVEC_BYTES = 8;

function compiled(): WebAssembly.Module {
  if (code instanceof WebAssembly.Module) return code;
  return new WebAssembly.Module(withFixedMemory(readFileSync(code.wasmPath), code.memoryBytesMax));
}

/**
 * No arguments, no environment, no files: the reactor gets what it works on in the request. When Go's runtime
 * breaks, it writes a dump of its threads and ends the process that it takes for its own: the dump is dropped, and
 * the end is an error of the call.
 */
function start(): Reactor {
  const wasi = new WASI({ version: 'preview1', args: [], env: {}, preopens: {} });
  const { wasi_snapshot_preview1: preview1 } = wasi.getImportObject() as Record<
    string,
    Record<string, unknown>
  >;
  const instance: WebAssembly.Instance = new WebAssembly.Instance(compiled(), {
    wasi_snapshot_preview1: {
      ...preview1,
      fd_write: (_descriptor: number, iovecs: number, count: number, written: number): number => {
        const { memory } = instance.exports as unknown as Reactor;
        const view = new DataView(memory.buffer);
        let bytes = 0;
        for (let index = 0; index < count; index += 1) {
          bytes += view.getUint32(iovecs + index * IOVEC_BYTES + 4, true);
        }
        view.setUint32(written, bytes, true);
        return 0;
      },
      proc_exit: (code: number): never => {
        throw new Error(`it ended itself with code ${code}, most likely out of memory`);
      },
    },
  });
  wasi.initialize(instance);
  return instance.exports as unknown as Reactor;
}

// V8 11.3 (Node 20): a collection that is finished by a stack guard inside WebAssembly leaves stale pointers in the
// frames below, and the process ends with SIGSEGV. What starts one is the memory of the reactor itself; it is
// finished here instead, while no WebAssembly runs.
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
const reactor = start();

// Built-ins are called in the middle of decisions and take less than a collection: after so much garbage, which is far
// from what sets one off, one is made between two of them.
const CALL_BYTES = 8 * 1024;
const COLLECTED_BYTES = 512 * 1024;
let allocatedBytes = Number.POSITIVE_INFINITY;

function call(request: ToolchainRequest): string {
  const bytes = new TextEncoder().encode(requestText(request));
  const address = reactor.witan_alloc(bytes.length) >>> 0;
  new Uint8Array(reactor.memory.buffer).set(bytes, address);
  allocatedBytes += bytes.length + CALL_BYTES;
  if (request.op !== 'builtin' || allocatedBytes > COLLECTED_BYTES) {
    // INVARIANT: no collection is under way when the reactor is entered.
    collectGarbage();
    allocatedBytes = 0;
  }
  const answer = BigInt.asUintN(64, reactor.witan_call(bytes.length));
  const start = Number(answer >> 32n);
  const length = Number(answer & 0xffffffffn);
  return Buffer.from(reactor.memory.buffer, start, length).toString('utf8');
}

const port: MessagePort | null = synchronous?.port ?? parentPort;

/** Sends a response; to one who waits for it without turning to events, says that it is there. */
function respond(response: ToolchainResponse): void {
  port?.postMessage(response);
  if (synchronous === undefined) return;
  Atomics.add(synchronous.responses, 0, 1);
  Atomics.notify(synchronous.responses, 0);
}

port?.on('message', (request: ToolchainRequest) => {
  try {
    respond({ text: call(request) });
  } catch (thrown) {
    respond({ failed: thrown instanceof Error ? thrown.message : String(thrown) });
  }
});
respond('started');
