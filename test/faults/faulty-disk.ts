import { closeSync, openSync, readSync, realpathSync, writeSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { run } from './system-command.js';

/** How the files of one folder behave for one process. All faults are off by default. */
export interface Faults {
  /** Syncs succeed at once and do nothing, as on a disk that lies. */
  readonly syncLies?: boolean;
  readonly syncDelayMs?: number;
  /** Of 1,000 syncs so many fail, and do nothing. */
  readonly syncFailPermille?: number;
  readonly syncError?: 'EIO' | 'ENOSPC';
  /** Of 1,000 writes so many fail, after half of their bytes. */
  readonly writeFailPermille?: number;
  readonly writeError?: 'EIO' | 'ENOSPC';
}

/** Places in the control file, in units of four bytes; the order of `struct control` in `faulty-disk.c`. */
const FIELDS = 9;
const SYNCS_TOUCHED = 7;
const WRITES_TOUCHED = 8;

/** Compiles the library that makes a process see a faulty disk. */
export function compileFaultyDisk(folder: string): string {
  const library = join(folder, 'faulty-disk.so');
  const source = join(import.meta.dirname, 'faulty-disk.c');
  run('gcc', ['-O2', '-Wall', '-Werror', '-shared', '-fPIC', '-o', library, source]);
  return library;
}

/** The switch of the faults of one process: set while it runs. */
export class FaultyDisk {
  /** The environment that the process has to be started with. */
  readonly environment: Readonly<Record<string, string>>;
  readonly #control: number;
  readonly #seed: number;

  /** `below`: the folder whose files are concerned; it exists. `folder`: where the switch is kept. */
  constructor(library: string, folder: string, below: string, seed: number) {
    const path = join(folder, `faults-${seed}.control`);
    this.#control = openSync(path, 'w+');
    this.#seed = seed;
    this.environment = { LD_PRELOAD: library, FAULTS_CONTROL: path, FAULTS_FOLDER: realpathSync(below) };
    writeSync(this.#control, Buffer.alloc(4 * FIELDS), 0, 4 * FIELDS, 0);
    this.set({});
  }

  set(faults: Faults): void {
    const values = [
      faults.syncLies === true ? 1 : 0,
      faults.syncDelayMs ?? 0,
      faults.syncFailPermille ?? 0,
      constants.errno[faults.syncError ?? 'EIO'],
      faults.writeFailPermille ?? 0,
      constants.errno[faults.writeError ?? 'EIO'],
      this.#seed >>> 0,
    ];
    const words = Uint32Array.from(values);
    writeSync(this.#control, new Uint8Array(words.buffer), 0, words.byteLength, 0);
  }

  /** Syncs and writes that were not what they should be, so far. */
  touched(): { readonly syncs: number; readonly writes: number } {
    const words = new Uint32Array(FIELDS);
    readSync(this.#control, new Uint8Array(words.buffer), 0, 4 * FIELDS, 0);
    return { syncs: words[SYNCS_TOUCHED] ?? 0, writes: words[WRITES_TOUCHED] ?? 0 };
  }

  close(): void {
    closeSync(this.#control);
  }
}
