import type { Request } from 'express';
import { WitanError } from '../errors.js';

const LIMIT_DEFAULT = 100;
const LIMIT_MAX = 1000;

/**
 * The parameters of a URL's query. An unknown or repeated one is refused: a filter that is misspelt would
 * otherwise answer with more than was asked for.
 *
 * @throws WitanError `invalid_request`
 */
export function readQuery<Name extends string>(
  request: Request,
  known: readonly Name[],
): Readonly<Partial<Record<Name, string>>> {
  const query: Partial<Record<Name, string>> = {};
  for (const [name, value] of Object.entries(request.query)) {
    const found = known.find((each) => each === name);
    if (found === undefined || typeof value !== 'string') {
      const what = found === undefined ? 'is not a parameter that is known here' : 'is given more than once';
      throw new WitanError(
        'invalid_request',
        `\`${name}\` ${what}; known are ${known.map((each) => `\`${each}\``).join(', ')}`,
      );
    }
    query[found] = value;
  }
  return query;
}

/** How many items a page holds: 1 to 1,000. Throws `invalid_request`. */
export function readLimit(value: string | undefined): number {
  if (value === undefined) return LIMIT_DEFAULT;
  const limit = /^\d{1,6}$/.test(value) ? Number(value) : 0;
  if (limit < 1 || limit > LIMIT_MAX) {
    throw new WitanError(
      'invalid_request',
      `\`limit\` is \`${value}\`; expected a whole number from 1 to ${LIMIT_MAX}`,
    );
  }
  return limit;
}
