import { relative } from 'node:path';
import { messageOf, WitanError, type Fault } from '../errors.js';
import { withToolchain, type CommandNeeds } from './command.js';
import { faultLine } from './fault-lines.js';
import { annotation } from './github.js';
import { lineChanges, type LineChange } from '../document/line-changes.js';
import { progressOn } from './progress.js';
import { readText } from './read-text.js';
import { regoFilesIn } from './rego-files.js';
import { replaceFile } from './replace-file.js';
import { count, plain, styleOf, type Style } from './style.js';
import { EXIT, type ExitCode, type Terminal } from './terminal.js';

export const FORMAT_FORMATS = ['pretty', 'json', 'github'] as const;

interface FormatOptions {
  /** Rego files, and folders of them. */
  readonly paths: readonly string[];
  /** `show` tells what differs; `check` also says no then; `write` formats it. */
  readonly mode: 'show' | 'check' | 'write';
  readonly format: (typeof FORMAT_FORMATS)[number];
}

interface FileFormatted {
  /** From where the command runs. */
  readonly file: string;
  readonly differs: boolean;
  readonly changes: readonly LineChange[];
}

interface Formatting {
  /** How many files there are. */
  readonly total: number;
  readonly files: readonly FileFormatted[];
  /** Files that cannot be formatted, and why. */
  readonly faults: readonly Fault[];
}

/**
 * Holds Rego files to the layout of OPA's formatter.
 *
 * @throws WitanError what `regoFilesIn` and the toolchain throw.
 */
export async function runFormat(options: FormatOptions, needs: CommandNeeds): Promise<ExitCode> {
  const { mode, format } = options;
  const { terminal } = needs;
  const { total, files, faults } = await formatFiles(options, needs);
  const differing = files.filter(({ differs }) => differs);
  switch (format) {
    case 'pretty':
      for (const fault of faults) terminal.out(`${faultLine(fault)}\n`);
      for (const file of differing) terminal.out(pretty(file, mode, styleOf(terminal)));
      break;
    case 'json':
      terminal.out(`${JSON.stringify({ faults, files }, undefined, 2)}\n`);
      break;
    case 'github':
      for (const fault of faults) terminal.out(annotation('error', fault));
      if (mode !== 'write') for (const file of differing) terminal.out(annotation('error', faultOf(file)));
  }
  summarize(total, differing.length, faults.length, mode, terminal);
  return faults.length > 0 || (mode === 'check' && differing.length > 0) ? EXIT.no : EXIT.fine;
}

async function formatFiles({ paths, mode }: FormatOptions, needs: CommandNeeds): Promise<Formatting> {
  const faults: Fault[] = [];
  const texts = new Map<string, string>();
  const found = await regoFilesIn(paths);
  for (const path of found) {
    const file = relative('', path);
    try {
      texts.set(file, await readText(path, 'invalid_request'));
    } catch (thrown) {
      faults.push(faultIn(file, thrown));
    }
  }
  const report = await withToolchain(needs, (toolchain) =>
    toolchain.format([...texts].map(([path, text]) => ({ path, text }))),
  );
  faults.push(...report.errors);
  const files: FileFormatted[] = [];
  const progress = progressOn(needs.terminal);
  for (const [index, { path, text, differs }] of report.files.entries()) {
    const before = texts.get(path) ?? '';
    try {
      if (mode === 'write' && differs) {
        progress.say(`formatting ${path}`, index, report.files.length);
        await replaceFile(path, before, text);
      }
      files.push({ file: path, differs, changes: differs ? lineChanges(before, text) : [] });
    } catch (thrown) {
      faults.push(faultIn(path, thrown));
    }
  }
  progress.end();
  return { total: found.length, files, faults };
}

function faultIn(file: string, thrown: unknown): Fault {
  if (!(thrown instanceof WitanError)) throw thrown;
  return { file, code: thrown.code, message: messageOf(thrown) };
}

/** Lines of a change that are shown, of each kind. */
const LINES_MAX = 12;

/** The name of a file alone, or with how it would change. */
function pretty({ file, changes }: FileFormatted, mode: FormatOptions['mode'], style: Style): string {
  if (mode !== 'show') return `${plain(file)}\n`;
  const shown = changes.map(({ row, removed, added }) =>
    [
      style.dim(`@@ ${row}\n`),
      ...short(removed).map((line) => style.red(`-${line}\n`)),
      ...short(added).map((line) => style.green(`+${line}\n`)),
    ].join(''),
  );
  return `${style.bold(plain(file))}\n${shown.join('')}`;
}

function short(lines: readonly string[]): readonly string[] {
  const shown = lines
    .slice(0, LINES_MAX)
    .map((line) => line.replaceAll('\t', '  '))
    .map(plain);
  return lines.length > LINES_MAX
    ? [...shown, ` and ${count(lines.length - LINES_MAX, 'more line')}`]
    : shown;
}

function faultOf({ file, changes }: FileFormatted): Fault {
  return {
    file,
    row: changes[0]?.row ?? 1,
    code: 'not_formatted',
    message: `differs from what OPA's formatter writes; \`witan format --write ${file}\` mends it`,
  };
}

function summarize(
  total: number,
  differing: number,
  faulty: number,
  mode: FormatOptions['mode'],
  terminal: Terminal,
): void {
  const style = styleOf({ ...terminal, colours: terminal.colours && terminal.interactive });
  const unread = faulty === 0 ? '' : `, ${style.red(count(faulty, 'fault'))}`;
  const all = count(total, 'file');
  const differ = differing === 1 ? 'differs' : 'differ';
  if (differing === 0) terminal.err(`${all}, none differs${unread}\n`);
  else if (mode === 'write') terminal.err(`${differing} of ${all} formatted${unread}\n`);
  else terminal.err(`${style.red(`${differing} of ${all} ${differ}`)}${unread}; --write formats them\n`);
}
