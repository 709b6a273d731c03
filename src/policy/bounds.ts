import type { ValidateFunction } from 'ajv';
import { messageOf } from '../errors.js';
import { createAjv } from '../schema.js';

/** How long the bounds of one manifest, or of a chain of them, may take to check; they take some tens of milliseconds. */
export const BOUNDS_MS_MAX = 3000;

const texts = createAjv();

/**
 * Why a value lies outside of a delegation's bounds, in words; `undefined` where it lies within.
 *
 * @param name of the value in these words
 */
export function whyOutOfBounds(validate: ValidateFunction, value: unknown, name: string): string | undefined {
  try {
    return validate(value) ? undefined : texts.errorsText(validate.errors, { dataVar: name });
  } catch (thrown) {
    // A schema that refers to itself without end.
    if (thrown instanceof RangeError) return `it cannot be checked: ${messageOf(thrown)}`;
    throw thrown;
  }
}
