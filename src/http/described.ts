import { PUBLISH_ACTIONS } from '../decision/request.js';
import { isObject } from '../document/json.js';
import { WitanError } from '../errors.js';
import type { Metadata } from '../product/metadata.js';
import { readDescriptor, readMetadata } from '../product/read.js';

/** A product as a request describes it. */
export interface Described {
  readonly metadata: Metadata;
  readonly action?: string;
}

/**
 * Reads a product from a body: `{ "descriptor": …, "contracts": […], "action": … }`, or a bare descriptor of any
 * supported format.
 *
 * @throws WitanError `invalid_request`, `descriptor_*` with pointers into the body.
 */
export function readDescribed(body: unknown): Described {
  if (!isObject(body)) {
    throw new WitanError(
      'invalid_request',
      'expected an object: a descriptor, or `descriptor` and `contracts`',
      {
        faults: [{ pointer: '', message: 'must be object' }],
      },
    );
  }
  if (body['descriptor'] === undefined && body['contracts'] === undefined)
    return { metadata: readDescriptor(body) };
  const { descriptor, contracts, action } = body;
  if (action !== undefined && !(typeof action === 'string' && PUBLISH_ACTIONS.has(action))) {
    const names = [...PUBLISH_ACTIONS].map((name) => `\`${name}\``).join(', ');
    throw new WitanError('invalid_request', `/action must be one of ${names}`, {
      faults: [{ pointer: '/action', message: `must be one of ${names}` }],
    });
  }
  return { metadata: readMetadata({ descriptor, contracts }), ...(action !== undefined && { action }) };
}
