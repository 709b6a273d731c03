import { createHash } from 'node:crypto';
import { metadataText, type NormalForm } from './metadata.js';

/** SHA-256 of the canonical JSON of a product and its contracts, as `sha256:<hex>`. */
export function metadataDigest(form: NormalForm): string {
  return `sha256:${createHash('sha256').update(metadataText(form), 'utf8').digest('hex')}`;
}
