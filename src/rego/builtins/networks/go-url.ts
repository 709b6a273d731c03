import { parseAddress } from './addresses.js';
import { byteTextOf } from '../bytes/bytes.js';

// All texts here have a character for each byte, since an escape in a URL is of a byte: see `byteTextOf`.

/** Where a text stands in a URL. */
type Part = 'path' | 'host' | 'zone' | 'query' | 'other';

const HOST_CHARACTERS = /^[\w!"$&'()*+,\-.:;<=>[\]~\x80-\xff]*$/;
const ESCAPE = /%(?:([0-9A-Fa-f]{2})|)/g;

/** @throws Error when an escape is wrong, or stands where it may not */
export function unescape(text: string, part: Part): string {
  const isHost = part === 'host' || part === 'zone';
  if (isHost && !HOST_CHARACTERS.test(text.replaceAll('%', ''))) throw invalid('host');
  const spaced = part === 'query' ? text.replaceAll('+', ' ') : text;
  if (!spaced.includes('%')) return spaced;
  return spaced.replaceAll(ESCAPE, (_, hex: string | undefined) => {
    if (hex === undefined) throw invalid('escape');
    const character = String.fromCharCode(Number.parseInt(hex, 16));
    if (isHost && character !== '%' && !mayBeEscaped(character, part)) throw invalid('escape');
    return character;
  });
}

/** In a host all but `%` beyond ASCII alone; in the zone of an address what could stand there as it is, and blanks. */
function mayBeEscaped(character: string, part: Part): boolean {
  if (part === 'host') return character >= '\x80';
  return character === ' ' || (character < '\x80' && HOST_CHARACTERS.test(character));
}

/** A text as it stands in a query: all but letters, digits and `-._~` escaped, blanks as `+`. */
export function escapeQuery(text: string): string {
  return escape(byteTextOf(text), /[^\w.~-]/g).replaceAll('%20', '+');
}

function escape(text: string, characters: RegExp): string {
  return text.replace(characters, (character) => {
    const hex = character.charCodeAt(0).toString(16).toUpperCase();
    return `%${hex.padStart(2, '0')}`;
  });
}

function invalid(what: string): Error {
  return new Error(`the URL has an invalid ${what}`);
}

/** What Go's `net/url` finds in a URL; what is missing is empty. */
export interface GoUrl {
  readonly scheme: string;
  readonly hostname: string;
  readonly port: string;
  readonly path: string;
  /** As written, where Go would not write it so; otherwise as `path`. */
  readonly rawPath: string;
  readonly rawQuery: string;
  readonly fragment: string;
}

const EMPTY: GoUrl = {
  scheme: '',
  hostname: '',
  port: '',
  path: '',
  rawPath: '',
  rawQuery: '',
  fragment: '',
};

/** @throws Error when Go does not take it for a URL */
export function parseUrl(url: string): GoUrl {
  const [main, fragment] = cut(byteTextOf(url), '#');
  return { ...parseMain(main), fragment: unescape(fragment, 'other') };
}

function parseMain(text: string): GoUrl {
  // eslint-disable-next-line no-control-regex -- controls are what is looked for
  if (/[\0-\x1f\x7f]/.test(text)) throw invalid('control character');
  if (text === '*') return { ...EMPTY, path: '*', rawPath: '*' };
  const [scheme, afterScheme] = cutScheme(text);
  const [rest, rawQuery] = cut(afterScheme, '?');
  if (!rest.startsWith('/')) {
    // Without a slash the rest is opaque, as in `mailto:`.
    if (scheme !== '') return { ...EMPTY, scheme, rawQuery };
    if (cut(rest, '/')[0].includes(':')) throw invalid('colon in its first segment');
  }
  const hasAuthority = rest.startsWith('//') && (scheme !== '' || !rest.startsWith('///'));
  const slash = hasAuthority ? rest.indexOf('/', 2) : 0;
  const pathStart = slash < 0 ? rest.length : slash;
  const host = hasAuthority ? parseAuthority(scheme, rest.slice(2, pathStart)) : NO_HOST;
  const written = rest.slice(pathStart);
  const path = unescape(written, 'path');
  const rawPath = written === escape(path, /[^\w$&+,\-./:;=@~]/g) ? path : written;
  return { ...EMPTY, ...host, scheme, path, rawPath, rawQuery };
}

/** What is before and after the first mark; nothing after it when there is none. */
function cut(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function cutScheme(text: string): [string, string] {
  if (text.startsWith(':')) throw invalid('scheme');
  const scheme = /^[A-Za-z][A-Za-z\d+.-]*(?=:)/.exec(text)?.[0];
  return scheme === undefined ? ['', text] : [scheme.toLowerCase(), text.slice(scheme.length + 1)];
}

interface Host {
  readonly hostname: string;
  readonly port: string;
}

const NO_HOST: Host = { hostname: '', port: '' };

function parseAuthority(scheme: string, authority: string): Host {
  const at = authority.lastIndexOf('@');
  const host = parseHost(scheme, authority.slice(at + 1));
  if (at >= 0) {
    const userinfo = authority.slice(0, at);
    if (!/^[\w\-.:~!$&'()*+,;=%@]*$/.test(userinfo)) throw invalid('user');
    unescape(userinfo, 'other');
  }
  return splitPort(host);
}

function parseHost(scheme: string, host: string): string {
  const bracket = host.lastIndexOf('[');
  if (bracket > 0) throw invalid('host');
  if (bracket === 0) return parseBracketed(host);
  const [first, last] = [host.indexOf(':'), host.lastIndexOf(':')];
  const isWeb = scheme === 'http' || scheme === 'https';
  if (first >= 0) checkPort(host.slice(isWeb ? first : last));
  return unescape(host, 'host');
}

/** An address of IPv6, which may name a zone after `%25`, and a port. */
function parseBracketed(host: string): string {
  const end = host.lastIndexOf(']');
  if (end < 0) throw invalid('host');
  const port = host.slice(end + 1);
  checkPort(port);
  const inner = host.slice(1, end);
  const zoneAt = inner.indexOf('%25');
  const address =
    zoneAt < 0
      ? unescape(inner, 'host')
      : unescape(inner.slice(0, zoneAt), 'host') + unescape(inner.slice(zoneAt), 'zone');
  const [number, zone] = cut(address, '%');
  const isAddress = number.includes(':') && parseAddress(number) !== undefined;
  if (!isAddress || (zone === '' && address.includes('%'))) throw invalid('host');
  return `[${address}]${port}`;
}

function checkPort(port: string): void {
  if (!/^(?::\d*)?$/.test(port)) throw invalid('port');
}

function splitPort(host: string): Host {
  const [, name = host, port = ''] = /^(.*):(\d*)$/s.exec(host) ?? [];
  const isBracketed = name.startsWith('[') && name.endsWith(']');
  return { hostname: isBracketed ? name.slice(1, -1) : name, port };
}
