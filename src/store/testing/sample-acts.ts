import type { AuditRecord, RecordHead } from '../../audit/record.js';

const DIGEST = `sha256:${'b'.repeat(64)}`;
const LAW = {
  layers: [{ layer: 'global', digest: DIGEST, module: DIGEST }],
  toolchain: { opa: '1.22.2', digest: DIGEST },
};

/** One record of every kind but decisions, with what each is found by. */
export function sampleActs(head: (n: number) => RecordHead): readonly AuditRecord[] {
  const about = { layer: 'finance', domain: 'finance' };
  const acts: readonly ((head: RecordHead) => AuditRecord)[] = [
    (at) => ({ ...at, kind: 'seed', ...LAW }),
    (at) => ({
      ...at,
      kind: 'quarantine',
      ...about,
      triggered_by: at.id,
      digest: DIGEST,
      policy: 'purpose',
      reason: 'the budget is exhausted',
      until: at.time,
    }),
    (at) => ({
      ...at,
      kind: 'shadow',
      ...about,
      proposal: 'p-1',
      digest: DIGEST,
      of: at.id,
      decision: false,
      code: 'forbidden',
      reasons: [],
      obligations: [],
    }),
    (at) => ({
      ...at,
      kind: 'proposal',
      event: 'opened',
      ...about,
      proposal: 'p-1',
      digest: DIGEST,
      base: 1,
      author: 'ann',
    }),
    (at) => ({
      ...at,
      kind: 'ballot',
      ...about,
      proposal: 'p-1',
      digest: DIGEST,
      seat: 'ann',
      vote: 'approve',
    }),
    (at) => ({ ...at, kind: 'activation', by: 'council', ...about, proposal: 'p-1', ...LAW }),
    (at) => ({
      ...at,
      kind: 'waiver',
      event: 'granted',
      waiver: 'w-1',
      ...about,
      policy: 'retention',
      category: 'waiver',
      reason: 'the move to the new archive',
      until: at.time,
    }),
    (at) => ({ ...at, kind: 'access_change', event: 'created', entity: { type: 'token', id: 't-1' } }),
    (at) => ({
      ...at,
      kind: 'refusal',
      attempt: 'POST /v1/proposals',
      code: 'forbidden',
      domain: 'finance',
      reason: 'only stewards of finance propose for it',
    }),
    (at) => ({ ...at, kind: 'key', vkey: 'witan/log+00000000+AA' }),
    (at) => ({ ...at, kind: 'erasure', records: [], reason: 'asked for' }),
    (at) => ({
      ...at,
      kind: 'hold',
      event: 'placed',
      hold: 'h-1',
      query: 'domain=finance',
      reason: 'a case',
    }),
    (at) => ({
      ...at,
      kind: 'pruning',
      minimum_index: 256,
      previous_minimum_index: 0,
      holds: [],
      reason: 'time has ended',
      ...LAW,
    }),
    (at) => ({
      ...at,
      kind: 'sample',
      query: 'decision=false',
      seed: 's',
      size: 1,
      population: 2,
      log_size: 3,
    }),
    (at) => ({ ...at, kind: 'saved_query', event: 'saved', name: 'refused', query: 'decision=false' }),
  ];
  return acts.map((make, n) => make(head(n)));
}
