import type { Cause } from '../decision/causes.js';
import type { LineTrace, RuleTrace } from '../policy/trace-layer.js';
import { readingsOf } from './readings.js';
import { count, plain, type Style } from './style.js';

export interface LineStyle {
  readonly style: Style;
  /** Where a file named `<layer>/<path>` stands, from here. */
  readonly pathOf: (file: string) => string;
}

interface DefinitionStyle extends LineStyle {
  /** Before every line. */
  readonly indent: string;
  /** Behind the name. */
  readonly note?: string;
}

export const MARKS = { true: '✓', undefined_or_false: '✗', not_reached: '·' } as const;

/** One definition of a rule, line by line with what each read, and below a line the definitions that tell why. */
export function definitionLines(
  definition: RuleTrace,
  causes: readonly Cause[],
  { indent, note = '', ...options }: DefinitionStyle,
): string {
  const { file, row, name } = definition;
  const place = options.style.dim(`${options.pathOf(file)}:${row}`);
  return `${indent}${place} ${name}${note === '' ? '' : `: ${note}`}\n${bodyLines(definition, causes, options, `${indent}  `)}`;
}

function bodyLines(
  definition: RuleTrace,
  causes: readonly Cause[],
  options: LineStyle,
  indent: string,
): string {
  const { style } = options;
  const shown = tellingLines(definition);
  if (shown.length === 0) {
    const why = definition.outcome === 'held' ? 'it has no conditions' : 'its arguments do not fit';
    return `${indent}${style.dim(why)}\n`;
  }
  const width = Math.max(...shown.map(({ row }) => String(row).length));
  const told = new Set<string>();
  return shown
    .map((line) => {
      const inner = `${indent}${' '.repeat(width + 3)}${'  '.repeat(line.depth)}`;
      return [
        lineText(line, width, options, indent),
        ...readingsOf(line, told).map((text) => `${inner}  ${style.dim(plain(text))}\n`),
        ...causeTexts(
          causes.filter((cause) => definition.lines[cause.line] === line),
          options,
          inner,
        ),
      ].join('');
    })
    .join('');
}

/**
 * What tells a reader something: the conditions, what stands inside one that does not hold, and the head where it
 * could not be computed or where it is all there is. Where no line was reached, the arguments did not fit.
 */
function tellingLines({ outcome, lines }: RuleTrace): readonly LineTrace[] {
  if (outcome === 'not_held' && lines.every((line) => line.outcome === 'not_reached')) return [];
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
  return `${indent}${String(row).padStart(width)} ${'  '.repeat(depth)}${paint(MARKS[outcome])} ${plain(text)}${often}\n`;
}

function causeTexts(causes: readonly Cause[], options: LineStyle, indent: string): readonly string[] {
  return causes.map(({ definition, causes: deeper }) => {
    const { file, row, name, outcome } = definition;
    const place = options.style.dim(`${options.pathOf(file)}:${row}`);
    const because = outcome === 'held' ? `because ${name} holds` : `because ${name} does not hold`;
    return `${indent}${because}: ${place}\n${bodyLines(definition, deeper, options, `${indent}  `)}`;
  });
}
