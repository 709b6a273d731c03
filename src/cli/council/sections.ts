import type { Style } from '../style.js';

/** A titled part of a page: its lines indented by two; nothing where it has no lines. */
export function section(title: string, lines: readonly string[], style: Style): string {
  if (lines.length === 0) return '';
  return `\n${style.bold(title)}\n${lines.map((line) => `  ${line}\n`).join('')}`;
}

/** The same with a text that is indented already, such as a table. */
export function textSection(title: string, text: string, style: Style): string {
  return text === '' ? '' : `\n${style.bold(title)}\n${text}`;
}

/** The head of a long text, in one line. */
export function headOf(text: string, charsMax: number): string {
  const chars = Array.from(text);
  return chars.length <= charsMax ? text : `${chars.slice(0, charsMax - 1).join('')}…`;
}
