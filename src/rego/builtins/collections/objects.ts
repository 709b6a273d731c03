import { wrongOperand, type Builtins } from '../../builtin.js';
import { compareValues, RegoObject, type RegoValue } from '../../value.js';

export const objectBuiltins: Builtins = {
  'object.union_n'(objects) {
    if (!Array.isArray(objects)) throw wrongOperand(objects, 1, 'array');
    return unionOf(
      (objects as readonly RegoValue[]).map((object) => {
        if (object instanceof RegoObject) return object;
        throw new Error('operand 1 must hold nothing but objects');
      }),
    );
  },
};

/** All members; of those with the same key the last counts, united with the objects directly before it if it is one. */
function unionOf(objects: readonly RegoObject[]): RegoObject {
  const [only] = objects;
  if (only !== undefined && objects.length === 1) return only;
  const members = objects.flatMap(({ entries }) => entries);
  members.sort(([a], [b]) => compareValues(a, b));
  const united: [RegoValue, RegoValue][] = [];
  for (let start = 0, end = 0; start < members.length; start = end) {
    const key = members[start]?.[0] ?? null;
    while (end < members.length && compareValues(members[end]?.[0] ?? null, key) === 0) end += 1;
    // Of keys that are equal and written in different ways, such as 1 and 1.0, the last counts too.
    const equal = members.slice(start, end);
    united.push([equal.at(-1)?.[0] ?? key, lastOf(equal.map(([, value]) => value))]);
  }
  return new RegoObject(united);
}

function lastOf(values: readonly RegoValue[]): RegoValue {
  const other = values.findLastIndex((value) => !(value instanceof RegoObject));
  const objects = values.slice(other + 1).filter((value) => value instanceof RegoObject);
  return objects.length === 0 ? (values[other] ?? null) : unionOf(objects);
}
