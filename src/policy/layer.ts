/** Where a policy stands: `global`, or a domain's path such as `finance/risk`. */
export type Layer = string;

export const GLOBAL: Layer = 'global';

/** A domain's path: segments `[a-z][a-z0-9_]*` joined by `/`; at most eight of them. */
const DOMAIN_PATH = /^[a-z][a-z0-9_]{0,62}(\/[a-z][a-z0-9_]{0,62}){0,7}$/;

/** Words with a meaning of their own in package names and folders, never a segment of a domain's path. */
const RESERVED: ReadonlySet<string> = new Set(['global', 'policy', 'lib', 'data', 'test']);

/** Whether `path` can name a domain. */
export function isDomainPath(path: string): boolean {
  return DOMAIN_PATH.test(path) && path.split('/').every((segment) => !RESERVED.has(segment));
}

/** Whether `layer` is `global` or can name a domain. */
export function isLayer(layer: string): boolean {
  return layer === GLOBAL || isDomainPath(layer);
}

/** The domains that `path` lies in, outermost first, itself last: `finance/risk` → `finance`, `finance/risk`. */
export function domainChain(path: string): readonly Layer[] {
  return chainsOf(path).domains;
}

/** The layers that a product of the domain lies under: `global`, then its domains from the outermost in. */
export function layerChain(path: string): readonly Layer[] {
  return chainsOf(path).layers;
}

interface Chains {
  readonly domains: readonly Layer[];
  readonly layers: readonly Layer[];
}

/** Chains that were asked for: those of a mesh's domains come again with every decision, and are then the same arrays. */
const known = new Map<string, Chains>();
const KNOWN_MAX = 4096;
/** A longer path names no domain, and is anybody's text. */
const PATH_CHARS_MAX = 8 * 64;

function chainsOf(path: string): Chains {
  const before = known.get(path);
  if (before !== undefined) return before;
  const segments = path.split('/');
  const domains = segments.map((_, index) => segments.slice(0, index + 1).join('/'));
  const chains = { domains, layers: [GLOBAL, ...domains] };
  if (path.length > PATH_CHARS_MAX) return chains;
  if (known.size === KNOWN_MAX) known.clear();
  known.set(path, chains);
  return chains;
}

/** The layers whose libraries and parameters a layer builds on, outermost first, without itself. */
export function outerLayers(layer: Layer): readonly Layer[] {
  return layer === GLOBAL ? [] : layerChain(layer).slice(0, -1);
}

/** Order for reports: `global` first, then by depth, then by name. */
export function compareLayers(a: Layer, b: Layer): number {
  return depth(a) - depth(b) || (a < b ? -1 : a > b ? 1 : 0);
}

function depth(layer: Layer): number {
  if (layer === GLOBAL) return 0;
  let segments = 1;
  for (let at = layer.indexOf('/'); at !== -1; at = layer.indexOf('/', at + 1)) segments += 1;
  return segments;
}
