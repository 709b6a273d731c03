import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import type { RegoSet } from '../../value.js';
import { objectOf, setOf, type RegoValue } from '../../value.js';
import { networkBuiltins } from './networks.js';
import { opaAgreement, rowsOf } from '../testing/opa-agreement.js';
import { regoValue } from '../testing/rego-arbitrary.js';

const agreement = opaAgreement(networkBuiltins);
afterAll(() => {
  agreement.close();
});

const ADDRESSES = [
  ...[
    '0.0.0.0',
    '10.1.2.3',
    '255.255.255.255',
    '1.2.3',
    '1.2.3.4.5',
    '01.2.3.4',
    '1.2.3.04',
    '256.1.1.1',
    '1..2.3',
  ],
  ...[
    '.1.2.3',
    '1.2.3.',
    '1.2.3.4 ',
    ' 1.2.3.4',
    '1.2.3.a',
    '+1.2.3.4',
    '١.2.3.4',
    '',
    '1',
    '::',
    '::1',
    '1::',
  ],
  ...['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7::', '::2:3:4:5:6:7:8', '1::3:4:5:6:7:8', '1:2:3:4::5:6:7:8', '1:2:3'],
  ...[
    '1:2:3:4:5:6:7:8:9',
    '1::2::3',
    ':::',
    ':1::2',
    '1::2:',
    '1:',
    ':1',
    ':',
    '12345::',
    '1::g',
    'FE80::AbCd',
  ],
  ...['::ffff:1.2.3.4', '::1.2.3.4', '1:2:3:4:5:6:1.2.3.4', '1:2:3:4:5:1.2.3.4', '1:2:3:4:5:6:7:1.2.3.4'],
  ...['1.2.3.4::', '1:1.2.3.4::', '::1.2.3.4:5', '::1.2.3', '::01.2.3.4', '64:ff9b::1.2.3.4', '::ffff:0:0'],
  ...[
    'fe80::1%eth0',
    'fe80::1%',
    '%eth0',
    '::ffff:1.2.3.4%a',
    '2001:db8:0:0:1:0:0:1',
    '2001:0:0:1:0:0:0:1',
    '0:0::',
  ],
];
const PREFIXES = [
  '/0',
  '/8',
  '/024',
  '/32',
  '/33',
  '/64',
  '/96',
  '/120',
  '/128',
  '/129',
  '/',
  '/-1',
  '/+8',
  '/8 ',
  '/a',
];

describe('agrees with OPA', () => {
  test.each(PREFIXES)('on what is a network with %s', (prefix) => {
    for (const address of ADDRESSES) agreement.expectSame('net.cidr_is_valid', `${address}${prefix}`);
  });

  test.each(
    rowsOf({
      'net.cidr_is_valid': [
        ['1.2.3.4'],
        ['1.2.3.4/8/8'],
        [`1.2.3.4/${'0'.repeat(50)}8`],
        ['1.2.3.4/99999999999'],
        [1],
        [null],
      ],
      'net.cidr_contains': [
        ...[
          '0.0.0.0/0',
          '10.0.0.0/8',
          '::/0',
          '::/80',
          '2001:db8::/32',
          '::ffff:10.0.0.0/104',
          '::ffff:0:0/96',
        ].flatMap((network) =>
          [
            '10.1.2.3',
            '11.0.0.0',
            '::1',
            '::ffff:10.1.2.3',
            '2001:db8::1',
            '10.0.0.0/8',
            '10.0.0.0/7',
            '10.9.9.9/32',
          ]
            .concat([
              '::/0',
              '::/80',
              '::/90',
              '::/96',
              '2001:db8::/33',
              '2001:db8::/31',
              '::ffff:10.0.0.0/112',
              'x',
            ])
            .map((place): RegoValue[] => [network, place]),
        ),
        ['10.0.0.0', '10.0.0.0'],
        [1, '10.0.0.0'],
        ['10.0.0.0/8', 1],
      ],
      'net.cidr_intersects': [
        ['10.0.0.0/8', '10.1.0.0/16'],
        ['10.1.0.0/16', '10.0.0.0/8'],
        ['10.0.0.0/16', '10.1.0.0/16'],
        ['::/0', '10.0.0.0/8'],
        ['::/80', '::ffff:0:0/96'],
        ['::ffff:0:0/96', '10.0.0.0/8'],
        ['2001:db8::/32', '2001:db8:1::/48'],
        ['2001:db8::/32', '2001:db9::/32'],
        ['10.0.0.0', '10.1.0.0/16'],
        ['10.0.0.0/8', '10.1.0.0'],
        [null, '10.1.0.0/16'],
      ],
      'net.cidr_expand': [
        ['10.0.0.9/29'],
        ['255.255.255.255/30'],
        ['10.0.0.0/32'],
        ['::ffff:10.0.0.0/125'],
        ['2001:db8::/124'],
        ['ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/126'],
        ['192.168.0.0/20'],
        ['10.0.0.0'],
        [1],
      ],
      'net.cidr_contains_matches': [
        ['10.0.0.0/8', '10.1.2.3'],
        ['10.0.0.0/8', '11.1.2.3'],
        [
          ['10.0.0.0/8', '11.0.0.0/8', '10.0.0.0/8'],
          ['10.1.2.3', '11.0.0.0/9', '12.0.0.0'],
        ],
        [setOf(['10.0.0.0/8', '11.0.0.0/8']), setOf(['10.1.2.3', '11.0.0.0/9'])],
        [
          objectOf([
            ['a', '10.0.0.0/8'],
            [1, ['11.0.0.0/8', 'x']],
          ]),
          objectOf([['b', '11.0.0.0/9']]),
        ],
        [[['10.0.0.0/8', 1], ['11.0.0.0/8']], [['10.1.2.3', 'x']]],
        [setOf([['10.0.0.0/8', 1]]), '10.1.2.3'],
        [[], ['x']],
        [['x'], []],
        [[[]], []],
        [[1], []],
        [['10.0.0.0/8'], [1]],
        [['10.0.0.0/8'], [[]]],
        [['10.0.0.0/8'], [[1]]],
        [['x'], ['10.0.0.0']],
        [['10.0.0.0/8'], ['x']],
        [1, ['x']],
        [['10.0.0.0/8'], null],
      ],
      'net.cidr_merge': [
        [[]],
        [setOf([])],
        [['10.0.0.0/9', '10.128.0.0/9']],
        [setOf(['10.0.0.0/9', '10.128.0.0/9', '11.0.0.0/8'])],
        [['10.0.0.7/8', '192.168.1.1', '172.16.0.1', '9.9.9.9', '0.0.0.0', '224.0.0.1']],
        [['10.0.0.7', '10.0.0.7']],
        [['10.0.0.7', '11.1.2.3']],
        [['10.0.0.1/32', '10.0.0.2/32', '10.0.0.3/32', '10.0.0.4/32']],
        [['0.0.0.0/1', '128.0.0.0/1']],
        [['0.0.0.0/0', '10.0.0.0/8']],
        [['255.255.255.254/32', '255.255.255.255/32', '0.0.0.0/32']],
        [['::/0', '10.0.0.0/8']],
        [['::/80', '10.0.0.0/8']],
        [['::1/128', '0.0.0.0/8']],
        [['::fffe:0:0/96', '0.0.0.0/0']],
        [['2001:db8::/33', '2001:db8:8000::/33', '2001:db9::/32']],
        [['2001:db8::1/128', '2001:db8::2/127', '2001:db8::4/126']],
        [['8000::/1', '4000::/2']],
        [['ffff::/16', 'fffe::/16', '10.0.0.0/8']],
        [['::ffff:10.0.0.0/104']],
        [['::ffff:10.0.0.1']],
        [['::1']],
        [['x']],
        [[1]],
        ['10.0.0.0/8'],
        [objectOf([])],
      ],
    }),
  )('%s(%s)', (name, _, operands) => {
    agreement.expectSame(name, ...operands);
  });

  const byte = fc.oneof(fc.constantFrom(0, 1, 10, 127, 128, 255), fc.nat(255));
  const group = fc.oneof(fc.constantFrom(0, 0, 0, 1, 0xffff, 0x2001), fc.nat(0xffff));
  const address4 = fc.tuple(byte, byte, byte, byte).map((bytes) => bytes.join('.'));
  const address6 = fc.oneof(
    fc
      .array(group, { minLength: 8, maxLength: 8 })
      .map((groups) => groups.map((value) => value.toString(16)).join(':')),
    fc
      .tuple(fc.array(group, { maxLength: 4 }), fc.array(group, { maxLength: 4 }))
      .map((sides) => sides.map((groups) => groups.map((value) => value.toString(16)).join(':')).join('::')),
    address4.map((address) => `::ffff:${address}`),
  );
  const network4 = fc.tuple(address4, fc.nat(32)).map(([address, prefix]) => `${address}/${prefix}`);
  const near4 = fc
    .tuple(fc.nat(15), fc.integer({ min: 27, max: 32 }))
    .map(([last, prefix]) => `10.0.0.${last}/${prefix}`);
  const near6 = fc
    .tuple(fc.nat(15), fc.integer({ min: 123, max: 128 }))
    .map(([last, prefix]) => `2001:db8::${last.toString(16)}/${prefix}`);
  const network6 = fc.tuple(address6, fc.nat(128)).map(([address, prefix]) => `${address}/${prefix}`);
  const network = fc.oneof(network4, near4, near6, network6);
  const mutilated = fc
    .tuple(network, fc.nat(20), fc.constantFrom('', ':', '.', '/', '0', '::', 'g'))
    .map(([text, at, inserted]) => text.slice(0, at) + inserted + text.slice(at + 1));

  test('on any networks and addresses', () => {
    const place = fc.oneof(network, address4, address6, mutilated);
    fc.assert(
      fc.property(fc.oneof(network, mutilated), place, (a, b) => {
        agreement.expectSame('net.cidr_is_valid', b);
        agreement.expectSame('net.cidr_contains', a, b);
        agreement.expectSame('net.cidr_intersects', a, b);
        agreement.expectSame('net.cidr_contains_matches', [a], setOf([b, a]));
      }),
      { numRuns: 250 },
    );
  });

  test('on what networks merge to', () => {
    const some = (one: fc.Arbitrary<string>): fc.Arbitrary<string[]> => fc.array(one, { maxLength: 7 });
    fc.assert(
      fc.property(
        fc.oneof(some(near4), some(near6), some(network4), some(fc.oneof(near4, near6))),
        (networks) => {
          agreement.expectSame('net.cidr_merge', networks);
        },
      ),
      { numRuns: 250 },
    );
  });

  test('on what a network expands to', () => {
    fc.assert(
      fc.property(fc.oneof(near4, near6), (text) => {
        agreement.expectSame('net.cidr_expand', text);
      }),
      { numRuns: 40 },
    );
  });

  test('on any value', () => {
    fc.assert(
      fc.property(regoValue(2), (value) => {
        for (const name of ['net.cidr_is_valid', 'net.cidr_expand', 'net.cidr_merge'])
          agreement.expectSame(name, value);
        agreement.expectSame('net.cidr_contains_matches', value, '10.0.0.0');
        agreement.expectSame('net.cidr_contains_matches', '10.0.0.0/8', value);
      }),
      { numRuns: 60 },
    );
  });
});

test('what OPA cannot merge without breaking down is merged', () => {
  const merge = networkBuiltins['net.cidr_merge']!;
  expect(merge(['64:ff9b::2/127', '64:ff9b::/127'])).toEqual(setOf(['64:ff9b::/126']));
  expect(merge(['::ffff:10.0.0.0/105', '10.128.0.0/9'])).toEqual(setOf(['10.0.0.0/8']));
});

test('what grows beyond a limit is refused', () => {
  expect((networkBuiltins['net.cidr_expand']!('10.0.0.0/16') as RegoSet).items).toHaveLength(65_536);
  expect(() => networkBuiltins['net.cidr_expand']!('10.0.0.0/15')).toThrow('more than 65536 addresses');
  expect(() => networkBuiltins['net.cidr_expand']!('::/0')).toThrow('more than 65536 addresses');
  const many = Array<string>(1001).fill('10.0.0.0/8');
  expect(() => networkBuiltins['net.cidr_contains_matches']!(many, many)).toThrow('more than 1000000 pairs');
});

test('a failure says what is wrong, and no value', () => {
  expect(() => networkBuiltins['net.cidr_contains']!('10.0.0.0/8', 'secret')).toThrow(
    /^operand 2 must be an address or a network$/,
  );
});
