import type { Cause } from '../decision/causes.js';
import { writeJson } from '../document/json.js';
import type { LineTrace, Reading, RuleTrace } from '../policy/trace-layer.js';
import { count, plain, type Style } from './style.js';

export interface LineStyle {
  readonly style: Style;
  /** Where a file named `<layer>/<path>` stands, from here. */
  readonly pathOf: (file: string) => string;
  /** Before every line. */
  readonly indent?: string;
}

export const MARKS = { true: '✓', undefined_or_false: '✗', not_reached: '·' } as const;

const VALUE_CHARS_MAX = 100;
const FURTHER_MAX = 2;

/** One definition of a rule, line by line with what each read, and below a line the definitions that tell why. */
export function definitionLines(
  definition: RuleTrace,
  causes: readonly Cause[],
  { indent = '', ...options }: LineStyle,
): string {
  const { style, pathOf } = options;
  const { file, row, name } = definition;
  return `${indent}  ${style.dim(`${pathOf(file)}:${row}`)} ${name}\n${bodyLines(definition, causes, options, `${indent}    `)}`;
}

function bodyLines(
  definition: RuleTrace,
  causes: readonly Cause[],
  options: LineStyle,
  indent: string,
): string {
  const shown = tellingLines(definition);
  const width = Math.max(...shown.map(({ row }) => String(row).length), 0);
  const told = new Set<string>();
  const lines = shown.map((line) => {
    const own = causes.filter((cause) => definition.lines[cause.line] === line);
    return [
      lineText(line, width, options, indent),
      ...readingTexts(line, told).map(
        (text) => `${indent}${' '.repeat(width + 5)}${options.style.dim(plain(text))}\n`,
      ),
      ...causeTexts(own, options, `${indent}${' '.repeat(width + 3)}`),
    ].join('');
  });
  if (shown.length > 0) return lines.join('');
  const why = definition.outcome === 'not_held' ? 'its arguments do not fit' : 'it has no conditions';
  return `${indent}${options.style.dim(why)}\n`;
}

/**
 * What tells a reader something: the conditions, what stands inside one that does not hold, and the head where it
 * could not be computed or where it is all there is.
 */
function tellingLines({ lines }: RuleTrace): readonly LineTrace[] {
  const conditions = lines.some(({ depth, head }) => depth === 0 && head !== true);
  let around: LineTrace['outcome'] = 'true';
  return lines.filter((line) => {
    if (line.depth === 0) around = line.outcome;
    if (line.head === true) return line.outcome === 'undefined_or_false' || !conditions;
    return line.depth === 0 || (around === 'undefined_or_false' && line.outcome !== 'not_reached');
  });
}

function lineText(line: LineTrace, width: number, { style }: LineStyle, indent: string): string {
  const { row, depth, outcome, text, times_true, times_false } = line;
  const paint = { true: style.green, undefined_or_false: style.red, not_reached: style.dim }[outcome];
  const times = outcome === 'true' ? times_true : times_false;
  const often = times > 1 ? style.dim(` (${count(times, 'time')})`) : '';
  const inner = '  '.repeat(depth);
  return `${indent}${String(row).padStart(width)} ${inner}${paint(MARKS[outcome])} ${plain(text)}${often}\n`;
}

function causeTexts(causes: readonly Cause[], options: LineStyle, indent: string): readonly string[] {
  return causes.map(({ definition, causes: deeper }) => {
    const word = definition.outcome === 'held' ? 'since this holds:' : 'since this does not hold:';
    const place = options.style.dim(`${options.pathOf(definition.file)}:${definition.row}`);
    return `${indent}${word} ${definition.name} ${place}\n${bodyLines(definition, deeper, options, `${indent}  `)}`;
  });
}

/** What a line read, in the order of its text; without what was told before, where the line holds. */
function readingTexts(line: LineTrace, told: Set<string>): readonly string[] {
  if (line.outcome === 'not_reached') return [];
  const all = valuesOf(line, line);
  const fresh = line.outcome === 'true' ? all.filter((text) => !told.has(text)) : all;
  for (const text of all) told.add(text);
  const others =
    line.outcome === 'true'
      ? []
      : (line.further ?? []).slice(0, FURTHER_MAX).map((reading) => {
          const different = valuesOf(line, reading).filter((text) => !all.includes(text));
          return `then ${different.join(', ')}`;
        });
  return [...(fresh.length === 0 ? [] : [fresh.join(', ')]), ...others];
}

function valuesOf({ text }: LineTrace, { values, undefined: missing = [] }: Reading): readonly string[] {
  const place = (label: string): number => (text.includes(label) ? text.indexOf(label) : text.length);
  const known = Object.entries(values)
    // A condition that is nothing but its value says so by its mark.
    .filter(([label, value]) => !(value === true && (text === label || text === `not ${label}`)))
    .map(([label, value]) => ({ label, text: `${label} = ${brief(value)}` }));
  const unknown = missing
    .filter((label) => label.startsWith('input') || (text !== label && text !== `not ${label}`))
    .map((label) => ({ label, text: `${label} is missing` }));
  return [...known, ...unknown].sort((a, b) => place(a.label) - place(b.label)).map((each) => each.text);
}

function brief(value: unknown): string {
  const text = writeJson(value);
  return text.length > VALUE_CHARS_MAX ? `${text.slice(0, VALUE_CHARS_MAX)}…` : text;
}
