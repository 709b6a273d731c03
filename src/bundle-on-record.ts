import { WitanError } from './errors.js';
import { createBundle, type Bundle } from './policy/bundle.js';
import type { BundleReader } from './store/store.js';

/**
 * A bundle as the store keeps it, in force or not.
 *
 * @throws WitanError `store_corrupt` where it is missing, or its files no longer are those that its digest names
 */
export async function keptBundle(bundles: Pick<BundleReader, 'byDigest'>, digest: string): Promise<Bundle> {
  const kept = await bundles.byDigest(digest);
  if (kept === undefined) throw new WitanError('store_corrupt', `the store lacks the bundle \`${digest}\``);
  const bundle = createBundle(kept.files);
  if (bundle.digest !== digest) {
    throw new WitanError(
      'store_corrupt',
      `the bundle \`${digest}\` of the store was changed: its files have the digest \`${bundle.digest}\``,
    );
  }
  return bundle;
}
