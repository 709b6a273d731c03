/** An element of a document: its name, attributes, and what stands inside, in order. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly (XmlElement | string)[];
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
/** What XML 1.0 can hold (production 2). */
const CHARACTER = /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u;

/**
 * Reads a document as strictly as XML 1.0 wants it, without what the tests do not need: document types, comments,
 * processing instructions, CDATA.
 *
 * @throws Error when it is not well-formed
 */
export function readXml(text: string): XmlElement {
  if (!CHARACTER.test(text)) throw new Error('it holds a character that XML cannot');
  let rest = text.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\s*/, '');
  const take = (pattern: RegExp): RegExpExecArray => {
    const match = pattern.exec(rest);
    if (match === null) throw new Error(`expected ${String(pattern)} at ${rest.slice(0, 40)}`);
    rest = rest.slice(match[0].length);
    return match;
  };
  const element = (): XmlElement => {
    const [, name = ''] = take(/^<([A-Za-z][\w-]*)/);
    const attributes: Record<string, string> = {};
    while (/^\s+[A-Za-z]/.test(rest)) {
      const [, key = '', value = ''] = take(/^\s+([A-Za-z][\w-]*)="([^"<]*)"/);
      if (key in attributes) throw new Error(`the attribute ${key} stands twice`);
      // Line ends in attributes become spaces unless they are escaped (section 3.3.3).
      attributes[key] = decoded(value.replaceAll(/[\t\n\r]/g, ' '));
    }
    if (rest.startsWith('/>')) {
      take(/^\/>/);
      return { name, attributes, children: [] };
    }
    take(/^>/);
    const children: (XmlElement | string)[] = [];
    while (!rest.startsWith('</')) {
      if (rest.startsWith('<')) children.push(element());
      else children.push(decoded(take(/^[^<]+/)[0].replaceAll(/\r\n?/g, '\n')));
    }
    const [, closing] = take(/^<\/([\w-]+)\s*>/);
    if (closing !== name) throw new Error(`<${name}> is closed by </${String(closing)}>`);
    return { name, attributes, children };
  };
  const root = element();
  if (rest.trim() !== '') throw new Error('more follows after the document');
  return root;
}

function decoded(text: string): string {
  if (/&(?!(?:#\d+|#x[0-9a-fA-F]+|amp|lt|gt|quot|apos);)/.test(text)) throw new Error(`a bare & in ${text}`);
  return text.replaceAll(
    /&(?:#x([0-9a-fA-F]+)|#(\d+)|(\w+));/g,
    (_, hex?: string, decimal?: string, name?: string) => {
      if (name !== undefined) return ENTITIES[name] ?? '';
      const character = String.fromCodePoint(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16));
      if (!CHARACTER.test(character)) throw new Error('a reference to a character that XML cannot hold');
      return character;
    },
  );
}
