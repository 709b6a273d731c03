import type { MessagePort } from 'node:worker_threads';

/** A file as the toolchain takes it: path inside the bundle, and its text. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** A layer's bundle with what the layers above offer to it, outermost first. */
export interface ToolchainSource {
  readonly layer: string;
  readonly files: readonly SourceFile[];
  readonly libraries: readonly { readonly layer: string; readonly files: readonly SourceFile[] }[];
  /** JSON Schema of `input`. */
  readonly schema: object;
}

/** One call of the reactor. */
export type ToolchainRequest = {
  readonly op: string;
  readonly filter?: string;
  /** Whether a run of tests says which lines it reached. */
  readonly coverage?: boolean;
  /** A kind of decision, and the input that it is about, as JSON text. */
  readonly kind?: string;
  readonly inputText?: string;
  /** What of the input is not known, as references. */
  readonly unknowns?: readonly string[];
  /** A query over the files, which then need not be a bundle's. */
  readonly query?: string;
  /** A built-in, its operands in Rego's notation, and the time in nanoseconds since 1970. */
  readonly name?: string;
  readonly arguments?: readonly string[];
  readonly now_ns?: string;
} & Partial<ToolchainSource>;

/** A call as the JSON text that the reactor reads: the input stands in it as it is written, so that no number is rounded. */
export function requestText({ inputText, ...request }: ToolchainRequest): string {
  const text = JSON.stringify(request);
  // INVARIANT: the input is JSON, and the request an object with at least `op`.
  return inputText === undefined ? text : `${text.slice(0, -1)},"input":${inputText}}`;
}

/** Its answer as JSON text, or why there is none. */
export type ToolchainResponse = { readonly text: string } | { readonly failed: string } | 'started';

/** What a worker of the toolchain is started with. */
export interface ToolchainWorkerData {
  /** The reactor's file for one who cannot wait until it is compiled. */
  readonly reactor: WebAssembly.Module | { readonly wasmPath: string; readonly memoryBytesMax: number };
  /** For one who waits for responses without turning to events: where they are sent and counted. */
  readonly synchronous?: { readonly port: MessagePort; readonly responses: Int32Array };
}
