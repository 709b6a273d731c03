/** The part of the WebAssembly JavaScript interface that is used here: Node has it, and its types lack it. */
declare namespace WebAssembly {
  // eslint-disable-next-line @typescript-eslint/no-extraneous-class -- that is what the interface looks like
  class Module {
    constructor(bytes: Uint8Array);
    static customSections(module: Module, name: string): ArrayBuffer[];
  }
  class Instance {
    constructor(module: Module, imports?: Record<string, Record<string, unknown>>);
    readonly exports: Record<string, unknown>;
  }
  class Memory {
    constructor(descriptor: { initial: number; maximum?: number; shared?: boolean });
    readonly buffer: ArrayBuffer;
  }
  /** Compiles beside the caller. */
  function compile(bytes: Uint8Array): Promise<Module>;
  class RuntimeError extends Error {}
}
