/**
 * Where something stands within something longer, overlapping places too, in time linear in both lengths whatever
 * they hold (Knuth, Morris and Pratt).
 *
 * @param sameSought whether two places of what is sought hold the same
 * @param sameThere whether a place of the longer and one of what is sought hold the same
 */
export function* occurrences(
  length: number,
  soughtLength: number,
  sameSought: (a: number, b: number) => boolean,
  sameThere: (there: number, sought: number) => boolean,
): Generator<number, void> {
  if (soughtLength === 0 || soughtLength > length) return;
  // For each place, the length of the longest beginning of what is sought that also ends there.
  const borders = new Uint32Array(soughtLength);
  const shrunk = (matched: number): number => borders[matched - 1] ?? 0;
  for (let place = 1, matched = 0; place < soughtLength; place += 1) {
    while (matched > 0 && !sameSought(place, matched)) matched = shrunk(matched);
    if (sameSought(place, matched)) matched += 1;
    borders[place] = matched;
  }
  for (let there = 0, matched = 0; there < length; there += 1) {
    while (matched > 0 && !sameThere(there, matched)) matched = shrunk(matched);
    if (sameThere(there, matched)) matched += 1;
    if (matched === soughtLength) {
      yield there + 1 - soughtLength;
      matched = shrunk(matched);
    }
  }
}

/** Where a part stands within a text, in code units. */
export function occurrencesInText(text: string, part: string): Generator<number, void> {
  return occurrences(
    text.length,
    part.length,
    (a, b) => part.charCodeAt(a) === part.charCodeAt(b),
    (there, sought) => text.charCodeAt(there) === part.charCodeAt(sought),
  );
}
