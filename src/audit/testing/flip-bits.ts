/** Every text that differs from `text` in one bit of its UTF-8 bytes, read as a file would be. */
export function* flipBits(text: string): Generator<{ readonly flipped: string; readonly place: string }> {
  const bytes = Buffer.from(text, 'utf8');
  for (let at = 0; at < bytes.length; at += 1) {
    for (let bit = 0; bit < 8; bit += 1) {
      bytes[at]! ^= 1 << bit;
      yield { flipped: bytes.toString('utf8'), place: `byte ${at}, bit ${bit}` };
      bytes[at]! ^= 1 << bit;
    }
  }
}
