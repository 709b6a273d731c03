import { WitanError } from '../../../errors.js';
import { bundleDigest } from '../../../policy/bundle.js';
import { metadataDigest } from '../../../product/digest.js';
import { metadataText } from '../../../product/metadata.js';
import type { Change } from '../../store.js';
import type { StoredChange } from './writer-protocol.js';

/** A change as the writer takes it, with the document that it names. */
export interface EncodedChange {
  readonly change: StoredChange;
  readonly document?: readonly [digest: string, text: string];
}

/**
 * Encodes a change. What is stored by content must have the digest that names it: whoever reads it by that name
 * later relies on it.
 *
 * @throws WitanError `internal_error`
 */
export function encodeChange(change: Change): EncodedChange {
  switch (change.kind) {
    case 'put_product': {
      const { product } = change;
      checkDigest(`product \`${product.id}\``, product.digest, metadataDigest(product));
      return {
        change: {
          kind: 'put_product',
          id: product.id,
          domain: product.domain ?? null,
          digest: product.digest,
          registeredAt: product.registeredAt,
          updatedAt: product.updatedAt,
        },
        document: [product.digest, metadataText(product)],
      };
    }
    case 'put_bundle':
      checkDigest(`bundle of \`${change.layer}\``, change.digest, bundleDigest(change.files));
      return { change };
    default:
      return { change };
  }
}

function checkDigest(what: string, named: string, found: string): void {
  if (named === found) return;
  throw new WitanError('internal_error', `the ${what} is named ${named}, but its content has ${found}`);
}
