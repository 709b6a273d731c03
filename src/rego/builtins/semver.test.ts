import { describe, expect, test } from 'vitest';
import { semverBuiltins } from './semver.js';

// What OPA 1.22.2 answers.
const isValid = semverBuiltins['semver.is_valid']!;
const compare = semverBuiltins['semver.compare']!;

describe('semver.is_valid', () => {
  test.each([
    '0.0.0',
    '1.2.3',
    'v1.2.3',
    '1.2.3-rc.1',
    '1.2.3-rc.1+build.5',
    '1.2.3+001',
    '1.2.3--',
    '1.2.3-0a',
  ])('%s', (text) => {
    expect(isValid(text)).toBe(true);
  });

  test.each([
    '',
    '1',
    '1.2',
    '1.2.3.4',
    '01.2.3',
    '1.2.3-01',
    '1.2.3-',
    '1.2.3+',
    '1.2.3-a..b',
    '1.2.3-ü',
    '-1.2.3',
    'vv1.2.3',
    'V1.2.3',
    'v 1.2.3',
    '=1.2.3',
    ' 1.2.3',
    '1.2.3 ',
    '1.2.3\n',
    '99999999999999999999.0.0',
    3,
    null,
    ['1.2.3'],
  ])('not %j', (text) => {
    expect(isValid(text)).toBe(false);
  });
});

describe('semver.compare', () => {
  // The order of semver.org, section 11.
  const ascending = [
    '1.0.0-1',
    '1.0.0-alpha',
    '1.0.0-alpha.1',
    '1.0.0-alpha.2',
    '1.0.0-alpha.10',
    '1.0.0-alpha.beta',
    '1.0.0-rc.1',
    '1.0.0',
    '1.9.9',
    'v1.10.0',
    '2.0.0-0',
    '10.0.0',
  ];

  test('orders each with each', () => {
    ascending.forEach((a, i) => {
      ascending.forEach((b, j) => {
        expect([a, b, compare(a, b)]).toEqual([a, b, Math.sign(i - j)]);
      });
    });
  });

  test('a build, and a leading v, count for nothing', () => {
    expect(compare('1.0.0+a', 'v1.0.0+b')).toBe(0);
  });

  test.each<[unknown, unknown, string]>([
    ['2.0', '1.0.0', '2.0'],
    ['1.0.0', 'latest', 'latest'],
    [3, '1.0.0', '3'],
  ])('refused: %j and %j', (a, b, named) => {
    expect(() => compare(a, b)).toThrow(`semver.compare: \`${named}\` is not a semantic version`);
  });
});
