import { wrongOperand, type Builtins } from '../../builtin.js';
import { compareValues, objectOf, RegoObject, RegoSet, setOf, type RegoValue } from '../../value.js';
import { stepsOf } from './json-pointer.js';

/** Parts of documents by the paths that lead to them. */
export const jsonPathBuiltins: Builtins = {
  'json.filter'(document, paths) {
    if (!(document instanceof RegoObject)) throw wrongOperand(document, 1, 'object');
    return kept(document, pathsOperand(paths, 2), 0);
  },
  'json.remove'(document, paths) {
    if (!(document instanceof RegoObject)) throw wrongOperand(document, 1, 'object');
    return stripped(document, pathsOperand(paths, 2), 0);
  },
};

type Path = readonly RegoValue[];

/** Paths that share their first steps. INVARIANT: each is longer than the steps that led here. */
type Paths = readonly Path[];

function pathsOperand(operand: RegoValue | undefined, position: number): Paths {
  const items: unknown = operand instanceof RegoSet ? operand.items : operand;
  if (!Array.isArray(items)) throw wrongOperand(operand, position, 'array', 'set');
  return (items as readonly RegoValue[]).map(pathOf).filter(({ length }) => length > 0);
}

function pathOf(path: RegoValue): Path {
  if (typeof path === 'string') return stepsOf(path);
  if (Array.isArray(path)) return path as Path;
  throw new Error('operand 2 must hold nothing but strings and arrays');
}

/** What paths have to do with one step from here: nothing, end with it, or go on. */
type Course = 'none' | 'end' | Paths;

/** Where the paths lead, by the value of their next step. */
function coursesOf(paths: Paths, depth: number): (step: RegoValue) => Course {
  const sorted = paths.map((path) => ({ step: path[depth] ?? null, path }));
  sorted.sort((a, b) => compareValues(a.step, b.step));
  const courses: { readonly step: RegoValue; readonly paths: Path[] }[] = [];
  for (const { step, path } of sorted) {
    const last = courses.at(-1);
    if (last !== undefined && compareValues(last.step, step) === 0) last.paths.push(path);
    else courses.push({ step, paths: [path] });
  }
  return (step) => {
    let low = 0;
    let high = courses.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareValues(courses[middle]?.step ?? null, step) < 0) low = middle + 1;
      else high = middle;
    }
    const course = courses[low];
    if (course === undefined || compareValues(course.step, step) !== 0) return 'none';
    return course.paths.some(({ length }) => length === depth + 1) ? 'end' : course.paths;
  };
}

/** What the paths lead to and what leads there. A path that goes on from a scalar leads to it. */
function kept(value: RegoValue, paths: Paths, depth: number): RegoValue {
  return edited(value, paths, depth, (item, course) => {
    if (course === 'none') return undefined;
    return course === 'end' ? item : kept(item, course, depth + 1);
  });
}

/** All but what the paths lead to. */
function stripped(value: RegoValue, paths: Paths, depth: number): RegoValue {
  return edited(value, paths, depth, (item, course) => {
    if (course === 'end') return undefined;
    return course === 'none' ? item : stripped(item, course, depth + 1);
  });
}

/** The value with other items; `undefined` is left out. The items of an array have their place as text for a step. */
function edited(
  value: RegoValue,
  paths: Paths,
  depth: number,
  edit: (item: RegoValue, course: Course) => RegoValue | undefined,
): RegoValue {
  if (value instanceof RegoObject) {
    const courseOf = coursesOf(paths, depth);
    return objectOf(
      value.entries.flatMap(([key, item]): [RegoValue, RegoValue][] => {
        const result = edit(item, courseOf(key));
        return result === undefined ? [] : [[key, result]];
      }),
    );
  }
  if (value instanceof RegoSet) {
    const courseOf = coursesOf(paths, depth);
    return setOf(value.items.flatMap((item) => list(edit(item, courseOf(item)))));
  }
  if (!Array.isArray(value)) return value;
  const courseOf = coursesOf(paths, depth);
  return (value as readonly RegoValue[]).flatMap((item, index) => list(edit(item, courseOf(String(index)))));
}

function list(value: RegoValue | undefined): RegoValue[] {
  return value === undefined ? [] : [value];
}
