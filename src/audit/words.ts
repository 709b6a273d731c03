/** Letters and digits of any script, with the marks that belong to letters. */
const WORD = /[\p{L}\p{N}\p{M}]+/gu;

/**
 * The words of a text, as reasons are searched by: runs of Unicode letters, marks and digits, composed (NFC) and in
 * lower case; each once, in the order of their first occurrence.
 */
export function wordsOf(text: string): readonly string[] {
  return [...new Set(text.normalize('NFC').toLowerCase().match(WORD))];
}
