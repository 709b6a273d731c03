/** Where a proposal stands, or something of it. */
export function proposalPath(id: string, part?: string): string {
  return `v1/proposals/${encodeURIComponent(id)}${part === undefined ? '' : `/${part}`}`;
}

/** Where something of a layer stands; the slashes of a domain's path do not part the URL. */
export function layerPath(layer: string, ...parts: readonly string[]): string {
  return ['v1/layers', ...[layer, ...parts].map(encodeURIComponent)].join('/');
}
