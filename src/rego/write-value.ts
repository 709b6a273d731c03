/** Writes a value as JSON text. */
export type WriteValue = (value: unknown) => string;
