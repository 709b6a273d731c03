import { isObject, valueAt } from '../../document/json.js';
import { typesInWords, valueInWords } from './in-words.js';

type Schema = Readonly<Record<string, unknown>>;

/** The members that a schema names, also through its references, conditions and alternatives. */
export function memberNames(schema: unknown, root: object): ReadonlySet<string> {
  const names = new Set<string>();
  const seen = new Set<unknown>();
  const gather = (part: unknown): void => {
    if (!isObject(part) || seen.has(part)) return;
    seen.add(part);
    if (isObject(part['properties'])) for (const name of Object.keys(part['properties'])) names.add(name);
    if (typeof part['$ref'] === 'string') gather(resolved(part, root));
    for (const keyword of ['allOf', 'anyOf', 'oneOf']) {
      const parts = part[keyword];
      if (Array.isArray(parts)) parts.forEach(gather);
    }
    for (const keyword of ['then', 'else']) gather(part[keyword]);
  };
  gather(schema);
  return names;
}

/** Those alternatives of a schema that take values of this one's type. */
export function fittingAlternatives(
  schema: unknown,
  keyword: string,
  data: unknown,
  root: object,
): readonly Schema[] {
  return alternatives(schema, keyword, root).filter((part) => admits(part, data));
}

function alternatives(schema: unknown, keyword: string, root: object): readonly Schema[] {
  const parts: unknown = isObject(schema) ? schema[keyword] : undefined;
  return Array.isArray(parts) ? parts.map((part) => resolved(part, root)) : [];
}

/** What is expected where a schema offers alternatives and none, or more than one, fits. */
export function alternativesOf(
  schema: unknown,
  keyword: 'oneOf' | 'anyOf',
  data: unknown,
  passing: unknown,
  root: object,
): string {
  const all = alternatives(schema, keyword, root);
  if (Array.isArray(passing)) {
    const forms = (passing as readonly number[]).map((index) => formOf(all[index] ?? {}, root));
    return `has ${listed(forms, 'and also')}, of which only one is allowed`;
  }
  const fitting = all.filter((part) => admits(part, data));
  if (fitting.length === 0)
    return `must be ${typesInWords(all.flatMap((part) => part['type'] ?? []))}, but is ${valueInWords(data)}`;
  const forms = [...new Set(fitting.map((part) => formOf(part, root)))];
  return `must have ${keyword === 'oneOf' && forms.length > 2 ? 'exactly one of ' : ''}${listed(forms, 'or')}`;
}

function listed(forms: readonly string[], last: string): string {
  return forms.length < 2
    ? forms.join('')
    : `${forms.slice(0, -1).join(', ')}, ${last} ${forms.at(-1) ?? ''}`;
}

/** An alternative in words: the members it requires, else its own description, else its type. */
function formOf(schema: Schema, root: object): string {
  const required = requiredBy(schema, root);
  if (required.length > 0) return required.map((name) => `\`${name}\``).join(' with ');
  const nested = schema['anyOf'] ?? schema['oneOf'];
  if (Array.isArray(nested))
    return listed(
      nested.map((part) => formOf(resolved(part, root), root)),
      'or',
    );
  if (typeof schema['description'] === 'string')
    return `the form of “${schema['description'].replace(/\.$/, '')}”`;
  return typesInWords(schema['type'] ?? 'another form');
}

function requiredBy(schema: Schema, root: object): readonly string[] {
  const own = Array.isArray(schema['required']) ? schema['required'].map(String) : [];
  const parts = Array.isArray(schema['allOf']) ? schema['allOf'] : [];
  return [...own, ...parts.flatMap((part) => requiredBy(resolved(part, root), root))];
}

function admits(schema: Schema, data: unknown): boolean {
  const type = schema['type'];
  if (typeof type !== 'string') return true;
  if (Array.isArray(data)) return type === 'array';
  if (isObject(data)) return type === 'object';
  return type === typeof data || (type === 'integer' && typeof data === 'number');
}

function resolved(schema: unknown, root: object): Schema {
  if (!isObject(schema)) return {};
  const reference = schema['$ref'];
  if (typeof reference !== 'string' || !reference.startsWith('#/')) return schema;
  const target = valueAt(root, reference.slice(1));
  return isObject(target)
    ? { ...target, ...(schema['description'] === undefined ? {} : { description: schema['description'] }) }
    : {};
}
