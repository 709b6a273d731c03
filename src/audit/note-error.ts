import { WitanError } from '../errors.js';

/**
 * What is wrong with a key, a signed note, a checkpoint or a proof file.
 *
 * @param what the thing, such as `the signed note`
 * @param row line of it, from 1
 */
export function noteError(what: string, message: string, row?: number): WitanError {
  return new WitanError('note_invalid', `${what}: ${row === undefined ? '' : `line ${row}: `}${message}`, {
    faults: [{ ...(row !== undefined && { row }), message }],
  });
}
