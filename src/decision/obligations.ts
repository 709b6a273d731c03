import { canonicalJson } from '../document/json.js';
import type { Obligation } from './decision.js';
import { MASK_METHODS } from './said.js';

/**
 * Merges what several policies oblige to into one list that satisfies all of them: for one column the
 * strictest mask, every row filter, the columns that all lists allow, the smallest limit and the earliest
 * expiry; others are united without repeats. The result does not depend on the order of what goes in.
 */
export function mergeObligations(obligations: readonly Obligation[]): readonly Obligation[] {
  const merged = new Map<string, Obligation>();
  for (const obligation of obligations) {
    const key = mergeKey(obligation);
    const present = merged.get(key);
    merged.set(key, present === undefined ? normalised(obligation) : stricter(present, obligation));
  }
  return [...merged.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, obligation]) => obligation);
}

/** Two obligations with the same key are about the same thing, so that one of them or a third stands for both. */
function mergeKey({ type, properties }: Obligation): string {
  switch (type) {
    case 'mask_column':
      return canonicalJson([type, properties['table'] ?? null, properties['column']]);
    case 'allow_columns':
      return canonicalJson([type, properties['table'] ?? null]);
    case 'limit_rows':
    case 'expire':
      return canonicalJson([type]);
    default:
      return canonicalJson([type, properties]);
  }
}

function normalised(obligation: Obligation): Obligation {
  const { type, properties } = obligation;
  if (type !== 'allow_columns') return { type, properties };
  return withColumns({ type, properties }, [...new Set(columnsOf(obligation))].sort());
}

function withColumns({ type, properties }: Obligation, columns: readonly string[]): Obligation {
  return { type, properties: { ...properties, columns } };
}

function stricter(a: Obligation, b: Obligation): Obligation {
  switch (a.type) {
    case 'mask_column':
      return pick(a, b, strictness(a) - strictness(b));
    case 'limit_rows':
      return pick(a, b, Number(a.properties['max']) - Number(b.properties['max']));
    case 'expire':
      return pick(a, b, Date.parse(String(a.properties['at'])) - Date.parse(String(b.properties['at'])));
    case 'allow_columns': {
      const both = new Set(columnsOf(b));
      const columns = columnsOf(a).filter((column) => both.has(column));
      // What else stands in them is chosen without the columns, which change from merge to merge.
      const { properties } = pick(withColumns(a, []), withColumns(b, []), 0);
      return withColumns({ type: a.type, properties }, columns);
    }
    default:
      // Equal by their key.
      return a;
  }
}

/** The one that `order` puts first; equals by their text, so that the choice never depends on who came first. */
function pick(a: Obligation, b: Obligation, order: number): Obligation {
  if (order !== 0) return order < 0 ? a : b;
  return canonicalJson(a) <= canonicalJson(b) ? a : b;
}

function strictness(mask: Obligation): number {
  return (MASK_METHODS as readonly unknown[]).indexOf(mask.properties['method']);
}

function columnsOf(obligation: Obligation): readonly string[] {
  return obligation.properties['columns'] as readonly string[];
}
