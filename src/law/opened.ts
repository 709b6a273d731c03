import type { Config } from '../config.js';
import type { ModuleBytes } from '../rego/module-bytes.js';
import type { OpaBuiltins } from '../rego/opa-builtins.js';
import type { Toolchain } from '../rego/toolchain.js';
import type { Store } from '../store/store.js';
import type { ModuleKeeper } from './proven-modules.js';

/** What a service has opened before it loads its law; whoever opened it closes it. */
export interface Opened {
  readonly config: Config;
  readonly store: Store;
  readonly toolchain: Toolchain;
  readonly opaBuiltins: OpaBuiltins;
  readonly modules: ModuleKeeper;
  /** Kept where modules are handed to other processes. */
  readonly moduleBytes?: ModuleBytes;
  /** Unix time in milliseconds. */
  readonly nowMs: () => number;
  /** UUIDv7. */
  readonly newId: () => string;
  /** Told what is being done, in words. */
  readonly progress: (message: string) => void;
  /** Told what an operator should know of, in words. */
  readonly warn: (message: string) => void;
}
