/** The strings in JSON that stand in a text, so that a long list of them stays short and shows what is hard to see. */
export function textsIn(text: string): string[] {
  return Array.from(text.matchAll(/"(?:[^"\\]|\\.)*"/g), ([token]) => JSON.parse(token) as string);
}
