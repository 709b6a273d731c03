import type { AuditEntry, AuditLog, AuditPosition } from './audit/log.js';
import type { InMemoryCouncil } from './council/in-memory-council.js';
import type { Deciders } from './deciders.js';
import type { InMemoryTokens } from './identity/in-memory-tokens.js';
import type { InMemoryRegistry } from './registry/in-memory-registry.js';
import type { Change } from './store/store.js';

/** Records an act together with what it changes; resolves when both are durable and whoever reads from memory sees them. */
export type Commit = (entry: AuditEntry<Change>) => Promise<AuditPosition>;

/** What is held in memory of what the store keeps. */
export interface Held {
  readonly registry: InMemoryRegistry;
  readonly council: InMemoryCouncil;
  readonly tokens: InMemoryTokens;
}

/** Shows changes that are durable to all who read from memory, here and in other processes; resolves when all see them. */
export type Show = (changes: readonly Change[]) => Promise<void>;

export function createShow(held: Held, deciders: Pick<Deciders, 'show'>): Show {
  return (changes) => {
    for (const change of changes) apply(change, held);
    return deciders.show(changes);
  };
}

export function createCommit(audit: AuditLog<Change>, show: Show): Commit {
  return async (entry) => {
    const position = await audit.append(entry);
    await show(entry.changes ?? []);
    return position;
  };
}

/** Applies a change that is durable to what is held in memory. */
export function apply(change: Change, { registry, council, tokens }: Held): void {
  switch (change.kind) {
    case 'put_product':
    case 'delete_product':
    case 'put_entity':
    case 'delete_entity':
    case 'put_domain':
      registry.apply(change);
      return;
    case 'put_proposal':
    case 'put_waiver':
    case 'put_impact':
      council.apply(change);
      return;
    case 'put_token':
      tokens.apply(change);
      return;
    default:
    // INVARIANT: bundles come into force by activation alone; the log's own affairs are read from the store.
  }
}
