import type { ChildProcess } from 'node:child_process';
import { mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Cleanup } from './cleanup.js';
import { isMounted, run } from './system-command.js';

const IMAGE_BYTES = 512 * 1024 * 1024;
/** ext4 commits its journal by the clock only so often: what nobody syncs stays in memory, and is lost. */
const OPTIONS = 'commit=300';
const UNMOUNT_TRIES_MAX = 50;

/** Compiles the program that cuts the power; see `cut-power.c`. */
export function compileCutPower(folder: string): string {
  const program = join(folder, 'cut-power');
  run('gcc', ['-O2', '-Wall', '-Werror', '-o', program, join(import.meta.dirname, 'cut-power.c')]);
  return program;
}

/** An ext4 file system of its own, in a file, whose power can be cut. */
export class LoopDisk {
  /** Where it is mounted. */
  readonly folder: string;
  /** Whether its writes go past the page cache of the host. */
  readonly direct: boolean;
  readonly #device: string;
  readonly #program: string;
  readonly #remove: () => void;

  private constructor(folder: string, device: string, direct: boolean, program: string, remove: () => void) {
    this.folder = folder;
    this.direct = direct;
    this.#device = device;
    this.#program = program;
    this.#remove = remove;
  }

  /** Makes and mounts one below `parent`; `program` is the compiled program. */
  static create(parent: string, name: string, program: string, cleanup: Cleanup): LoopDisk {
    const image = join(parent, `${name}.img`);
    const folder = join(parent, name);
    writeFileSync(image, '');
    truncateSync(image, IMAGE_BYTES);
    mkdirSync(folder);
    run('mkfs.ext4', ['-q', '-F', image]);
    const { device, direct } = attach(image);
    const undo = cleanup.add(() => {
      if (isMounted(folder)) run('umount', ['-l', folder]);
      run('losetup', ['-d', device]);
      rmSync(image);
    });
    run('mount', ['-o', OPTIONS, device, folder]);
    return new LoopDisk(folder, device, direct, program, undo);
  }

  /**
   * Cuts the power of the disk and of the process that writes to it: nothing reaches the disk any more, and the process
   * is stopped for good; it is left to be killed.
   */
  cutPower({ pid }: ChildProcess): void {
    if (pid === undefined) throw new Error('the process whose power should be cut was never started');
    run(this.#program, [String(pid), this.folder]);
  }

  /** Unmounts, which forgets what was in memory alone, and mounts again, which replays the journal. */
  async restorePower(): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        run('umount', [this.folder]);
        break;
      } catch (thrown) {
        // The kernel lets go of a killed process's files a little later.
        if (tries === UNMOUNT_TRIES_MAX) throw thrown;
        await pause(20);
      }
    }
    run('mount', ['-o', OPTIONS, this.#device, this.folder]);
  }

  remove(): void {
    this.#remove();
  }
}

function attach(image: string): { readonly device: string; readonly direct: boolean } {
  try {
    return { device: run('losetup', ['--direct-io=on', '-f', '--show', image]), direct: true };
  } catch {
    // Not every file system below can do without its page cache; nothing is hidden by it, see docs/faults.md.
    return { device: run('losetup', ['-f', '--show', image]), direct: false };
  }
}
