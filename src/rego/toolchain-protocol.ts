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
export type ToolchainRequest = { readonly op: string; readonly filter?: string } & Partial<ToolchainSource>;

/** Its answer as JSON text, or why there is none. */
export type ToolchainResponse = { readonly text: string } | { readonly failed: string } | 'started';
