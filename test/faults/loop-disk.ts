import { mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Cleanup } from './cleanup.js';
import { run } from './system-command.js';

const IMAGE_BYTES = 512 * 1024 * 1024;
/** ext4 commits its journal by the clock only so often: what nobody syncs stays in memory, and is lost. */
const OPTIONS = 'commit=300';
const UNMOUNT_TRIES_MAX = 50;

/** Compiles the program that shuts a file system down. */
export function compileShutDown(folder: string): string {
  const program = join(folder, 'shut-down');
  run('gcc', ['-O2', '-Wall', '-Werror', '-o', program, join(import.meta.dirname, 'shut-down.c')]);
  return program;
}

/** An ext4 file system of its own, in a file, whose power can be cut. */
export class LoopDisk {
  /** Where it is mounted. */
  readonly folder: string;
  /** Whether its writes go past the page cache of the host. */
  readonly direct: boolean;
  readonly #device: string;
  readonly #shutDown: string;
  readonly #remove: () => void;

  private constructor(folder: string, device: string, direct: boolean, shutDown: string, remove: () => void) {
    this.folder = folder;
    this.direct = direct;
    this.#device = device;
    this.#shutDown = shutDown;
    this.#remove = remove;
  }

  /** Makes and mounts one below `parent`; `shutDown` is the compiled program. */
  static create(parent: string, name: string, shutDown: string, cleanup: Cleanup): LoopDisk {
    const image = join(parent, `${name}.img`);
    const folder = join(parent, name);
    writeFileSync(image, '');
    truncateSync(image, IMAGE_BYTES);
    mkdirSync(folder);
    run('mkfs.ext4', ['-q', '-F', image]);
    const { device, direct } = attach(image);
    const undo = cleanup.add(() => {
      // The mount, if there is one, goes first; a process that still has files open is none of ours.
      if (run('findmnt', ['-n', '-o', 'SOURCE', '-S', device, '--first-only', '--notruncate']) !== '') {
        run('umount', ['-l', folder]);
      }
      run('losetup', ['-d', device]);
      rmSync(image);
    });
    run('mount', ['-o', OPTIONS, device, folder]);
    return new LoopDisk(folder, device, direct, shutDown, undo);
  }

  /** From now on nothing reaches the disk any more, and whoever tries is told so. */
  cutPower(): void {
    run(this.#shutDown, [this.folder]);
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
