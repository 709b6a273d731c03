import { isObject, readJson, valueAt } from '../document/json.js';
import { messageOf } from '../errors.js';
import type { FoundRecord, LogSource } from './log-source.js';
import { isCount } from './merkle.js';
import { commitmentOf } from './redaction.js';

/** What a record says, as far as others must agree with it. */
type Said = Readonly<Record<string, unknown>>;

/** Which record it is, without its bytes. */
type Place = Pick<FoundRecord, 'sequence' | 'id'>;

/** Says what does not hold of a record's content. */
export type TellFault = (message: string, record?: Place) => void;

/** Checks what records name against what is stored beside them, record by record in the order of the log. */
export class ContentVerifier {
  readonly #source: LogSource;
  readonly #tell: TellFault;
  /** What is wrong with what a digest names; each is looked at once. */
  readonly #named = new Map<string, string | undefined>();
  /** Masked values that are gone, until a record says that they were erased. */
  readonly #gone = new Map<string, Place>();
  /** Legal holds that stand by the records, with the one that says so. */
  readonly #holds = new Map<string, Place>();
  #minimumIndex = 0;

  constructor(source: LogSource, tell: TellFault) {
    this.#source = source;
    this.#tell = tell;
  }

  /** The minimum index that the last pruning on record left. */
  get minimumIndex(): number {
    return this.#minimumIndex;
  }

  /** @returns what the record says; `undefined` when it is not even JSON */
  verify(record: FoundRecord): Said | undefined {
    const said = this.#read(record);
    if (said === undefined) return undefined;
    if (said['id'] !== record.id) {
      this.#tell(
        `it is stored under the id \`${record.id}\`, but says that it is \`${String(said['id'])}\``,
        record,
      );
    }
    this.#masks(record, said);
    switch (said['kind']) {
      case 'decision':
        this.#document(record, said['metadata']);
        this.#document(record, said['previous_metadata']);
        break;
      case 'erasure':
        this.#erased(record, said);
        break;
      case 'hold':
        this.#held(record, said);
        break;
      case 'pruning':
        this.#pruned(record, said);
        this.#heldAgain(record, said);
        this.#bundles(record, said);
        break;
      case 'seed':
      case 'activation':
        this.#bundles(record, said);
    }
    return said;
  }

  /** After the last record: what is gone without a word. */
  end(): void {
    for (const [place, record] of this.#gone) {
      const pointer = place.slice(place.indexOf(' ') + 1);
      this.#tell(`its masked value at \`${pointer}\` is gone, and no record says that it was erased`, record);
    }
    const stand = new Set(this.#source.holds);
    for (const [hold, record] of this.#holds) {
      if (!stand.delete(hold)) {
        this.#tell(`the legal hold \`${hold}\` that it names is gone, and no record released it`, record);
      }
    }
    for (const hold of stand) this.#tell(`the legal hold \`${hold}\` stands, and no record placed it`);
  }

  #held(record: FoundRecord, { event, hold }: Said): void {
    if (event === 'placed') this.#holds.set(String(hold), { sequence: record.sequence, id: record.id });
    else this.#holds.delete(String(hold));
  }

  /** A pruning says which holds stand, since the records that placed them may be gone. */
  #heldAgain(record: FoundRecord, { holds }: Said): void {
    const said = Array.isArray(holds) ? (holds as readonly unknown[]) : [];
    for (const each of said) {
      const hold = isObject(each) ? String(each['hold']) : '';
      if (!this.#holds.has(hold)) this.#holds.set(hold, { sequence: record.sequence, id: record.id });
    }
  }

  #read(record: FoundRecord): Said | undefined {
    try {
      const said = readJson(record.bytes.toString('utf8'));
      if (isObject(said)) return said;
      this.#tell('it is not a JSON object', record);
    } catch (thrown) {
      this.#tell(`it is not JSON: ${messageOf(thrown)}`, record);
    }
    return undefined;
  }

  #masks(record: FoundRecord, { masked, evaluation }: Said): void {
    const pointers = Array.isArray(masked) ? masked.filter((each) => typeof each === 'string') : [];
    const kept = this.#source.maskedValues(record.sequence);
    for (const pointer of pointers) {
      const value = kept.find((each) => each.pointer === pointer);
      const recorded = valueAt(evaluation, pointer);
      if (value === undefined) {
        this.#gone.set(`${record.sequence} ${pointer}`, { sequence: record.sequence, id: record.id });
      } else if (!isObject(recorded) || recorded['masked'] !== commitmentOf(value.salt, value.value)) {
        this.#tell(`its masked value at \`${pointer}\` is not the one that it commits to`, record);
      }
    }
    for (const { pointer } of kept) {
      if (!pointers.includes(pointer))
        this.#tell(`a value is kept for \`${pointer}\`, which it does not mask`, record);
    }
  }

  #erased(record: FoundRecord, { records }: Said): void {
    for (const each of Array.isArray(records) ? (records as readonly unknown[]) : []) {
      if (!isObject(each) || !isCount(each['sequence']) || !Array.isArray(each['pointers'])) continue;
      const { sequence } = each;
      const kept = this.#source.maskedValues(sequence);
      for (const pointer of each['pointers']) {
        this.#gone.delete(`${sequence} ${String(pointer)}`);
        if (kept.some((value) => value.pointer === pointer)) {
          this.#tell(
            `it erased the value of record ${sequence} at \`${String(pointer)}\`, which is kept`,
            record,
          );
        }
      }
    }
  }

  #pruned(record: FoundRecord, said: Said): void {
    const { minimum_index: minimumIndex } = said;
    if (!isCount(minimumIndex) || minimumIndex < this.#minimumIndex || minimumIndex > record.sequence) {
      this.#tell(`it prunes what it cannot: records before ${String(minimumIndex)}`, record);
      return;
    }
    this.#minimumIndex = minimumIndex;
  }

  #document(record: FoundRecord, digest: unknown): void {
    if (typeof digest !== 'string') return;
    const fault = this.#fault(digest, (name) => this.#source.documentFault(name));
    if (fault !== undefined) this.#tell(`the metadata \`${digest}\` that it names ${fault}`, record);
  }

  #bundles(record: FoundRecord, { layers }: Said): void {
    for (const layer of Array.isArray(layers) ? (layers as readonly unknown[]) : []) {
      const digest = isObject(layer) ? layer['digest'] : undefined;
      if (typeof digest !== 'string') continue;
      const fault = this.#fault(digest, (name) => this.#source.bundleFault(name));
      if (fault !== undefined) this.#tell(`the bundle \`${digest}\` that it names ${fault}`, record);
    }
  }

  #fault(digest: string, look: (digest: string) => string | undefined): string | undefined {
    if (!this.#named.has(digest)) this.#named.set(digest, look(digest));
    return this.#named.get(digest);
  }
}
