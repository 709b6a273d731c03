import type { LineTrace, RuleTrace } from '../policy/trace-layer.js';

/** A definition that tells why a line is as it is. */
export interface Cause {
  /** The line, by its place in the definition that it belongs to. */
  readonly line: number;
  readonly definition: RuleTrace;
  readonly causes: readonly Cause[];
}

/** Rules inside rules are followed so far; what lies deeper stands among the rules of the policy. */
const DEPTH_MAX = 3;

/**
 * Why the lines of a definition are as they are: the definitions of the rules that a line reads, where it is not
 * told already by a value that it shows. Each definition is named once.
 */
export function causesOf(definition: RuleTrace, rules: readonly RuleTrace[]): readonly Cause[] {
  return follow(definition, rules, new Set([placeOf(definition)]), DEPTH_MAX);
}

function follow(
  definition: RuleTrace,
  rules: readonly RuleTrace[],
  seen: Set<string>,
  depth: number,
): readonly Cause[] {
  if (depth === 0) return [];
  return definition.lines.flatMap((line, index) =>
    telling(line, rules)
      .filter((each) => !seen.has(placeOf(each)))
      .map((each) => {
        seen.add(placeOf(each));
        return { line: index, definition: each, causes: follow(each, rules, seen, depth - 1) };
      }),
  );
}

/**
 * The definitions that a line hangs on: those that did not hold, where that is why; those that held, where they
 * should not have. What has a value is shown with the line, and tells by itself.
 */
function telling(line: LineTrace, rules: readonly RuleTrace[]): readonly RuleTrace[] {
  const negated = line.text.startsWith('not ');
  const failed = line.outcome === 'undefined_or_false';
  if (!failed && !(negated && line.outcome === 'true')) return [];
  return (line.reads ?? []).flatMap((path) => {
    const definitions = rules.filter((rule) => `${rule.package}.${rule.name}` === path);
    const held = definitions.filter(({ outcome }) => outcome === 'held');
    if (negated && failed) return held.filter(({ gave = [] }) => gave.length === 0);
    return held.length > 0 ? [] : definitions.filter(({ outcome }) => outcome === 'not_held');
  });
}

function placeOf({ file, row, head }: RuleTrace): string {
  return `${file}:${row} ${head}`;
}

/** How many lines of a body held, of how many. */
export function heldLines(definition: RuleTrace | undefined): readonly [held: number, lines: number] {
  const lines = (definition?.lines ?? []).filter(({ depth, head }) => depth === 0 && head !== true);
  return [lines.filter(({ outcome }) => outcome === 'true').length, lines.length];
}

/** The line at which a definition stopped; none when its arguments did not fit, or it was never tried. */
export function stopOf({ lines }: RuleTrace): LineTrace | undefined {
  return lines.find(({ depth, outcome }) => depth === 0 && outcome === 'undefined_or_false');
}
