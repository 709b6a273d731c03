import { stringOperand, type Builtins } from '../../builtin.js';
import { integerValue, objectOf, type RegoNumber, type RegoValue } from '../../value.js';

/** What may stand around a UUID: `urn:uuid:` before it, or one character, whatever it is, on both sides. */
const FORMS = [
  /^([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})$/i,
  /^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/i,
  /^[\0-\x7f]([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})[\0-\x7f]$/i,
  /^urn:uuid:([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})$/i,
];

/** From 15 October 1582, where the time of a UUID begins, to 1970, in 100 ns. */
const EPOCH_TICKS = 0x01b21dd213814000n;

/** Domains of version 2; others have a number alone. */
const DOMAINS = ['Person', 'Group', 'Org'];

export const uuidBuiltins: Builtins = {
  'uuid.parse'(text) {
    const given = stringOperand(text, 1);
    // No form is longer.
    if (given.length > 45) return undefined;
    const parts = FORMS.map((form) => form.exec(given)).find((found) => found !== null);
    if (parts === undefined) return undefined;
    const [, low = '', middle = '', high = '', clock = '', node = ''] = parts;
    return objectOf(membersOf(low, middle, high, clock, node));
  },
};

function membersOf(
  low: string,
  middle: string,
  high: string,
  clock: string,
  node: string,
): [string, RegoValue][] {
  const version = Number.parseInt(high.slice(0, 1), 16);
  const members: [string, RegoValue][] = [
    ['version', version],
    ['variant', variantOf(Number.parseInt(clock.slice(0, 2), 16))],
  ];
  if (version !== 1 && version !== 2) return members;
  const nodeBytes = node.match(/../g) ?? [];
  members.push(
    ['time', unixNs(BigInt(`0x${high.slice(1)}${middle}${low}`))],
    ['nodeid', nodeBytes.join('-').toLowerCase()],
    ['macvariables', macVariables(Number.parseInt(node.slice(0, 2), 16))],
    ['clocksequence', Number.parseInt(clock, 16) & 0x3fff],
  );
  if (version === 2) {
    const domain = Number.parseInt(clock.slice(2), 16);
    members.push(['id', Number.parseInt(low, 16)], ['domain', DOMAINS[domain] ?? `Domain${domain}`]);
  }
  return members;
}

function variantOf(byte: number): string {
  if ((byte & 0xc0) === 0x80) return 'RFC4122';
  if ((byte & 0xe0) === 0xc0) return 'Microsoft';
  return (byte & 0xe0) === 0xe0 ? 'Future' : 'Reserved';
}

/** In 64 bits, which the far ends of the range overflow, as in OPA. */
function unixNs(ticks: bigint): RegoNumber {
  return integerValue(BigInt.asIntN(64, (ticks - EPOCH_TICKS) * 100n));
}

function macVariables(firstByte: number): string {
  return `${(firstByte & 2) === 0 ? 'global' : 'local'}:${(firstByte & 1) === 0 ? 'unicast' : 'multicast'}`;
}
