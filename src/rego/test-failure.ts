import type { Fault } from '../errors.js';
import type { TestResult } from './test-report.js';

/** A test that says no. */
export function isBad({ outcome }: TestResult): boolean {
  return outcome === 'fail' || outcome === 'error';
}

/** Where a test failed: the expression that was not true, or the test where that is not known. */
export function failureOf({ file, row, name, message, outcome, failed_at }: TestResult): Fault {
  const words = message ?? failed_at?.message ?? (outcome === 'error' ? 'ended in an error' : 'is not true');
  return {
    file: failed_at?.file ?? file,
    row: failed_at?.row ?? row,
    ...(failed_at?.column !== undefined && { column: failed_at.column }),
    message: `${name}: ${words}`,
  };
}
