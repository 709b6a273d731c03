/** Where a command writes: data to `out`, words and progress to `err`. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** Writes data that may be no text; resolves when more can be taken. */
  outBytes(bytes: Buffer): Promise<void>;
  /** Whether `err` is a terminal on which a line can be rewritten. */
  readonly interactive: boolean;
  /** Whether `out` is a terminal. */
  readonly outIsTerminal: boolean;
  /** Whether `out` shows colours; never with `NO_COLOR`. */
  readonly colours: boolean;
}

/** Exit codes, the same for every command. */
export const EXIT = {
  fine: 0,
  /** The answer is no: denied, not compliant, tests failed. */
  no: 1,
  /** Wrong use or input. */
  usage: 2,
  /** The service failed. */
  failed: 3,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
