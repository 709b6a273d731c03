import { createHash, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { lstat, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../errors.js';

/** The largest module that is kept; larger ones are compiled at each start. */
const FILE_BYTES_MAX = 64 * 1024 * 1024;
/** Modules that are kept beside those in force: what replays asked for last. */
const OTHERS_MAX = 64;
const DIGEST = /^sha256:([0-9a-f]{64})$/;
const FILE = /^([0-9a-f]{64})\.wasm$/;
const TEMPORARY = /^\.[0-9a-f]{16}\.part$/;

/**
 * Compiled modules as files of a folder, each named after the SHA-256 of its bytes. Nothing in it is believed: a file
 * counts only while its bytes have the digest that is asked for. Whoever asks MUST know by evidence that this is the
 * digest of the module wanted. Without the folder the service goes on, slower; so nothing here is an error of the caller.
 */
export class ModuleFiles {
  readonly #folder: string;
  readonly #warn: (message: string) => void;

  /** @param warn told of files that are not what their names say, and of what cannot be read or written */
  constructor(folder: string, warn: (message: string) => void) {
    this.#folder = folder;
    this.#warn = warn;
  }

  /**
   * The module of a digest; `undefined` where none is kept, or what is kept is another.
   *
   * @param digest `sha256:<hex>`
   */
  async find(digest: string): Promise<Uint8Array | undefined> {
    const path = this.#pathOf(digest);
    try {
      const bytes = await readRegularFile(path);
      if (bytes === undefined) return undefined;
      if (digestOf(bytes) === digest) return bytes;
      this.#warn(`\`${path}\` is not the module that its name says, and is not used`);
    } catch (thrown) {
      this.#warn(`the module \`${path}\` cannot be read, and is not used: ${messageOf(thrown)}`);
    }
    return undefined;
  }

  /** Keeps a module under the digest of its bytes, durably, or warns. */
  async keep(wasm: Uint8Array): Promise<void> {
    if (wasm.length > FILE_BYTES_MAX) return;
    const path = this.#pathOf(digestOf(wasm));
    const temporary = join(this.#folder, `.${randomBytes(8).toString('hex')}.part`);
    try {
      await this.#makeFolder();
      await writeDurably(temporary, wasm);
      await rename(temporary, path);
    } catch (thrown) {
      await rm(temporary, { force: true }).catch(() => undefined);
      this.#warn(`a compiled module could not be kept in \`${this.#folder}\`: ${messageOf(thrown)}`);
    }
  }

  /** Removes what is not in force, but the modules that were used last, and what a crash left half written. */
  async keepOnly(inForce: ReadonlySet<string>): Promise<void> {
    try {
      if (!(await this.#isOwnFolder())) return;
      const others: { readonly path: string; readonly usedMs: number }[] = [];
      for (const name of await readdir(this.#folder)) {
        const path = join(this.#folder, name);
        const hex = FILE.exec(name)?.[1];
        if (TEMPORARY.test(name)) await rm(path, { force: true });
        if (hex === undefined || inForce.has(`sha256:${hex}`)) continue;
        others.push({ path, usedMs: (await lstat(path)).mtimeMs });
      }
      others.sort((a, b) => b.usedMs - a.usedMs);
      for (const { path } of others.slice(OTHERS_MAX)) await rm(path, { force: true });
    } catch (thrown) {
      this.#warn(
        `\`${this.#folder}\` cannot be cleared of modules that are no longer used: ${messageOf(thrown)}`,
      );
    }
  }

  async #makeFolder(): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    if (!(await this.#isOwnFolder())) throw new Error('it is no folder of its own');
  }

  async #isOwnFolder(): Promise<boolean> {
    const found = await lstat(this.#folder).catch(() => undefined);
    return found?.isDirectory() ?? false;
  }

  #pathOf(digest: string): string {
    const hex = DIGEST.exec(digest)?.[1];
    if (hex === undefined) throw new TypeError(`\`${digest}\` is no digest`);
    return join(this.#folder, `${hex}.wasm`);
  }
}

/** `undefined` where there is none. A link is not followed, and nothing is waited for. */
async function readRegularFile(path: string): Promise<Buffer | undefined> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  const file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch((thrown: unknown) => {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return undefined;
    throw thrown;
  });
  if (file === undefined) return undefined;
  try {
    const found = await file.stat();
    if (!found.isFile()) throw new Error('it is no file');
    const { size } = found;
    if (size > FILE_BYTES_MAX) throw new Error(`it has ${size} bytes; expected at most ${FILE_BYTES_MAX}`);
    const bytes = await file.readFile();
    // What is asked for last is let go last.
    const now = new Date();
    await file.utimes(now, now);
    return bytes;
  } finally {
    await file.close();
  }
}

/** A file of its own, that no one else reads, on the disk when this is done. */
async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
