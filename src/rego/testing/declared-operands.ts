import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { numberOf, objectOf, setOf, type RegoValue } from '../value.js';

/** A type as OPA declares it. */
export interface DeclaredType {
  readonly type: string;
  readonly of?: DeclaredType | readonly DeclaredType[];
  readonly static?: readonly DeclaredType[];
  readonly dynamic?: DeclaredType & { readonly key?: DeclaredType; readonly value?: DeclaredType };
}

/** The operands of OPA's built-ins as it declares them; `undefined` when Go's module cache does not have it. */
export function declaredOperands(): ReadonlyMap<string, readonly DeclaredType[]> | undefined {
  const { stdout, error } = spawnSync('go', ['env', 'GOMODCACHE'], { encoding: 'utf8' });
  if (error !== undefined) return undefined;
  const path = join(stdout.trim(), 'github.com/open-policy-agent/opa@v1.22.2/capabilities.json');
  if (!existsSync(path)) return undefined;
  const { builtins } = JSON.parse(readFileSync(path, 'utf8')) as {
    builtins: readonly { name: string; decl: { args: readonly DeclaredType[] } }[];
  };
  return new Map(builtins.map(({ name, decl }) => [name, decl.args]));
}

const TEXTS = [
  ...['', 'a', 'ab', 'abc', 'aa', 'A', ' a b\n', 'å', 'ß', 'İ', 'ǆ', '😀', 'a😀b', '\0', '\u2028', '"', '%'],
  ...['1', '-1', '1.5', '1e3', '1e400', '+5', '.5', '5.', '1_0', '0x10', ' 1', 'NaN', 'inf', 'null'],
  ...['aGk=', 'aGk', 'a-_', 'a\nGk=', '{"a":1}', '[1,2,', '{"a":{"b":"\\ud800"}}'],
  ...['10.0.0.0/8', '10.1.2.3', '10.0.0.0/33', '::/0', 'fe80::1', '::ffff:10.0.0.0/104'],
  ...['a/b', '/a/0', 'a~1b', '0', '^a+$', '[', '(a)(b)?', '(', '*', '**', '{a,b}', 'a.*', '?', '[!a]', '\\'],
];
const NUMBERS = [
  ...['0', '1', '-1', '2', '7', '10', '16', '1.0', '3.00', '1e2', '1e-2', '-0.0', '1e30', '1e-30', '1e400'],
  ...['0.1', '0.2', '0.7', '-0.5', '0.5', '1.5', '-1.5', '2.5', '4.35', '0.15', '100', '1234567.5'],
  ...['2147483648', '9007199254740993', '9223372036854775808', '-9223372036854775808'],
  ...['18446744073709551617', '123456789.987654321', '0.49999999999999999999999'],
];

const text = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...TEXTS) },
  { weight: 2, arbitrary: fc.string({ unit: 'grapheme', maxLength: 6 }) },
  { weight: 1, arbitrary: fc.string({ maxLength: 6 }) },
);
const number = fc.oneof(fc.constantFrom(...NUMBERS.map(numberOf)), fc.integer({ min: -100, max: 100 }));
const scalar = fc.oneof(fc.constantFrom(null, true, false), number, text);
const { any } = fc.letrec<{ any: RegoValue }>((tie) => ({
  any: fc.oneof(
    { depthSize: 'small' },
    scalar,
    fc.array(tie('any'), { maxLength: 3 }),
    fc.array(tie('any'), { maxLength: 3 }).map(setOf),
    fc.array(fc.tuple(fc.oneof(text, scalar), tie('any')), { maxLength: 3 }).map(objectOf),
  ),
}));

function operandOf(type: DeclaredType | undefined): fc.Arbitrary<RegoValue> {
  switch (type?.type) {
    case 'string':
      return text;
    case 'number':
      return number;
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'any':
      return Array.isArray(type.of) ? fc.oneof(...type.of.map(operandOf)) : any;
    case 'array':
      return type.static === undefined
        ? fc.array(operandOf(type.dynamic), { maxLength: 4 })
        : fc.tuple(...type.static.map(operandOf));
    case 'set':
      return fc.array(operandOf(type.of as DeclaredType), { maxLength: 4 }).map(setOf);
    case 'object': {
      const member = fc.tuple(operandOf(type.dynamic?.key), operandOf(type.dynamic?.value));
      return fc.array(member, { maxLength: 4 }).map(objectOf);
    }
    default:
      return any;
  }
}

/** Operands that are mostly of the types that OPA declares. */
export function operandsFor(types: readonly DeclaredType[]): fc.Arbitrary<RegoValue[]> {
  return fc.tuple(
    ...types.map((type) =>
      fc.oneof({ weight: 9, arbitrary: operandOf(type) }, { weight: 1, arbitrary: any }),
    ),
  );
}
