import { WitanError } from '../errors.js';
import type { Expected } from './expected-checkpoints.js';
import { readVerifierKey, writeVerifierKey, type VerifierKey } from './note-key.js';

/** A key that a record of the log says has taken over. */
interface HandOver {
  readonly sequence: number;
  readonly vkey: string;
  readonly previous: string;
}

/** Which keys are believed while a log is verified, and what they vouch for. */
export class TrustedKeys {
  /** Those that are trusted and those that the log has on record: what can be told apart from any other key. */
  readonly known: readonly VerifierKey[];
  readonly #trusted: VerifierKey[];
  #handOvers: readonly HandOver[] = [];
  #vouchedSize = 0;
  /** Checkpoints that agreed, and that no trusted key has signed so far. */
  #strange: readonly Expected[] = [];

  /**
   * @param given keys that the auditor trusts; without any, those on record are
   * @param onRecord verifier keys as the log has them
   * @param tell told which of them is none
   */
  constructor(given: readonly VerifierKey[], onRecord: readonly string[], tell: (message: string) => void) {
    const read = onRecord.flatMap((text) => {
      try {
        return [readVerifierKey(text)];
      } catch (thrown) {
        if (!(thrown instanceof WitanError)) throw thrown;
        tell(`the key \`${text}\` on record is none: ${thrown.message}`);
        return [];
      }
    });
    this.#trusted = given.length === 0 ? read : [...given];
    this.known = [...given, ...read];
  }

  get trusted(): readonly VerifierKey[] {
    return this.#trusted;
  }

  /** How many records are covered by a checkpoint that agreed and that a trusted key signed. */
  get vouchedSize(): number {
    return this.#vouchedSize;
  }

  /** A record says that a key took over. It is believed when a trusted key has signed a checkpoint that covers it. */
  takeOver(sequence: number, { vkey, previous }: Readonly<Record<string, unknown>>): void {
    if (typeof vkey !== 'string' || typeof previous !== 'string') return;
    this.#handOvers = [...this.#handOvers, { sequence, vkey, previous }];
  }

  /** A checkpoint agrees with the records. */
  vouch(expected: Expected): void {
    if (!this.#isVouchedFor(expected)) {
      this.#strange = [...this.#strange, expected];
      return;
    }
    this.#vouchedSize = expected.size;
    for (const { sequence, vkey, previous } of this.#handOvers) {
      if (sequence < expected.size) this.#follow(vkey, previous);
    }
    this.#handOvers = this.#handOvers.filter(({ sequence }) => sequence >= expected.size);
  }

  /** What nobody trusted vouches for, in a log of so many records where everything else holds. */
  unvouched(size: number): readonly string[] {
    if (size > 0 && this.#vouchedSize === 0) {
      return ['no checkpoint of the log is signed by a key that is trusted'];
    }
    return this.#strange
      .filter(
        (expected) => !this.#isVouchedFor(expected) && (!expected.own || expected.size > this.#vouchedSize),
      )
      .map(({ name }) => `${name} is not signed by a key that is trusted`);
  }

  #follow(vkey: string, previous: string): void {
    const names = this.#trusted.map(writeVerifierKey);
    if (!names.includes(previous) || names.includes(vkey)) return;
    const key = this.known.find((each) => writeVerifierKey(each) === vkey);
    if (key !== undefined) this.#trusted.push(key);
  }

  #isVouchedFor({ signers }: Expected): boolean {
    return signers.some((signer) =>
      this.#trusted.some(({ name, publicKey }) => name === signer.name && publicKey.equals(signer.publicKey)),
    );
  }
}
