import { RE2JS, RE2JSException, RE2JSSyntaxException } from 're2js';
import { stringOperand, type Builtins } from '../../builtin.js';
import { rewritePattern } from './go-pattern.js';
import { checkTextLength, countOperand } from '../operand.js';

/**
 * Regular expressions by the rules of RE2, in time linear in the text for one search. Their classes and cases are those
 * of Unicode 17, where OPA's are of Unicode 15: they differ in characters that are newer.
 */
export const regexBuiltins: Builtins = {
  'regex.is_valid': (pattern) => typeof pattern === 'string' && typeof compiled(pattern) !== 'string',
  'regex.match': (pattern, text) => matches(patternOperand(pattern, 1), stringOperand(text, 2)),
  'regex.find_n'(pattern, text, count) {
    const searched = stringOperand(text, 2);
    const places = find(patternOperand(pattern, 1), searched, countOperand(count, 3));
    return places.map((place) => searched.slice(place[0], place[1]));
  },
  'regex.find_all_string_submatch_n'(pattern, text, count) {
    const searched = stringOperand(text, 2);
    const places = find(patternOperand(pattern, 1), searched, countOperand(count, 3));
    return places.map((place) =>
      Array.from({ length: place.length / 2 }, (_, group) => groupOf(searched, place, group)),
    );
  },
  'regex.split': (pattern, text) => split(patternOperand(pattern, 1), stringOperand(text, 2)),
  'regex.replace'(text, pattern, replacement) {
    const searched = stringOperand(text, 1);
    return replace(searched, patternOperand(pattern, 2), stringOperand(replacement, 3));
  },
  'regex.template_match'(template, text, start, end) {
    const pattern = templatePattern(stringOperand(template, 1), delimiter(start, 3), delimiter(end, 4));
    return matches(pattern, stringOperand(text, 2));
  },
  'glob.quote_meta': (text) => stringOperand(text, 1).replaceAll(/[\\*?[\]{}]/g, String.raw`\$&`),
};

type Operand = Parameters<Builtins[string]>[number] | undefined;

/** Compiled patterns that are kept, the oldest going first; each may hold some megabytes of states. */
const COMPILED_MAX = 64;
/** Most that a search may cost, as instructions of the pattern times code units of the text. */
const WORK_MAX = 200_000_000;

/** A longer pattern is refused. OPA has no limit. */
const PATTERN_LENGTH_MAX = 64 * 1024;

/** Most patterns in one template, each of which is compiled alone. OPA has no limit. */
const TEMPLATE_PARTS_MAX = 200;

interface Pattern {
  readonly re: RE2JS;
  /** Numbers of the groups with that name, in order. */
  readonly groups: ReadonlyMap<string, readonly number[]>;
}

/** Patterns by their text, and templates with their delimiters before it. */
const kept = new Map<string, Pattern>();

function keep(key: string, pattern: Pattern): Pattern {
  if (kept.size >= COMPILED_MAX) {
    for (const oldest of kept.keys()) {
      kept.delete(oldest);
      break;
    }
  }
  kept.set(key, pattern);
  return pattern;
}

/** A pattern, or what is wrong with it. */
function compiled(pattern: string): Pattern | string {
  const key = `:${pattern}`;
  const known = kept.get(key);
  if (known !== undefined) return known;
  if (pattern.length > PATTERN_LENGTH_MAX)
    throw new Error(`it is longer than ${PATTERN_LENGTH_MAX} characters`);
  const { source, groups } = rewritePattern(pattern);
  try {
    return keep(key, { re: RE2JS.compile(source), groups });
  } catch (thrown) {
    if (!(thrown instanceof RE2JSException)) throw thrown;
    return thrown instanceof RE2JSSyntaxException ? thrown.error : 'it cannot be compiled';
  }
}

function patternOperand(operand: Operand, position: number): Pattern {
  const pattern = compiled(stringOperand(operand, position));
  if (typeof pattern !== 'string') return pattern;
  throw new Error(`operand ${position} must be a regular expression: ${pattern}`);
}

function checkWork({ re }: Pattern, text: string): void {
  if (re.programSize() * text.length > WORK_MAX) {
    throw new Error('the text is too long for so large a regular expression');
  }
}

function matches(pattern: Pattern, text: string): boolean {
  checkWork(pattern, text);
  return pattern.re.test(text);
}

/** Where each match and each of its groups begin and end in turn; -1 for a group that took no part. */
type Place = readonly number[];

/** @param count most matches; all when negative */
function find(pattern: Pattern, text: string, count: number): readonly Place[] {
  checkWork(pattern, text);
  // No match is null in re2js.
  return (pattern.re.re2().findAllSubmatchIndex(text, count) as Place[] | null) ?? [];
}

function groupOf(text: string, place: Place, group: number): string {
  const start = place[2 * group] ?? -1;
  return start < 0 ? '' : text.slice(start, place[2 * group + 1]);
}

/** The text of the first group that took part. */
function firstOf(text: string, place: Place, groups: readonly number[]): string {
  const group = groups.find((number) => (place[2 * number] ?? -1) >= 0);
  return group === undefined ? '' : groupOf(text, place, group);
}

/** What stands between the matches; an empty match at the very start leaves nothing before it. */
function split(pattern: Pattern, text: string): string[] {
  if (text === '' && pattern.re.pattern() !== '') return [''];
  const parts: string[] = [];
  let start = 0;
  let end = 0;
  for (const place of find(pattern, text, -1)) {
    end = place[0] ?? 0;
    if (place[1] !== 0) parts.push(text.slice(start, end));
    start = place[1] ?? 0;
  }
  if (end !== text.length) parts.push(text.slice(start));
  return parts;
}

function replace(text: string, pattern: Pattern, replacement: string): string {
  const places = find(pattern, text, -1);
  if (places.length === 0) return text;
  const pieces = replacementOf(replacement, pattern);
  let result = '';
  let end = 0;
  for (const place of places) {
    result += text.slice(end, place[0]);
    for (const piece of pieces) result += typeof piece === 'string' ? piece : firstOf(text, place, piece);
    end = place[1] ?? 0;
    checkTextLength(result.length);
  }
  return result + text.slice(end);
}

/** Texts, and groups by their numbers, of which the first that took part counts. */
type Piece = string | readonly number[];

const GROUP_NAME = /(\{?)([\p{L}\p{Nd}_]+)(\}?)/uy;

/** Go's rules for replacements: `$1`, `${1}`, `$name`, `${name}` and `$$`; names are as long as can be. */
function replacementOf(replacement: string, pattern: Pattern): readonly Piece[] {
  const pieces: Piece[] = [];
  let text = '';
  let at = 0;
  while (at < replacement.length) {
    const dollar = replacement.indexOf('$', at);
    if (dollar < 0) break;
    text += replacement.slice(at, dollar);
    at = dollar + 1;
    GROUP_NAME.lastIndex = at;
    const [whole = '', open = '', name = '', close = ''] = GROUP_NAME.exec(replacement) ?? [];
    if (whole === '' || (open !== '' && close === '')) {
      // Not what names a group: a `$` as it stands, of which two are one.
      text += '$';
      if (replacement[at] === '$') at += 1;
      continue;
    }
    at += open === '' ? name.length : whole.length;
    pieces.push(text, groupsNamed(name, pattern));
    text = '';
  }
  return [...pieces, text + replacement.slice(at)];
}

function groupsNamed(name: string, { re, groups }: Pattern): readonly number[] {
  const number = /^(0|[1-9]\d{0,8})$/.test(name) ? Number(name) : undefined;
  if (number === undefined) return groups.get(name) ?? [];
  return number <= re.groupCount() ? [number] : [];
}

/** One character of ASCII. */
function delimiter(operand: Operand, position: number): string {
  const text = stringOperand(operand, position);
  if (text.length !== 1 || text.charCodeAt(0) >= 0x80) {
    throw new Error(`operand ${position} must be one character of ASCII`);
  }
  return text;
}

/** A text with patterns between delimiters, as a pattern of the whole text. */
function templatePattern(template: string, start: string, end: string): Pattern {
  const key = `${start}${end}${template}`;
  const known = kept.get(key);
  if (known !== undefined) return known;
  const parts = delimited(template, start, end);
  if (parts.length > TEMPLATE_PARTS_MAX) {
    throw new Error(`operand 1 has more than ${TEMPLATE_PARTS_MAX} patterns`);
  }
  let source = '^';
  let at = 0;
  for (const [from, to] of parts) {
    const part = template.slice(from + 1, to - 1);
    patternOperand(`^${part}$`, 1);
    source += `${RE2JS.quote(template.slice(at, from))}(${part})`;
    at = to;
  }
  return keep(key, patternOperand(`${source}${RE2JS.quote(template.slice(at))}$`, 1));
}

/** The outermost places between delimiters, which are part of them. */
function delimited(template: string, start: string, end: string): readonly (readonly [number, number])[] {
  const places: [number, number][] = [];
  let level = 0;
  let from = 0;
  for (let at = 0; at < template.length && level >= 0; at += 1) {
    if (template[at] === start) {
      level += 1;
      if (level === 1) from = at;
    } else if (template[at] === end) {
      level -= 1;
      if (level === 0) places.push([from, at + 1]);
    }
  }
  if (level !== 0) throw new Error('the delimiters of operand 1 must be balanced');
  return places;
}
