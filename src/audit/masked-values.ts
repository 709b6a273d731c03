/** What is kept beside a record of a value that it names by a commitment alone. */
export interface KeptValue {
  /** JSON pointer into the record's evaluation. */
  readonly pointer: string;
  /** 16 bytes; absent, as the value is, when both were erased. */
  readonly salt?: Uint8Array;
  /** JSON text of the value. */
  readonly value?: string;
}

/** The masked values of records, for those who evaluate a record again. */
export interface MaskedValues {
  /** One for each value that the record masks, in any order; erased ones without salt and value. */
  of(recordId: string): Promise<readonly KeptValue[]>;
}

/** Keeps nothing, so that no record that masks something can be replayed. */
export const NO_MASKED_VALUES: MaskedValues = { of: () => Promise.resolve([]) };
