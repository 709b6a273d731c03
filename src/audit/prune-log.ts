import { isObject, readJson } from '../document/json.js';
import { headOf, type Acting, type ActNeeds } from './act.js';
import type { Hold } from './evidence.js';
import { holdFinder } from './holds.js';
import { TILE_WIDTH } from './tile.js';
import type { LogTree } from './tree.js';

/** How long the layers of a record's domains want it kept. */
export interface KeptFor {
  readonly layer: string;
  /** ISO 8601. */
  readonly duration: string;
  /** Unix time in milliseconds; what is older has ended its time. */
  readonly sinceMs: number;
}

export interface PruneNeeds extends ActNeeds {
  readonly tree: LogTree;
  /** For a record of these domains, owning and consuming; `undefined` for good. */
  readonly keptFor: (domains: readonly string[], nowMs: number) => KeptFor | undefined;
}

/** Why the log begins where it does: the first record that must be kept. */
export interface KeptRecord {
  readonly sequence: number;
  readonly id: string;
  readonly time: string;
  /** `no_retention` where no layer of it says that its time ever ends. */
  readonly because: 'hold' | 'retention' | 'no_retention';
  /** The hold that covers it, or how long its layers keep it. */
  readonly hold?: Hold;
  readonly layer?: string;
  readonly duration?: string;
}

export interface Retention {
  /** The first sequence that is kept now. */
  readonly minimum_index: number;
  /** The first that would be kept after pruning now. */
  readonly prunable_to: number;
  /** What stands in the way of more; absent when everything before the last checkpoint has ended its time. */
  readonly kept_by?: KeptRecord;
}

/**
 * How far the log can be pruned: from its front up to the first record that must be kept, in whole bundles of 256
 * records, and never beyond its last checkpoint (C2SP tlog-tiles, pruning).
 */
export async function retentionOfLog(needs: PruneNeeds): Promise<Retention> {
  const minimum = await needs.records.minimumIndex();
  const sealed = (await needs.tree.checkpoint())?.size ?? 0;
  const nowMs = needs.nowMs();
  const holdOf = await holdFinder(needs);
  const through = await firstKept(needs, { from: minimum, upTo: sealed }, nowMs, holdOf);
  const end = through?.sequence ?? sealed;
  return {
    minimum_index: minimum,
    prunable_to: Math.max(minimum, end - (end % TILE_WIDTH)),
    ...(through !== undefined && { kept_by: through }),
  };
}

/**
 * Prunes what has ended its time. Its hashes stay, so that every proof does; what is in force is recorded again, since the
 * records that said so may go.
 *
 * It is sealed at once: at the next start what is in force is believed only of a record under a checkpoint (`verify-law.ts`).
 *
 * @returns what was pruned; `undefined` when nothing could be
 * @throws WitanError `audit_unavailable`; what `LogTree.seal` throws, although it is pruned then
 */
export async function pruneLog(
  needs: PruneNeeds,
  { reason }: { readonly reason: string },
  acting: Acting,
): Promise<Retention | undefined> {
  const retention = await retentionOfLog(needs);
  const { minimum_index, prunable_to } = retention;
  if (prunable_to === minimum_index) return undefined;
  const { layers, toolchain } = needs.law();
  const holds = (await needs.evidence.holds()).map(({ id, query, reason: why }) => ({
    hold: id,
    query,
    reason: why,
  }));
  const { sequence } = await needs.audit.append({
    record: {
      ...headOf(needs, acting),
      kind: 'pruning',
      minimum_index: prunable_to,
      previous_minimum_index: minimum_index,
      holds,
      reason,
      layers,
      toolchain,
    },
    changes: [{ kind: 'prune', minimumIndex: prunable_to }],
  });
  await needs.tree.seal(sequence + 1);
  return retention;
}

async function firstKept(
  { records, keptFor }: PruneNeeds,
  span: { readonly from: number; readonly upTo: number },
  nowMs: number,
  holdOf: (record: unknown) => Hold | undefined,
): Promise<KeptRecord | undefined> {
  for await (const batch of records.scan({}, span)) {
    for (const { sequence, bytes } of batch) {
      const said = readJson(bytes.toString('utf8'));
      const record = isObject(said) ? said : {};
      const [id, time] = [String(record['id']), String(record['time'])];
      const hold = holdOf(record);
      if (hold !== undefined) return { sequence, id, time, because: 'hold', hold };
      const domains = [record['domain'], record['consumer_domain']].filter(
        (each) => typeof each === 'string',
      );
      const kept = keptFor(domains, nowMs);
      if (kept === undefined) return { sequence, id, time, because: 'no_retention' };
      const { layer, duration, sinceMs } = kept;
      if (!(Date.parse(time) < sinceMs)) {
        return { sequence, id, time, because: 'retention', layer, duration };
      }
    }
  }
  return undefined;
}
