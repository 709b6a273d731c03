import fc from 'fast-check';
import { Decimal, objectOf, setOf, type RegoNumber, type RegoValue } from '../../value.js';

/** Text with what is hard: many bytes, surrogates, controls, quotes, and few different characters. */
export function regoText(maxLength = 8): fc.Arbitrary<string> {
  return fc.oneof(
    fc.string({ maxLength }),
    fc.string({ unit: fc.constantFrom('a', 'b', 'A', '.', '-', ' '), maxLength }),
    fc.string({
      unit: fc.constantFrom('a', 'é', '€', '😀', '\u{10ffff}', '\ufffd', '\0', '\n', '"', '\\', '\u2028'),
      maxLength,
    }),
    // A byte order mark does not reach OPA, which reads operands as a source of Rego.
    fc.string({ unit: 'binary', maxLength }).map((text) => text.replaceAll('\ufeff', '')),
  );
}

export function regoNumber(): fc.Arbitrary<RegoNumber> {
  return fc.oneof(
    fc.integer({ min: -3, max: 20 }),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 }).map((value) => value + 0),
    fc.constantFrom(0.1, -1.5, 1e-7, 123456.789),
    fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(integerOrBig),
    fc.constantFrom(...[2n ** 53n, 2n ** 63n - 1n, 2n ** 63n, -(2n ** 63n), -(2n ** 63n) - 1n, 10n ** 30n]),
    fc.constantFrom(
      ...['1.0', '-2.50', '0.0', '1e2', '1E-3', '1e300', '-1.5e-300', '12345678901234567.25'].map(decimal),
    ),
  );
}

function integerOrBig(value: bigint): RegoNumber {
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

function decimal(text: string): Decimal {
  return new Decimal(text);
}

export function regoScalar(): fc.Arbitrary<RegoValue> {
  return fc.oneof(fc.constant(null), fc.boolean(), regoNumber(), regoText());
}

export function regoValue(maxDepth = 2): fc.Arbitrary<RegoValue> {
  if (maxDepth === 0) return regoScalar();
  const item = regoValue(maxDepth - 1);
  return fc.oneof(
    { weight: 3, arbitrary: regoScalar() },
    { weight: 1, arbitrary: fc.array(item, { maxLength: 4 }) },
    { weight: 1, arbitrary: fc.array(item, { maxLength: 4 }).map(setOf) },
    {
      weight: 1,
      arbitrary: fc.array(fc.tuple(fc.oneof(regoText(4), item), item), { maxLength: 4 }).map(objectOf),
    },
  );
}
