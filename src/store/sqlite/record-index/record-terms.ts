import { indexedRecord, SINGLE_FIELDS } from './record-fields.js';
import { HEAD_FIELDS, recordHead } from './record-head.js';
import type { TermDictionary } from './term-dictionary.js';

/** What a record is found by. */
export interface RecordTerms {
  /** Unix milliseconds; NaN for none. */
  readonly time: number;
  /** In the order of `SINGLE_FIELDS`; 0 for none. */
  readonly column: readonly number[];
  /** The findings that it holds, each once. */
  readonly findings: readonly number[];
  /** The terms of its findings and of the words of its texts; some stand there more than once. */
  readonly said: readonly number[];
}

interface Ending extends RecordTerms {
  readonly text: string;
}

/** So many endings are remembered; longer ones are not. */
const REMEMBERED_MAX = 4096;
const REMEMBERED_CHARS_MAX = 4096;
/** Of endings that are not known one in so many is remembered: those that come often soon are, the others seldom. */
const REMEMBERED_EVERY = 8;
/** Characters of an ending that its key is made of. */
const KEY_CHARS = 32;

/** The fields of a head, and where they stand in a column. */
const HEAD_PLACES = HEAD_FIELDS.map((field) => [field, SINGLE_FIELDS.indexOf(field)] as const);

/**
 * Turns records into their terms. Most decisions differ in who asked for what and when, and are alike in all that
 * follows: what that comes to is remembered by its text.
 */
export class RecordTermReader {
  readonly #dictionary: TermDictionary;
  /** By their keys; of endings with the same key one is remembered. */
  readonly #endings = new Map<number, Ending>();
  #missed = 0;

  constructor(dictionary: TermDictionary) {
    this.#dictionary = dictionary;
  }

  /** @param block where a new term would occur first */
  termsOf(json: string, block: number): RecordTerms {
    const head = recordHead(json);
    if (head === undefined) return this.#parsed(json, block);
    const ending = this.#endingOf(head.ending, block);
    const column = ending.column.slice();
    let at = 0;
    for (const [field, place] of HEAD_PLACES) {
      const value = head.values[at] ?? null;
      if (value !== null) column[place] = this.#dictionary.termOf(field, value, block);
      at += 1;
    }
    const time = head.time === null ? Number.NaN : Date.parse(head.time);
    return { time, column, findings: ending.findings, said: ending.said };
  }

  /** After a transaction that was rolled back, in which terms may have been made. */
  forget(): void {
    this.#endings.clear();
  }

  #endingOf(text: string, block: number): RecordTerms {
    const key = keyOf(text);
    const known = this.#endings.get(key);
    if (known?.text === text) return known;
    const found = this.#parsed(`{${text}`, block);
    this.#missed += 1;
    if (this.#missed % REMEMBERED_EVERY === 0 && text.length <= REMEMBERED_CHARS_MAX) {
      if (this.#endings.size >= REMEMBERED_MAX) this.#endings.clear();
      this.#endings.set(key, { text, ...found });
    }
    return found;
  }

  #parsed(json: string, block: number): RecordTerms {
    const { time, values, findings, texts } = indexedRecord(json);
    const column = SINGLE_FIELDS.map((field, at) => {
      const value = values[at] ?? null;
      return value === null ? 0 : this.#dictionary.termOf(field, value, block);
    });
    const held: number[] = [];
    const said: number[] = [];
    for (const members of findings) {
      const { finding, terms } = this.#dictionary.findingOf(members, block);
      if (held.includes(finding)) continue;
      held.push(finding);
      said.push(...terms);
    }
    for (const text of texts) said.push(...this.#dictionary.wordsOf(text, block));
    return { time, column, findings: held, said };
  }
}

/** A number that differs for most texts; it costs a tenth of what a hash of all their characters does. */
function keyOf(text: string): number {
  const step = Math.max(1, Math.floor(text.length / KEY_CHARS));
  let key = text.length;
  for (let at = 0; at < text.length; at += step) key = (Math.imul(key, 31) + text.charCodeAt(at)) | 0;
  return key;
}
