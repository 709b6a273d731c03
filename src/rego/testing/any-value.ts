import fc from 'fast-check';
import { numberOf, objectOf, setOf, type RegoValue } from '../value.js';

const anyNumber = fc.oneof(
  fc.integer(),
  fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }).map((value) => numberOf(String(value))),
  fc
    .tuple(fc.integer({ min: -1_000_000, max: 1_000_000 }), fc.integer({ min: 0, max: 999_999 }))
    .map(([whole, decimals]) => numberOf(`${whole}.${decimals}`)),
);

/** Text without lone surrogates, which JSON in UTF-8 cannot hold. */
export const anyText = fc.string({ unit: 'grapheme', maxLength: 12 });

/** Any value of Rego: of every type, nested, with sets and with any value as a key. */
export const anyValue: fc.Arbitrary<RegoValue> = fc.letrec<{ value: RegoValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(null, true, false, 0, ''),
    anyNumber,
    anyText,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(tie('value'), { maxLength: 4 }).map(setOf),
    fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 4 }).map(objectOf),
    fc.array(fc.tuple(anyText, tie('value')), { maxLength: 4 }).map(objectOf),
  ),
})).value;
