import type { Fault } from '../errors.js';

/** An annotation of GitHub Actions; the place shows the line in the pull request. */
export function annotation(level: 'error' | 'warning' | 'notice', fault: Fault, title?: string): string {
  const properties = [
    ['file', fault.file],
    ['line', fault.row],
    ['col', fault.column],
    ['title', title],
  ].flatMap(([name, value]) => (value === undefined ? [] : [`${name ?? ''}=${property(String(value))}`]));
  const words = `${fault.pointer ?? ''} ${fault.message}`.trim();
  const code = fault.code === undefined ? '' : ` [${fault.code}]`;
  const at = properties.length === 0 ? '' : ` ${properties.join(',')}`;
  return `::${level}${at}::${text(words + code)}\n`;
}

function text(value: string): string {
  return value.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(value: string): string {
  return text(value).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
