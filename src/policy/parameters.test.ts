import { describe, expect, it } from 'vitest';
import type { Manifest } from './manifest.js';
import { resolveParameters } from './parameters.js';

const integer = (minimum: number, maximum: number) => ({ type: 'integer', minimum, maximum });
const layer = (name: string, more: Partial<Manifest> = {}): Manifest => ({
  layer: name,
  version: '1.0.0',
  policies: {},
  ...more,
});
const delegate = (days: { default?: unknown; schema: Record<string, unknown> }) => ({
  delegations: { days },
});
const set = (days: unknown) => ({ parameters: { days } });
const GLOBAL = layer('global', delegate({ default: 365, schema: integer(1, 730) }));

type Row = [
  string,
  Manifest[],
  [value: unknown, setBy: string] | undefined,
  [layer: string, pointer: string][],
];

describe('resolving parameters', () => {
  it.each<Row>([
    ['the default holds where nobody sets another', [GLOBAL, layer('a')], [365, 'global'], []],
    ['a domain sets a value', [GLOBAL, layer('a', set(90))], [90, 'a'], []],
    ['an inner domain sets another', [GLOBAL, layer('a', set(90)), layer('a/b', set(30))], [30, 'a/b'], []],
    ['an inner domain inherits', [GLOBAL, layer('a', set(90)), layer('a/b')], [90, 'a'], []],
    [
      'the least and the greatest are within bounds',
      [GLOBAL, layer('a', set(1)), layer('a/b', set(730))],
      [730, 'a/b'],
      [],
    ],
    ['a value out of bounds', [GLOBAL, layer('a', set(731))], [731, 'a'], [['a', '/parameters/days']]],
    ['a value of another type', [GLOBAL, layer('a', set('90'))], ['90', 'a'], [['a', '/parameters/days']]],
    ['a value null', [GLOBAL, layer('a', set(null))], [null, 'a'], [['a', '/parameters/days']]],
    [
      'a parameter that nobody delegates',
      [layer('global'), layer('a', set(1))],
      undefined,
      [['a', '/parameters/days']],
    ],
    [
      'a parameter that only an inner layer delegates',
      [layer('global'), layer('a', set(1)), layer('a/b', delegate({ schema: integer(0, 9) }))],
      undefined,
      [['a', '/parameters/days']],
    ],
    [
      'a layer tightens for those below',
      [GLOBAL, layer('a', { ...delegate({ schema: integer(1, 100) }), ...set(50) }), layer('a/b', set(101))],
      [101, 'a/b'],
      [['a/b', '/parameters/days']],
    ],
    [
      'what is tightened may still be used',
      [GLOBAL, layer('a', { ...delegate({ schema: integer(1, 100) }), ...set(50) }), layer('a/b', set(100))],
      [100, 'a/b'],
      [],
    ],
    [
      'a layer cannot loosen',
      [GLOBAL, layer('a', delegate({ schema: integer(1, 9999) })), layer('a/b', set(800))],
      [800, 'a/b'],
      [['a/b', '/parameters/days']],
    ],
    [
      'nor by a default of its own',
      [GLOBAL, layer('a', delegate({ default: 800, schema: integer(1, 9999) }))],
      [800, 'a'],
      [['a', '/delegations/days/default']],
    ],
    [
      'a default of its own within bounds holds below',
      [GLOBAL, layer('a', delegate({ default: 60, schema: integer(1, 100) })), layer('a/b')],
      [60, 'a'],
      [],
    ],
    [
      'a tightening that shuts out what holds is at fault',
      [GLOBAL, layer('a', delegate({ schema: integer(1, 100) }))],
      [365, 'global'],
      [['a', '/delegations/days/schema']],
    ],
    [
      'a delegation without default or value has none',
      [layer('global', delegate({ schema: integer(1, 2) }))],
      undefined,
      [],
    ],
    [
      'global may set what it delegates',
      [layer('global', { ...delegate({ default: 5, schema: integer(1, 9) }), ...set(6) })],
      [6, 'global'],
      [],
    ],
    ['nothing resolves to nothing', [], undefined, []],
  ])('%s', (_, chain, expected, faults) => {
    const resolution = resolveParameters(chain);
    const days = resolution.parameters.get('days');
    expect(days && [days.value, days.setBy]).toEqual(expected);
    expect(resolution.faults.map((fault) => [fault.layer, fault.pointer])).toEqual(faults);
  });

  it('says which layer bounds the value and how', () => {
    const [fault] = resolveParameters([GLOBAL, layer('a', set(731))]).faults;
    expect(fault).toMatchObject({ code: 'parameter_out_of_bounds' });
    expect(fault?.message).toBe('731 (set by `a`) lies outside what `global` delegates: days must be <= 730');
  });

  it('names what is delegated when something else is set', () => {
    const [fault] = resolveParameters([GLOBAL, layer('a', { parameters: { hours: 1 } })]).faults;
    expect(fault?.message).toBe('no layer above delegates `hours`; delegated are: `days`');
  });
});
