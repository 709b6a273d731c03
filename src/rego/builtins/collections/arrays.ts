import { wrongOperand, type Builtins } from '../../builtin.js';
import type { RegoValue } from '../../value.js';
import { countOperand } from '../operand.js';

export const arrayBuiltins: Builtins = {
  'array.slice'(array, from, to) {
    if (!Array.isArray(array)) throw wrongOperand(array, 1, 'array');
    const start = Math.max(countOperand(from, 2), 0);
    const end = Math.max(countOperand(to, 3), 0);
    return (array as readonly RegoValue[]).slice(start, Math.max(end, start));
  },
};
