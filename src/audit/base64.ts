/**
 * The bytes of standard base64 (RFC 4648, section 4) with its padding. Only the one text that the bytes have is read:
 * what other readers forgive, such as stray bits at the end, could be changed without notice.
 */
export function readBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}
