import { stringOperand, type Builtins } from '../../builtin.js';
import { RegoObject, RegoSet, setOf, type RegoValue } from '../../value.js';
import {
  addressText,
  narrowedNetwork,
  parseAddress,
  parseNetwork,
  widened,
  type Address,
  type Network,
} from './addresses.js';
import { itemsOperand } from '../operand.js';

/** Most addresses that a network is expanded to: one of IPv4 with `/16`. */
const EXPANDED_MAX = 65_536;
/** Most pairs of networks that are compared in one call. */
const PAIRS_MAX = 1_000_000;

/** `net.cidr_*` of Rego, as Go's `net` takes addresses and networks. */
export const networkBuiltins: Builtins = {
  'net.cidr_is_valid': (text) => typeof text === 'string' && parseNetwork(text) !== undefined,
  'net.cidr_contains'(network, inner) {
    const outer = networkOperand(network, 1);
    return isWithin(placeOperand(inner, 2), outer);
  },
  'net.cidr_intersects'(a, b) {
    const [networkA, networkB] = [networkOperand(a, 1), networkOperand(b, 2)];
    return holds(networkA, networkB) || holds(networkB, networkA);
  },
  'net.cidr_contains_matches'(networks, places) {
    const outers = candidatesOf(networks, 1);
    if (outers.length === 0) return new RegoSet([]);
    const inners = candidatesOf(places, 2);
    if (outers.length * inners.length > PAIRS_MAX) {
      throw new Error(`the operands make more than ${PAIRS_MAX} pairs`);
    }
    if (inners.length === 0) return new RegoSet([]);
    const parsedOuters = outers.map(({ text, index }) => ({ network: networkOperand(text, 1), index }));
    const parsedInners = inners.map(({ text, index }) => ({ place: placeOperand(text, 2), index }));
    return setOf(
      parsedOuters.flatMap((outer) =>
        parsedInners
          .filter(({ place }) => isWithin(place, outer.network))
          .map(({ index }): RegoValue => [outer.index, index]),
      ),
    );
  },
  'net.cidr_expand'(text) {
    const { bits, value, prefix } = networkOperand(text, 1);
    const count = 2 ** (bits - prefix);
    if (count > EXPANDED_MAX) throw new Error(`the network has more than ${EXPANDED_MAX} addresses`);
    const texts = Array.from({ length: count }, (_, index) =>
      addressText({ bits, value: value + BigInt(index) }),
    );
    // INVARIANT: they differ and are ASCII, so that JavaScript's order is theirs.
    return new RegoSet(texts.sort());
  },
  'net.cidr_merge': (operand) => mergedNetworks(itemsOperand(operand, 1).map(mergeableOf)),
};

function networkOperand(operand: RegoValue | undefined, position: number): Network {
  const network = parseNetwork(stringOperand(operand, position));
  if (network === undefined) throw new Error(`operand ${position} must be a network such as \`10.0.0.0/8\``);
  return network;
}

function placeOperand(operand: RegoValue | undefined, position: number): Address | Network {
  const text = stringOperand(operand, position);
  const place = parseAddress(text) ?? parseNetwork(text);
  if (place === undefined) throw new Error(`operand ${position} must be an address or a network`);
  return place;
}

function isWithin(place: Address | Network, network: Network): boolean {
  return holds(network, place) && (!('prefix' in place) || network.prefix <= place.prefix);
}

/** Whether the address, or the first of a network, lies in the network. */
function holds({ bits, value, prefix }: Network, address: Address): boolean {
  const host = BigInt(bits - prefix);
  return bits === address.bits && value >> host === address.value >> host;
}

interface Candidate {
  readonly text: RegoValue | undefined;
  /** What names it in the result. */
  readonly index: RegoValue;
}

/** What the operand offers for comparison; of a list that stands for a network, its first item. */
function candidatesOf(operand: RegoValue | undefined, position: number): readonly Candidate[] {
  const candidate = (item: RegoValue, index: RegoValue): Candidate => {
    const text = Array.isArray(item) ? (item as readonly RegoValue[])[0] : item;
    if (text === undefined || (typeof item !== 'string' && !Array.isArray(item))) {
      throw new Error(`operand ${position} must hold strings or lists that are not empty`);
    }
    return { text, index };
  };
  if (typeof operand === 'string') return [candidate(operand, operand)];
  if (operand instanceof RegoSet) return operand.items.map((item) => candidate(item, item));
  if (operand instanceof RegoObject) return operand.entries.map(([key, item]) => candidate(item, key));
  return Array.isArray(operand) ? (operand as readonly RegoValue[]).map(candidate) : [];
}

/** Addresses in 128 bits from the first to the last, and what they were made of when that was one network. */
interface Range {
  readonly first: bigint;
  readonly last: bigint;
  readonly text: string | undefined;
}

function mergeableOf(item: RegoValue): Range {
  if (typeof item !== 'string') throw new Error('operand 1 must hold strings');
  const address = parseAddress(item);
  if (address?.bits === 128) throw new Error('an address of IPv6 needs the length of its prefix');
  const network = address === undefined ? parseNetwork(item) : classfulNetwork(address);
  if (network === undefined) throw new Error('operand 1 must hold addresses or networks');
  const { bits, value, prefix } = network;
  const first = widened({ bits, value });
  const last = first | ((1n << BigInt(bits - prefix)) - 1n);
  return { first, last, text: `${addressText(address ?? { bits, value })}/${prefix}` };
}

/** A single address of IPv4 counts for the network of its class, as in OPA. */
function classfulNetwork({ bits, value }: Address): Network {
  const top = Number(value >> 24n);
  const prefix = top < 0x80 ? 8 : top < 0xc0 ? 16 : 24;
  const host = BigInt(bits - prefix);
  return { bits, value: (value >> host) << host, prefix };
}

function mergedNetworks(ranges: readonly Range[]): RegoSet {
  const sorted = [...ranges].sort((a, b) => order(a.last, b.last) || order(a.first, b.first));
  const merged: Range[] = [];
  // From the last to the first, so that one within another meets it.
  for (const range of sorted.reverse()) {
    const next = merged.at(-1);
    if (next === undefined || next.first > range.last + 1n || startsFamily(next, range)) {
      merged.push(range);
      continue;
    }
    const first = range.first < next.first ? range.first : next.first;
    merged[merged.length - 1] = { first, last: next.last, text: undefined };
  }
  return setOf(merged.flatMap((range) => (range.text === undefined ? networksOf(range) : [range.text])));
}

const FIRST_MAPPED = 0xffff_0000_0000n;

/** Addresses of IPv4 do not continue those of IPv6 before them, as far as the two do not overlap. */
function startsFamily(next: Range, range: Range): boolean {
  return next.first === FIRST_MAPPED && range.last < FIRST_MAPPED;
}

function order(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The fewest networks that make up the range. */
function networksOf({ first, last }: Range): readonly string[] {
  const texts: string[] = [];
  for (let at = first; at <= last;) {
    let host = 0n;
    while (host < 128n && (at >> host) % 2n === 0n && at + (2n << host) - 1n <= last) host += 1n;
    const network = narrowedNetwork({ bits: 128, value: at, prefix: 128 - Number(host) });
    texts.push(`${addressText(network)}/${network.prefix}`);
    at += 1n << host;
  }
  return texts;
}
