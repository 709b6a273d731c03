import { wrongOperand, type Builtins } from '../../builtin.js';
import { RegoObject, type RegoValue } from '../../value.js';
import { EditNode } from './edit-tree.js';
import { EditWork } from './edit-work.js';
import { stepsOf } from './json-pointer.js';

/** `json.patch` of Rego: RFC 6902 with sets, and with paths of any values, as OPA has it. */
export const jsonPatchBuiltins: Builtins = {
  'json.patch'(target, operations) {
    if (!Array.isArray(operations)) throw wrongOperand(operations, 2, 'array');
    const root = new EditNode(target, new EditWork());
    for (const operation of operations as readonly RegoValue[]) apply(operation, root);
    const patched = root.render();
    if (patched === undefined) throw new Error('the whole document was removed');
    return patched;
  },
};

function apply(operation: RegoValue, root: EditNode): void {
  if (!(operation instanceof RegoObject)) throw new Error('operand 2 must hold nothing but objects');
  const path = pathOf(operation, 'path');
  switch (operation.get('op')) {
    case 'add':
      root.insertAt(path, member(operation, 'value'));
      return;
    case 'remove':
      root.deleteAt(path);
      return;
    case 'replace':
      root.deleteAt(path);
      root.insertAt(path, member(operation, 'value'));
      return;
    case 'move': {
      const from = pathOf(operation, 'from');
      const moved = root.valueAt(from);
      root.deleteAt(from);
      root.insertAt(path, moved);
      return;
    }
    case 'copy': {
      const copied = root.valueAt(pathOf(operation, 'from'));
      root.work.chargeCopy(copied);
      root.insertAt(path, copied);
      return;
    }
    case 'test':
      root.expectAt(path, member(operation, 'value'));
      return;
    default:
      throw new Error('the `op` of an operation must be add, remove, replace, move, copy or test');
  }
}

function member(operation: RegoObject, name: string): RegoValue {
  const value = operation.get(name);
  if (value === undefined) throw new Error(`an operation lacks its \`${name}\``);
  return value;
}

/** A path as its steps: a JSON pointer, or an array. */
function pathOf(operation: RegoObject, name: string): readonly RegoValue[] {
  const path = member(operation, name);
  if (Array.isArray(path)) return path as readonly RegoValue[];
  if (typeof path !== 'string')
    throw new Error(`the \`${name}\` of an operation must be a string or an array`);
  return stepsOf(path);
}
