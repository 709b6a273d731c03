import { isObject } from '../document/json.js';
import type { Obligation, Said } from './decision.js';

/** What one policy said about one input, with the shape checked. */
export interface PolicySaid {
  readonly denials: readonly Said[];
  readonly permit: boolean;
  readonly obligations: readonly Obligation[];
  readonly advice: readonly Said[];
  /** JSON pointers of input that must be there. */
  readonly requires: readonly string[];
}

const NOTHING: PolicySaid = { denials: [], permit: false, obligations: [], advice: [], requires: [] };
const ITEMS_MAX = 1000;
const TEXT_CHARS_MAX = 4096;

/**
 * Reads what a policy said. A policy whose output has the wrong shape cannot vouch for anything, so every
 * deviation is a fault: the first is returned as text.
 */
export function readSaid(value: unknown): PolicySaid | string {
  if (value === undefined) return NOTHING;
  if (!isObject(value)) return 'the policy answered something that is not an object';
  const denials = items(value['deny'], 'deny', saidFault);
  if (typeof denials === 'string') return denials;
  const advice = items(value['advice'], 'advice', saidFault);
  if (typeof advice === 'string') return advice;
  const obligations = items(value['obligations'], 'obligations', obligationFault);
  if (typeof obligations === 'string') return obligations;
  const requires = items(value['requires'], 'requires', pointerFault);
  if (typeof requires === 'string') return requires;
  const permit = value['permit'] === undefined ? false : value['permit'];
  if (typeof permit !== 'boolean') return '`permit` must be a boolean';
  return {
    denials: denials as readonly Said[],
    permit,
    obligations: obligations as readonly Obligation[],
    advice: advice as readonly Said[],
    requires: requires as readonly string[],
  };
}

const NO_ITEMS: readonly unknown[] = [];

function items(
  value: unknown,
  rule: string,
  fault: (item: unknown) => string | undefined,
): readonly unknown[] | string {
  if (value === undefined) return NO_ITEMS;
  if (!Array.isArray(value)) return `\`${rule}\` must be a set (\`${rule} contains …\`)`;
  if (value.length > ITEMS_MAX) return `\`${rule}\` has ${value.length} items, more than ${ITEMS_MAX}`;
  for (const item of value) {
    const wrong = fault(item);
    if (wrong !== undefined) return `\`${rule}\` holds an item that ${wrong}`;
  }
  return value as readonly unknown[];
}

const SAID_MEMBERS: ReadonlySet<string> = new Set(['message', 'path', 'code', 'remedy']);

function saidFault(item: unknown): string | undefined {
  if (!isObject(item)) return 'is not an object with a `message`';
  if (typeof item['message'] !== 'string' || item['message'] === '') return 'has no `message`';
  for (const [member, value] of Object.entries(item)) {
    if (!SAID_MEMBERS.has(member)) return `has the unknown member \`${member}\``;
    if (typeof value !== 'string') return `has a \`${member}\` that is not a string`;
    if (value.length > TEXT_CHARS_MAX) return `has a \`${member}\` of more than ${TEXT_CHARS_MAX} characters`;
  }
  return undefined;
}

function pointerFault(item: unknown): string | undefined {
  return typeof item === 'string' && item.startsWith('/') ? undefined : 'is not a JSON pointer';
}

/** How strict a mask is, strictest first; the order is the mesh's law (see `obligations.ts`). */
export const MASK_METHODS = ['null', 'redact', 'hash', 'tokenize', 'generalize', 'partial'] as const;

const FILTER_OPERATORS: ReadonlySet<unknown> = new Set([
  'eq',
  'neq',
  'in',
  'not_in',
  'lt',
  'gt',
  'lte',
  'gte',
]);

/** RFC 3339 with its offset: anything looser would be read in the time zone of this machine. */
const TIME = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;

function isTime(value: unknown): boolean {
  return typeof value === 'string' && TIME.test(value) && !Number.isNaN(Date.parse(value));
}

function obligationFault(item: unknown): string | undefined {
  if (!isObject(item) || typeof item['type'] !== 'string' || item['type'] === '') return 'has no `type`';
  const properties = item['properties'];
  if (!isObject(properties)) return 'has no `properties` object';
  if (Object.keys(item).length !== 2) return 'has members other than `type` and `properties`';
  // The five types that the engine merges must be right, since a malformed one could not be merged strictly.
  switch (item['type']) {
    case 'mask_column':
      if (typeof properties['column'] !== 'string') return 'masks no `column`';
      return (MASK_METHODS as readonly unknown[]).includes(properties['method'])
        ? undefined
        : `masks with an unknown \`method\`; known are ${MASK_METHODS.join(', ')}`;
    case 'filter_rows':
      if (typeof properties['column'] !== 'string') return 'filters by no `column`';
      return FILTER_OPERATORS.has(properties['operator']) ? undefined : 'filters with an unknown `operator`';
    case 'allow_columns': {
      const columns = properties['columns'];
      return Array.isArray(columns) && columns.every((column) => typeof column === 'string')
        ? undefined
        : 'allows no list of `columns`';
    }
    case 'limit_rows':
      return Number.isInteger(properties['max']) && Number(properties['max']) >= 0
        ? undefined
        : 'limits rows without a whole number `max`';
    case 'expire':
      return isTime(properties['at']) ? undefined : 'expires `at` no RFC 3339 time';
    default:
      return undefined;
  }
}
