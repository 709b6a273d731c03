import { wrongOperand, type Builtins } from '../../builtin.js';
import { RegoSet, setOf, typeOf, type RegoType, type RegoValue } from '../../value.js';
import { itemsOperand } from '../operand.js';

/** `cast_*` of Rego: a value of the type stays as it is, and arrays and sets become one another. */
export const castBuiltins: Builtins = {
  cast_array: (value) => (Array.isArray(value) ? value : itemsOperand(value, 1)),
  cast_set: (value) => (value instanceof RegoSet ? value : setOf(itemsOperand(value, 1))),
  cast_boolean: only('boolean'),
  cast_null: only('null'),
  cast_object: only('object'),
  cast_string: only('string'),
};

function only(type: RegoType) {
  return (value?: RegoValue): RegoValue => {
    if (value !== undefined && typeOf(value) === type) return value;
    throw wrongOperand(value, 1, type);
  };
}
