import { describe, expect, it } from 'vitest';
import { validatorOf } from './schema.js';

const validator = validatorOf<{ name: string }>({
  type: 'object',
  additionalProperties: false,
  required: ['name'],
  properties: {
    name: { type: 'string', minLength: 2 },
    kind: { type: 'string', enum: ['a', 'b'] },
    at: { type: 'string', format: 'date-time' },
    items: { type: 'array', items: { type: 'integer' } },
  },
});

describe('faults of a schema', () => {
  it.each<[string, unknown, [pointer: string, message: string][]]>([
    ['none', { name: 'ab', kind: 'a', at: '2026-01-01T00:00:00Z', items: [1] }, []],
    ['a member that is missing', {}, [['/name', 'is required']]],
    [
      'a member that is not known',
      { name: 'ab', more: 1 },
      [['/more', 'is not a member that is known here']],
    ],
    ['a value that is not listed', { name: 'ab', kind: 'c' }, [['/kind', 'must be one of `a`, `b`']]],
    ['a format', { name: 'ab', at: 'now' }, [['/at', 'must match format "date-time"']]],
    ['no coercion', { name: 'ab', items: ['1'] }, [['/items/0', 'must be integer']]],
    ['another type', null, [['', 'must be object']]],
    [
      'all at once',
      { kind: 'c', items: [1, 'x', 'y'] },
      [
        ['/name', 'is required'],
        ['/kind', 'must be one of `a`, `b`'],
        ['/items/1', 'must be integer'],
        ['/items/2', 'must be integer'],
      ],
    ],
  ])('%s', (_, value, expected) => {
    const faults = validator.faults(value).map(({ pointer, message }) => [pointer, message]);
    expect(new Set(faults.map(String))).toEqual(new Set(expected.map(String)));
    expect(validator.accepts(value)).toBe(expected.length === 0);
  });
});
