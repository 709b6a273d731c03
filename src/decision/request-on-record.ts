import { hash } from 'node:crypto';

/** What a record of a decision tells without being parsed. */
export interface RequestOnRecord {
  /**
   * Equal for records of one request: those that differ in nothing that an evaluation reads. 32 bytes, one in each
   * UTF-16 code unit: SHA-256 over the seed and what was asked.
   */
  readonly key: string;
  /** What was decided then. */
  readonly permitted: boolean;
  /** Whether something of the request is masked. */
  readonly masked: boolean;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const LETTER_T = 0x74;
const HEX_DIGITS = 64;
/** `:` between a name and its value: records are written without spaces. */
const COLON_BYTES = 1;
const EMPTY_LIST_BYTES = 2;

const COMMITMENT = Buffer.from('{"masked":"sha256:');
const DIGEST = Buffer.from('"digest":"sha256:');
const DECISION = Buffer.from('"decision"');

/** Names of the members that are looked at, with their quotes. */
const NAMES = {
  kind: Buffer.from('"kind"'),
  decisionKind: Buffer.from('"decision_kind"'),
  parameters: Buffer.from('"parameters"'),
  layers: Buffer.from('"layers"'),
  findings: Buffer.from('"findings"'),
  decision: Buffer.from('"decision"'),
  masked: Buffer.from('"masked"'),
} as const;
type Name = keyof typeof NAMES;
const NAMED = Object.entries(NAMES) as readonly (readonly [Name, Buffer])[];

/** Where a member begins, with the quote of its name, and where its value does and ends. */
interface Place {
  readonly from: number;
  readonly value: number;
  readonly end: number;
}

/**
 * Reads from the bytes of records which request each is of. What an evaluation reads of a record stands in it from
 * `decision_kind` to `parameters` and from `layers` to `findings`, and is hashed as it stands. Two requests that differ
 * in commitments to masked values alone count as one, as do two that were put to different bundles of the same layers.
 */
export class RequestReader {
  readonly #seed: Buffer;
  #scratch = Buffer.alloc(16 * 1024);
  #length = 0;

  /** @param seed other keys for the same requests: what is sampled by them differs */
  constructor(seed: string) {
    this.#seed = Buffer.from(`${seed}\n`, 'utf8');
  }

  /** @returns `other` for a record that is no decision; `malformed` for bytes that no decision was written as */
  read(bytes: Buffer): RequestOnRecord | 'other' | 'malformed' {
    const places = decisionPlaces(bytes);
    if (typeof places === 'string') return places;
    const { decisionKind, parameters, layers, findings, decision, masked } = places;
    const isMasked = masked.end - masked.value > EMPTY_LIST_BYTES;
    this.#begin(bytes.length);
    this.#put(bytes, decisionKind.from, parameters.from, isMasked ? COMMITMENT : undefined);
    this.#put(bytes, layers.from, findings.from, DIGEST);
    this.#put(bytes, masked.from, masked.end);
    return {
      key: hash('sha256', this.#scratch.subarray(0, this.#length), 'binary'),
      permitted: bytes[decision.value] === LETTER_T,
      masked: isMasked,
    };
  }

  #begin(bytes: number): void {
    const needed = this.#seed.length + bytes;
    if (this.#scratch.length < needed) this.#scratch = Buffer.alloc(needed * 2);
    this.#seed.copy(this.#scratch);
    this.#length = this.#seed.length;
  }

  /** Adds the bytes without the digits of the hashes that follow the mark. */
  #put(bytes: Buffer, from: number, to: number, mark?: Buffer): void {
    let at = from;
    while (mark !== undefined) {
      const found = bytes.indexOf(mark, at);
      if (found === -1 || found + mark.length + HEX_DIGITS > to) break;
      this.#copy(bytes, at, found + mark.length);
      at = found + mark.length + (bytes[found + mark.length + HEX_DIGITS] === QUOTE ? HEX_DIGITS : 0);
    }
    this.#copy(bytes, at, to);
  }

  #copy(bytes: Buffer, from: number, to: number): void {
    this.#length += bytes.copy(this.#scratch, this.#length, from, to);
  }
}

/**
 * What stands in a record of a decision of the request, as JSON text: the record without the parameters, and without what
 * it came to.
 *
 * @returns `undefined` for bytes that no decision was written as
 */
export function requestText(bytes: Buffer): string | undefined {
  const places = decisionPlaces(bytes);
  if (typeof places === 'string') return undefined;
  const { parameters, layers, findings, masked } = places;
  const textOf = (from: number, to: number): string => bytes.toString('utf8', from, to);
  return `${textOf(0, parameters.from)}${textOf(layers.from, findings.from)}${textOf(masked.from, masked.end)}}`;
}

/** Where the members of a decision's record stand. */
function decisionPlaces(bytes: Buffer): Readonly<Record<Name, Place>> | 'other' | 'malformed' {
  const { kind, decisionKind, parameters, layers, findings, decision, masked } = placesIn(bytes);
  if (kind === undefined) return 'malformed';
  if (!isAt(bytes, kind.value, kind.end, DECISION)) return 'other';
  if (
    decisionKind === undefined ||
    parameters === undefined ||
    layers === undefined ||
    findings === undefined ||
    decision === undefined ||
    masked === undefined ||
    parameters.from < decisionKind.end ||
    findings.from < layers.end
  ) {
    return 'malformed';
  }
  return { kind, decisionKind, parameters, layers, findings, decision, masked };
}

/** The members of the record that are looked at; one that comes twice is where it came last. */
function placesIn(bytes: Buffer): Partial<Record<Name, Place>> {
  const places: Partial<Record<Name, Place>> = {};
  for (let at = 1; bytes[at] === QUOTE;) {
    const nameEnd = endOfString(bytes, at);
    const value = nameEnd + COLON_BYTES;
    const end = endOfValue(bytes, value);
    for (const [name, text] of NAMED) {
      if (isAt(bytes, at, nameEnd, text)) places[name] = { from: at, value, end };
    }
    at = end + 1;
  }
  return places;
}

function isAt(bytes: Buffer, from: number, to: number, text: Buffer): boolean {
  if (to - from !== text.length) return false;
  for (let at = 0; at < text.length; at += 1) if (bytes[from + at] !== text[at]) return false;
  return true;
}

/** Where the string that begins at `at` ends: past its last quote. */
function endOfString(bytes: Buffer, at: number): number {
  for (let next = at + 1; next < bytes.length; next += 1) {
    const byte = bytes[next];
    if (byte === QUOTE) return next + 1;
    if (byte === BACKSLASH) next += 1;
  }
  return bytes.length;
}

/** Where the JSON value that begins at `at` ends. */
function endOfValue(bytes: Buffer, at: number): number {
  let depth = 0;
  for (let next = at; next < bytes.length; next += 1) {
    const byte = bytes[next];
    if (byte === QUOTE) next = endOfString(bytes, next) - 1;
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth += 1;
    else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      if (depth === 0) return next;
      depth -= 1;
    } else if (byte === COMMA && depth === 0) return next;
  }
  return bytes.length;
}
