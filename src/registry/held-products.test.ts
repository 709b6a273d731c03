import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { metadataDigest } from '../product/digest.js';
import { HeldProducts } from './held-products.js';
import type { RegisteredProduct } from './registry.js';

const DOMAINS = ['finance', 'finance/risk', 'sales', undefined];

function product(id: string, domain?: string, purpose = ''): RegisteredProduct {
  const form = {
    product: { id, name: id, version: '1.0.0', status: 'active', description: { purpose } },
    contracts: [],
  };
  return {
    id,
    ...(domain !== undefined && { domain }),
    ...form,
    digest: metadataDigest(form),
    registeredAt: '2026-01-01T00:00:00.000Z',
    updatedAt: '2026-01-01T00:00:00.000Z',
  };
}

const anyId = fc.oneof(
  fc.constantFrom('a', 'b', 'aa', 'Z', 'é', '😀', '\uffff', ''),
  fc.string({ maxLength: 3 }),
);
const anyChange = fc.record({
  id: anyId,
  domain: fc.constantFrom(...DOMAINS),
  purpose: fc.constantFrom('', 'x', 'longer', 'Ærø 数'),
  gone: fc.boolean(),
});

const inOrder = (products: Iterable<RegisteredProduct>): readonly RegisteredProduct[] =>
  [...products].sort((a, b) => (a.id < b.id ? -1 : 1));

test('whatever is put and deleted, it answers as a list that is sorted and filtered each time', () => {
  fc.assert(
    fc.property(
      fc.array(anyChange, { maxLength: 40 }),
      anyId,
      fc.option(
        fc.array(fc.constantFrom<string>('finance', 'sales', 'finance/risk', 'none'), { maxLength: 3 }),
      ),
      (changes, after, domains) => {
        const held = new HeldProducts();
        const model = new Map<string, RegisteredProduct>();
        for (const { id, domain, purpose, gone } of changes) {
          if (gone) {
            held.delete(id);
            model.delete(id);
          } else {
            held.put(product(id, domain, purpose));
            model.set(id, product(id, domain, purpose));
          }
          expect(held.get(id)).toEqual(model.get(id));
        }
        const all = inOrder(model.values());
        expect(inOrder(held.all())).toEqual(all);
        expect([...held.after(after, domains ?? undefined)]).toEqual(
          all.filter(
            ({ id, domain }) =>
              id > after && (domains === null || (domain !== undefined && domains.includes(domain))),
          ),
        );
        expect(held.largest(3)).toHaveLength(Math.min(3, all.length));
      },
    ),
  );
});

describe('what is parsed', () => {
  test('is the same object while it is asked for, and another after a change', () => {
    const held = new HeldProducts();
    held.put(product('a'));
    const once = held.get('a');
    const first = held.get('a');
    expect(first).toEqual(once);
    expect(held.get('a')).toBe(first);
    held.put(product('a', 'sales'));
    expect(held.get('a')).not.toBe(first);
    expect(held.get('a')).toMatchObject({ domain: 'sales' });
  });

  test('is let go when nobody has asked for it for long, while what is asked for stays', () => {
    const held = new HeldProducts();
    const large = 'x'.repeat(100_000);
    for (let index = 0; index < 500; index += 1) held.put(product(`p${index}`, 'sales', large));
    const asked = (id: string) => [held.get(id), held.get(id)][1];
    const [often, seldom] = [asked('p0'), asked('p1')];
    for (let index = 2; index < 500; index += 1) {
      expect(asked(`p${index}`)?.id).toBe(`p${index}`);
      expect(held.get('p0')).toBe(often);
    }
    expect(held.get('p1')).not.toBe(seldom);
    expect(held.get('p1')).toEqual(seldom);
  });
});

test('what is asked for once is not kept parsed, however often it was so before', () => {
  const held = new HeldProducts();
  for (let index = 0; index < 20_000; index += 1) held.put(product(`p${index}`));
  const first = held.get('p0');
  for (let index = 1; index < 20_000; index += 1) held.get(`p${index}`);
  const later = held.get('p0');
  expect(later).toEqual(first);
  expect(held.get('p0')).not.toBe(later);
});

test('the largest are those with the most metadata, of equally large ones those whose ids come first', () => {
  const held = new HeldProducts();
  for (const id of ['c', 'a', 'b']) held.put(product(id, undefined, 'same'));
  held.put(product('z', undefined, 'the longest of them'));
  expect(held.largest(3).map(({ id }) => id)).toEqual(['z', 'a', 'b']);
  expect(held.largest(9).map(({ id }) => id)).toEqual(['z', 'a', 'b', 'c']);
});
