/** An address of the internet. What is written as one of IPv6 and stands for one of IPv4 is that one, as in Go. */
export interface Address {
  /** 32 or 128. */
  readonly bits: number;
  readonly value: bigint;
}

/** A network, of IPv4 too when it is written as one of IPv6 whose addresses stand for those of IPv4. */
export interface Network {
  /** 32 or 128. */
  readonly bits: number;
  /** Its first address. */
  readonly value: bigint;
  /** How many bits of an address name the network. */
  readonly prefix: number;
}

/** The upper bits of `::ffff:0:0/96`, where IPv6 has the addresses of IPv4. */
const MAPPED = 0xffffn;
const BITS_4 = 32;
const BITS_6 = 128;
const GROUPS = 8;

export function parseAddress(text: string): Address | undefined {
  const address = parseAsWritten(text);
  return address === undefined ? undefined : narrowed(address);
}

export function parseNetwork(text: string): Network | undefined {
  const slash = text.indexOf('/');
  const digits = text.slice(slash + 1);
  if (slash < 0 || !/^\d+$/.test(digits)) return undefined;
  const address = parseAsWritten(text.slice(0, slash));
  const prefix = Number(digits);
  if (address === undefined || prefix > address.bits) return undefined;
  const host = BigInt(address.bits - prefix);
  return narrowedNetwork({ bits: address.bits, value: (address.value >> host) << host, prefix });
}

function narrowed(address: Address): Address {
  return address.bits === BITS_6 && address.value >> BigInt(BITS_4) === MAPPED
    ? { bits: BITS_4, value: BigInt.asUintN(BITS_4, address.value) }
    : address;
}

/** The same, as one of IPv4 where its addresses stand for those. */
export function narrowedNetwork(network: Network): Network {
  const { bits, value } = narrowed(network);
  return bits === network.bits ? network : { bits, value, prefix: network.prefix - (BITS_6 - BITS_4) };
}

/** The same address in 128 bits. */
export function widened({ bits, value }: Address): bigint {
  return bits === BITS_6 ? value : (MAPPED << BigInt(BITS_4)) | value;
}

function parseAsWritten(text: string): Address | undefined {
  const [bits, value] = text.includes(':') ? [BITS_6, parse6(text)] : [BITS_4, parse4(text)];
  return value === undefined ? undefined : { bits, value: BigInt(value) };
}

function parse4(text: string): number | undefined {
  const parts = text.split('.', 5);
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part))) return undefined;
  const numbers = parts.map(Number);
  if (numbers.some((number) => number > 255)) return undefined;
  return numbers.reduce((value, number) => value * 256 + number, 0);
}

function parse6(text: string): bigint | undefined {
  const gap = text.indexOf('::');
  const before = groupsOf(gap < 0 ? text : text.slice(0, gap), gap < 0);
  const after = groupsOf(gap < 0 ? '' : text.slice(gap + 2), true);
  if (before === undefined || after === undefined) return undefined;
  const missing = GROUPS - before.length - after.length;
  if (gap < 0 ? missing !== 0 : missing < 1) return undefined;
  const groups = [...before, ...Array<number>(missing).fill(0), ...after];
  return groups.reduce((value, group) => (value << 16n) | BigInt(group), 0n);
}

/** The numbers between colons; the last may be two numbers written as an address of IPv4. */
function groupsOf(text: string, canEndAs4: boolean): readonly number[] | undefined {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':', GROUPS + 1);
  for (const [index, part] of parts.entries()) {
    const value = canEndAs4 && index === parts.length - 1 && part.includes('.') ? parse4(part) : undefined;
    if (value !== undefined) groups.push(Math.floor(value / 0x10000), value % 0x10000);
    else if (/^[0-9A-Fa-f]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return groups;
}

export function addressText({ bits, value }: Address): string {
  return bits === BITS_4 ? text4(Number(value)) : text6(value);
}

function text4(value: number): string {
  return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;
}

/** With the longest run of zeros, the first of several, as `::` (RFC 5952). */
function text6(value: bigint): string {
  const groups = Array.from({ length: GROUPS }, (_, index) =>
    Number(BigInt.asUintN(16, value >> BigInt(16 * (GROUPS - 1 - index)))),
  );
  let [start, length] = [0, 1];
  for (let at = 0; at < GROUPS; at += 1) {
    let end = at;
    while (groups[end] === 0) end += 1;
    if (end - at > length) [start, length] = [at, end - at];
  }
  const texts = groups.map((group) => group.toString(16));
  if (length === 1) return texts.join(':');
  return `${texts.slice(0, start).join(':')}::${texts.slice(start + length).join(':')}`;
}
