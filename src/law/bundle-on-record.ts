import { WitanError } from '../errors.js';
import { bundleDigest, createBundle, type Bundle } from '../policy/bundle.js';
import type { BundleReader } from '../store/store.js';

/**
 * A bundle that is kept, by its digest.
 *
 * @throws WitanError `store_corrupt` when it is gone, or its files are not those that the digest names
 */
export async function keptBundle(bundles: Pick<BundleReader, 'byDigest'>, digest: string): Promise<Bundle> {
  const kept = await bundles.byDigest(digest);
  if (kept === undefined) throw new WitanError('store_corrupt', `the store lacks the bundle \`${digest}\``);
  const found = bundleDigest(kept.files);
  if (found === digest) return createBundle(kept.files);
  throw new WitanError(
    'store_corrupt',
    `the bundle \`${digest}\` of the store was changed: its files have the digest \`${found}\``,
  );
}
