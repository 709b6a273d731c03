import { meaningOf } from '../../council/meaning.js';
import { createBundle, type Bundle, type BundleFile } from '../../policy/bundle.js';
import { headOf } from './sections.js';

/** Longest title that is made of what changed, in characters. */
const CHARS_MAX = 120;

/**
 * A title for a proposal that was given none: the weightiest of what it means for its layer, and how much more there is.
 *
 * @param before the files of the bundle in force; `undefined` where the layer has none
 * @param nowMs Unix time in milliseconds
 */
export function titleOf(before: readonly BundleFile[] | undefined, after: Bundle, nowMs: number): string {
  const { words } = meaningOf({
    layer: after.layer,
    before: before === undefined ? undefined : createBundle(before),
    after,
    // What it means for other layers is for the service to say, which knows them.
    manifests: new Map(),
    domains: [],
    waivers: [],
    nowMs,
  });
  const [first, ...others] = words;
  if (first === undefined) return `Another bundle for ${after.layer}`;
  const more = others.length === 0 ? '' : `; and ${others.length} more`;
  const title = headOf(first, CHARS_MAX - more.length);
  return `${title.charAt(0).toUpperCase()}${title.slice(1)}${more}`;
}
