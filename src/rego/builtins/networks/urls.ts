import { stringOperand, wrongOperand, type Builtins } from '../../builtin.js';
import { objectOf, RegoObject, RegoSet, type RegoValue } from '../../value.js';
import { byteTextOf, textOfByteText } from '../bytes/bytes.js';
import { escapeQuery, parseUrl, unescape } from './go-url.js';
import { membersOf } from '../documents/json.js';

/** Most parameters of a query, which is Go's limit. */
const PARAMETERS_MAX = 10_000;

/** `urlquery.*` and `uri.*` of Rego, as Go's `net/url` takes URLs. */
export const urlBuiltins: Builtins = {
  'urlquery.encode': (text) => escapeQuery(stringOperand(text, 1)),
  'urlquery.decode': (text) => textOfByteText(unescape(byteTextOf(stringOperand(text, 1)), 'query')),
  'urlquery.encode_object'(object) {
    if (!(object instanceof RegoObject)) throw wrongOperand(object, 1, 'object');
    return membersOf(object)
      .flatMap(([key, value]) => {
        const name = escapeQuery(key);
        return valuesOf(value).map((item) => `${name}=${escapeQuery(item)}`);
      })
      .join('&');
  },
  'urlquery.decode_object': (query) => decodeQuery(stringOperand(query, 1)),
  'uri.is_valid'(text) {
    if (typeof text !== 'string' || text === '') return false;
    try {
      parseUrl(text);
      return true;
    } catch {
      return false;
    }
  },
  'uri.parse'(text) {
    const { scheme, hostname, port, path, rawPath, rawQuery, fragment } = parseUrl(stringOperand(text, 1));
    const members: [string, string][] = [
      ['fragment', fragment],
      ['hostname', hostname],
      ['path', path],
      ['port', port],
      ['raw_path', rawPath],
      ['raw_query', rawQuery],
      ['scheme', scheme],
    ];
    // INVARIANT: in the order of their names.
    return new RegoObject(
      members
        .filter(([, value]) => value !== '')
        .map(([name, value]): [string, string] => [name, textOfByteText(value)]),
    );
  },
};

function valuesOf(value: RegoValue): readonly string[] {
  const items = typeof value === 'string' ? [value] : value instanceof RegoSet ? value.items : value;
  if (!Array.isArray(items) || !(items as readonly RegoValue[]).every((item) => typeof item === 'string')) {
    throw new Error('operand 1 must hold strings, or arrays or sets of strings');
  }
  return items as readonly string[];
}

function decodeQuery(query: string): RegoObject {
  const values = new Map<string, string[]>();
  const parameters = byteTextOf(query).split('&');
  if (parameters.length > PARAMETERS_MAX)
    throw new Error(`the query has more than ${PARAMETERS_MAX} parameters`);
  for (const parameter of parameters) {
    if (parameter.includes(';')) throw new Error('the query has a semicolon');
    if (parameter === '') continue;
    const mark = parameter.indexOf('=');
    const key = textOfByteText(unescape(mark < 0 ? parameter : parameter.slice(0, mark), 'query'));
    const value = textOfByteText(unescape(mark < 0 ? '' : parameter.slice(mark + 1), 'query'));
    const known = values.get(key);
    if (known === undefined) values.set(key, [value]);
    else known.push(value);
  }
  return objectOf(values);
}
