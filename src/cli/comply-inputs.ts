import { stat } from 'node:fs/promises';
import { isObject } from '../document/json.js';
import { parseDocument } from '../document/parse.js';
import type { Locate } from '../document/position.js';
import { WitanError, type Fault } from '../errors.js';
import type { ReadFile } from '../product/assemble.js';
import { readDescriptor } from '../product/read.js';
import { descriptorsBelow } from '../registry/seed.js';
import { isMissing, readText } from './read-text.js';

/** A descriptor that could not be read. */
export interface Unreadable {
  readonly file: string;
  readonly error: WitanError;
}

export interface Descriptors {
  readonly files: readonly ReadFile[];
  readonly unreadable: readonly Unreadable[];
  /** The file that a descriptor really stands in, by its name, where the two differ: lines of an NDJSON file. */
  readonly containers: ReadonlyMap<string, string>;
}

/** One line of an NDJSON file. */
interface Line {
  readonly text: string;
  readonly container: string;
  /** From 1. */
  readonly row: number;
}

/**
 * Reads the descriptors of files, folders and standard input (`-`); one that cannot be read never keeps the
 * others from being read.
 *
 * @throws WitanError `not_found` for a file that does not exist.
 */
export async function readDescriptors(
  paths: readonly string[],
  stdin: () => Promise<string>,
): Promise<Descriptors> {
  const files: ReadFile[] = [];
  const unreadable: Unreadable[] = [];
  const containers = new Map<string, string>();
  const attempt = (file: string, read: () => ReadFile): void => {
    try {
      files.push(read());
    } catch (thrown) {
      if (!(thrown instanceof WitanError)) throw thrown;
      unreadable.push({ file, error: thrown });
    }
  };
  for (const path of await filesOf(paths)) {
    const name = path === '-' ? '(stdin)' : path;
    const text = await readInput(path, stdin);
    if (text instanceof WitanError) {
      unreadable.push({ file: name, error: text });
    } else if (!isLines(path, text)) {
      attempt(name, () => readWhole(text, name));
    } else {
      for (const [index, content] of text.split('\n').entries()) {
        if (content.trim() === '') continue;
        const line: Line = { text: content, container: name, row: index + 1 };
        const unnamed = `${name}:${line.row}`;
        try {
          const { document, locate } = parseLine(line);
          const item = itemOf(document, unnamed);
          if (item.text === undefined) containers.set(item.file, name);
          attempt(item.file, () => readItem(item, line, locate));
        } catch (thrown) {
          if (!(thrown instanceof WitanError)) throw thrown;
          unreadable.push({ file: unnamed, error: thrown });
        }
      }
    }
  }
  return { files, unreadable, containers };
}

/** Folders stand for the descriptors below them. */
async function filesOf(paths: readonly string[]): Promise<readonly string[]> {
  const files: string[] = [];
  for (const path of paths) {
    try {
      const folder = path !== '-' && (await stat(path)).isDirectory();
      files.push(...(folder ? await descriptorsBelow(path) : [path]));
    } catch (cause) {
      if (!isMissing(cause)) throw cause;
      throw new WitanError('not_found', `\`${path}\` does not exist`, { cause });
    }
  }
  return files;
}

async function readInput(path: string, stdin: () => Promise<string>): Promise<string | WitanError> {
  if (path === '-') return stdin();
  try {
    return await readText(path, 'descriptor_malformed');
  } catch (thrown) {
    if (!(thrown instanceof WitanError) || thrown.code === 'not_found') throw thrown;
    return thrown;
  }
}

/** Whether a text holds one JSON document in each line; of standard input its first line tells. */
function isLines(path: string, text: string): boolean {
  if (path !== '-') return /\.(jsonl|ndjson)$/i.test(path);
  const [first = ''] = text.trimStart().split('\n', 1);
  try {
    return isObject(JSON.parse(first));
  } catch {
    return false;
  }
}

function readWhole(text: string, file: string): ReadFile {
  const { document, locate } = parseDocument(text, { file });
  return { metadata: readDescriptor(document, { file, locate }), file, locate };
}

/** A line's document with the places that it has in the file. */
function parseLine({ text, container, row }: Line): { document: unknown; locate: Locate } {
  try {
    const { document, locate } = parseDocument(text, { file: container });
    return {
      document,
      locate: (pointer) => {
        const place = locate(pointer);
        return place && { row: place.row + row - 1, column: place.column };
      },
    };
  } catch (thrown) {
    throw moved(thrown, (fault) => ({ ...fault, row: (fault.row ?? 1) + row - 1 }));
  }
}

/** What a line holds: a descriptor itself, one with the name of its file, or the text of one. */
interface Item {
  readonly file: string;
  readonly descriptor?: unknown;
  readonly text?: string;
  /** Where in the line the descriptor stands. */
  readonly pointer: string;
}

function itemOf(document: unknown, unnamed: string): Item {
  if (!isObject(document)) return { file: unnamed, descriptor: document, pointer: '' };
  const { file, descriptor, text } = document;
  const name = typeof file === 'string' && file !== '' ? file : unnamed;
  if (typeof text === 'string') return { file: name, text, pointer: '' };
  if (descriptor !== undefined) return { file: name, descriptor, pointer: '/descriptor' };
  return { file: unnamed, descriptor: document, pointer: '' };
}

function readItem(item: Item, { container }: Line, locateInLine: Locate): ReadFile {
  const { file, text, descriptor, pointer } = item;
  if (text !== undefined) return readWhole(text, file);
  const locate: Locate = (inside) => locateInLine(pointer + inside);
  try {
    return { metadata: readDescriptor(descriptor, { file, locate }), file, locate };
  } catch (thrown) {
    // The row and column are those of the container.
    throw moved(thrown, (fault) => ({ ...fault, file: container }));
  }
}

function moved(thrown: unknown, move: (fault: Fault) => Fault): unknown {
  if (!(thrown instanceof WitanError)) return thrown;
  return new WitanError(thrown.code, thrown.message, { faults: thrown.faults.map(move), cause: thrown });
}
