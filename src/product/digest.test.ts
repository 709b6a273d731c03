import fc from 'fast-check';
import { expect, it } from 'vitest';
import { canonicalJson, isObject } from '../document/json.js';
import { metadataDigest } from './digest.js';
import type { Contract } from './contract.js';

const json = fc.jsonValue({ maxDepth: 4 });

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([name, member]) => [name, reversed(member)]),
  );
}

const digest = (value: unknown): string =>
  metadataDigest({ product: { customProperties: [{ property: 'x', value }] }, contracts: [] });

it('is a SHA-256 in hexadecimal', () => {
  expect(metadataDigest({ product: { id: 'a' }, contracts: [] })).toMatch(/^sha256:[0-9a-f]{64}$/);
});

it('does not depend on the order of members', () => {
  fc.assert(
    fc.property(json, (value) => {
      expect(canonicalJson(reversed(value))).toBe(canonicalJson(value));
      expect(digest(reversed(value))).toBe(digest(value));
    }),
  );
});

it('differs whenever the metadata differ', () => {
  fc.assert(
    fc.property(json, json, (a, b) => {
      // As JSON: -0 is 0 there.
      const same = canonicalJson(a) === canonicalJson(b);
      expect(digest(a) === digest(b)).toBe(same);
      if (same) expect(JSON.parse(canonicalJson(a))).toEqual(JSON.parse(canonicalJson(b)));
    }),
  );
});

it('depends on the order of contracts and on each of them', () => {
  const [a, b]: Contract[] = [{ id: 'a' }, { id: 'b' }];
  const digests = [[], [a!], [b!], [a!, b!], [b!, a!]].map((contracts) =>
    metadataDigest({ product: {}, contracts }),
  );
  expect(new Set(digests).size).toBe(5);
});
