import { openToolchain } from '../law/mesh.js';
import type { Toolchain } from '../rego/toolchain.js';
import type { Terminal } from './terminal.js';

/** What every command is given of the world. */
export interface CommandNeeds {
  readonly terminal: Terminal;
  /** Opens a toolchain, which the command closes. */
  readonly openToolchain: () => Toolchain;
  /** Unix time in milliseconds. */
  readonly nowMs: () => number;
  /** Everything that comes in on standard input. */
  readonly stdin: () => Promise<string>;
  readonly version: string;
}

const TOOLCHAIN_MS_MAX = 120_000;

/** Lends the toolchain to `use`, and closes it whatever happens. */
export async function withToolchain<T>(
  { openToolchain }: Pick<CommandNeeds, 'openToolchain'>,
  use: (toolchain: Toolchain) => Promise<T>,
): Promise<T> {
  const toolchain = openToolchain();
  try {
    return await use(toolchain);
  } finally {
    await toolchain.close();
  }
}

/** @throws WitanError `toolchain_missing` when the reactor was not built. */
export function openToolchainAt(path: string): Toolchain {
  return openToolchain(path, TOOLCHAIN_MS_MAX);
}
