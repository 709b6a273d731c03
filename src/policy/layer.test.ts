import { describe, expect, it } from 'vitest';
import { compareLayers, domainChain, isDomainPath, isLayer, layerChain, outerLayers } from './layer.js';

describe('layers', () => {
  it.each<[string, boolean]>([
    ['finance', true],
    ['finance/risk', true],
    ['a/b/c/d/e/f/g/h', true],
    ['a/b/c/d/e/f/g/h/i', false],
    ['f2_x', true],
    ['x'.repeat(63), true],
    ['x'.repeat(64), false],
    ['', false],
    ['/', false],
    ['finance/', false],
    ['/finance', false],
    ['finance//risk', false],
    ['Finance', false],
    ['2finance', false],
    ['_finance', false],
    ['fin-ance', false],
    ['finance\n', false],
    ['..', false],
    ['finance/../risk', false],
    ['fínance', false],
    ['global', false],
    ['finance/global', false],
    ['policy', false],
    ['lib', false],
    ['finance/data', false],
    ['test', false],
    ['testing', true],
  ])('%j names a domain: %s', (path, expected) => {
    expect(isDomainPath(path)).toBe(expected);
    expect(isLayer(path)).toBe(expected || path === 'global');
  });

  it('chains from the outermost in', () => {
    expect(domainChain('a/b/c')).toEqual(['a', 'a/b', 'a/b/c']);
    expect(layerChain('a/b')).toEqual(['global', 'a', 'a/b']);
    expect(outerLayers('a/b')).toEqual(['global', 'a']);
    expect(outerLayers('a')).toEqual(['global']);
    expect(outerLayers('global')).toEqual([]);
  });

  it('orders global first, then by depth, then by name', () => {
    const layers = ['b', 'a/b', 'global', 'a/a', 'aa', 'a'];
    expect(layers.sort(compareLayers)).toEqual(['global', 'a', 'aa', 'b', 'a/a', 'a/b']);
    expect(compareLayers('a', 'a')).toBe(0);
  });
});
