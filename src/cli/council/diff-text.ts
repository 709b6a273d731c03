import { isObject } from '../../document/json.js';
import { ServerError } from '../ask-server.js';
import { plain, type Style } from '../style.js';
import { section } from './sections.js';

/** What of a proposal's diff is shown. */
export interface ShownDiff {
  /** What it means, a sentence each, the weightiest first. */
  readonly words: readonly string[];
  readonly files: readonly {
    readonly path: string;
    /** Lines. */
    readonly added: number;
    readonly removed: number;
    /** Unified, without the names of the files. */
    readonly diff: string;
  }[];
}

/** @throws ServerError when the answer is no diff */
export function diffIn(answer: unknown): ShownDiff {
  const { words, files } = isObject(answer) ? answer : {};
  const isFile = (file: unknown): boolean =>
    isObject(file) && typeof file['path'] === 'string' && typeof file['diff'] === 'string';
  if (
    Array.isArray(words) &&
    words.every((each) => typeof each === 'string') &&
    Array.isArray(files) &&
    files.every(isFile)
  ) {
    // INVARIANT: what a command shows of a diff was looked at here.
    return answer as ShownDiff;
  }
  throw new ServerError('the service answered something that is no diff');
}

/** What a change means, a line each. */
export function meaningSection({ words }: ShownDiff, style: Style): string {
  return section('what it means', words.map(plain), style);
}

/** What changes in the files, line by line. */
export function filesSection({ files }: ShownDiff, style: Style): string {
  return files
    .map(({ path, added, removed, diff }) => {
      const title = `${plain(path)}  +${added} -${removed}`;
      const lines = diff
        .replace(/\n$/, '')
        .split('\n')
        .map((line) => painted(visible(line), style));
      return section(title, diff === '' ? [] : lines, style) || `\n${style.bold(title)}\n`;
    })
    .join('');
}

function painted(line: string, style: Style): string {
  if (line.startsWith('@@')) return style.dim(line);
  if (line.startsWith('+')) return style.green(line);
  return line.startsWith('-') ? style.red(line) : line;
}

/** Rego is indented by tabs, which are kept; what else could steer a terminal is not. */
function visible(line: string): string {
  return line.split('\t').map(plain).join('\t');
}
