/** `publish`: may this product enter or change its life on the mesh; `access`: may this subject do this; `consume`: may the subject's domain take this in. */
export const KINDS = ['publish', 'access', 'consume'] as const;
export type Kind = (typeof KINDS)[number];
