import { stringOperand, wrongOperand, type Builtins } from '../../builtin.js';
import type { RegoValue } from '../../value.js';
import { readGlob, type GlobStep } from './glob-pattern.js';

export const globBuiltins: Builtins = {
  'glob.match'(pattern, separators, text) {
    const source = stringOperand(pattern, 1);
    const stops = separatorsOperand(separators, 2);
    return matches(compiled(source, stops), stringOperand(text, 3));
  },
};

const DEFAULT_SEPARATORS = ['.'];

function separatorsOperand(operand: RegoValue | undefined, position: number): readonly string[] {
  if (operand === null) return [];
  if (!Array.isArray(operand)) throw wrongOperand(operand, position, 'array', 'null');
  if (operand.length === 0) return DEFAULT_SEPARATORS;
  return (operand as readonly RegoValue[]).map((separator) => {
    if (typeof separator === 'string' && isOneCharacter(separator)) return separator;
    throw new Error(`operand ${position} must hold nothing but strings of one character`);
  });
}

function isOneCharacter(text: string): boolean {
  return text.length === 1 || (text.length === 2 && (text.codePointAt(0) ?? 0) > 0xffff);
}

/** A longer pattern is refused. OPA has no limit. */
const PATTERN_LENGTH_MAX = 64 * 1024;
/** Most that a match may cost, as steps of the pattern times code units of the text. */
const WORK_MAX = 20_000_000;
/** Patterns that are kept, the oldest going first. */
const KEPT_MAX = 64;
/** A longer pattern is not kept. */
const KEPT_LENGTH_MAX = 1024;

/** Patterns by their separators and their text. */
const kept = new Map<string, readonly GlobStep[]>();

function compiled(pattern: string, separators: readonly string[]): readonly GlobStep[] {
  const key = `${separators.length}:${separators.join('')}${pattern}`;
  const known = kept.get(key);
  if (known !== undefined) return known;
  if (pattern.length > PATTERN_LENGTH_MAX)
    throw new Error(`operand 1 is longer than ${PATTERN_LENGTH_MAX} characters`);
  const steps = readGlob(pattern, separators);
  if (key.length > KEPT_LENGTH_MAX) return steps;
  if (kept.size >= KEPT_MAX) {
    for (const oldest of kept.keys()) {
      kept.delete(oldest);
      break;
    }
  }
  kept.set(key, steps);
  return steps;
}

/** Follows all ways through the pattern at once, so that the time is linear in the text. */
function matches(steps: readonly GlobStep[], text: string): boolean {
  if (steps.length * text.length > WORK_MAX) throw new Error('the text is too long for so large a pattern');
  /** For each step, the place in the text at which it was last reached, counted from 1. */
  const reached = new Uint32Array(steps.length + 1);
  const pending: number[] = [];
  let ways: number[] = [];
  let next: number[] = [];

  const reach = (step: number, mark: number): void => {
    pending.push(step);
    for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
      if (reached[at] === mark) continue;
      reached[at] = mark;
      const found = steps[at];
      if (found?.kind === 'jump') pending.push(found.to);
      else if (found?.kind === 'fork') {
        if (found.other !== undefined) pending.push(found.other);
        pending.push(at + 1);
      } else {
        next.push(at);
        if (found?.kind === 'many') pending.push(at + 1);
      }
    }
  };

  reach(0, 1);
  let mark = 1;
  for (let at = 0; at < text.length; mark += 1) {
    const code = text.codePointAt(at) ?? 0;
    at += code > 0xffff ? 2 : 1;
    [ways, next] = [next, ways];
    next.length = 0;
    for (const way of ways) {
      const step = steps[way];
      if (step?.kind === 'one' && step.accepts(code)) reach(way + 1, mark + 1);
      else if (step?.kind === 'many' && step.accepts(code)) reach(way, mark + 1);
    }
    if (next.length === 0) return false;
  }
  return reached[steps.length] === mark;
}
