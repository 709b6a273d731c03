import { createHash } from 'node:crypto';

/** Draws are whole numbers of six bytes, which a JavaScript number holds exactly. */
const DRAW_BYTES = 6;
const DRAWS = 2 ** (8 * DRAW_BYTES);

/**
 * Draws `size` of the ranks 0 to `population` − 1 without replacement; all of them when there are no more. Anyone can
 * draw them again: for counter = 0, 1, 2, … take the first six bytes, most significant first, of SHA-256 over the
 * UTF-8 text `<seed>:<counter>`. A number that is not below the largest multiple of `population` up to 2^48 is left
 * out, since it would favour low ranks; so is one whose remainder by `population` was drawn before. The remainder is
 * the rank. Where more than half is asked for, the ranks that are left out are drawn instead.
 *
 * @returns ascending
 */
export function drawRanks(seed: string, size: number, population: number): readonly number[] {
  if (size >= population) return Array.from({ length: population }, (_, rank) => rank);
  if (size * 2 <= population) return [...distinctRanks(seed, size, population)].sort((a, b) => a - b);
  const left = distinctRanks(seed, population - size, population);
  return Array.from({ length: population }, (_, rank) => rank).filter((rank) => !left.has(rank));
}

function distinctRanks(seed: string, size: number, population: number): ReadonlySet<number> {
  const bound = DRAWS - (DRAWS % population);
  const ranks = new Set<number>();
  for (let counter = 0; ranks.size < size; counter += 1) {
    const digest = createHash('sha256').update(`${seed}:${counter}`, 'utf8').digest();
    const draw = digest.readUIntBE(0, DRAW_BYTES);
    if (draw < bound) ranks.add(draw % population);
  }
  return ranks;
}
