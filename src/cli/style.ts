import type { Terminal } from './terminal.js';

type Paint = (text: string) => string;

/** Colours of what goes to `out`; plain text where there are none. */
export interface Style {
  readonly red: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
  readonly bold: Paint;
  readonly dim: Paint;
}

export function styleOf({ colours }: Pick<Terminal, 'colours'>): Style {
  const paint =
    (code: number): Paint =>
    (text) =>
      colours ? `\u001b[${code}m${text}\u001b[0m` : text;
  return { red: paint(31), green: paint(32), yellow: paint(33), bold: paint(1), dim: paint(2) };
}

/** Text from files as one line that a terminal does not obey: without control characters. */
export function plain(text: string): string {
  // eslint-disable-next-line no-control-regex -- those are what is meant
  return text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ');
}

/** `1 policy`, `2 policies`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

/** `0.4 s`, `12 ms`. */
export function duration(ms: number): string {
  return ms < 100 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** `n` of `of` as a bar of `width` characters; what is there at all shows. */
export function bar(n: number, of: number, width: number): string {
  const full = of === 0 ? 0 : Math.max(n > 0 ? 1 : 0, Math.round((n / of) * width));
  return '█'.repeat(full) + '░'.repeat(width - full);
}
