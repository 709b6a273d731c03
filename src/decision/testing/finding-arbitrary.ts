import fc from 'fast-check';
import type { Enforcement } from '../../policy/manifest.js';
import type { Finding, Obligation, Outcome, Said } from '../decision.js';

const said: fc.Arbitrary<Said> = fc.record(
  {
    message: fc.constantFrom('m1', 'm2', 'm3'),
    code: fc.constantFrom('c1', 'c2'),
    path: fc.constant('/context'),
  },
  { requiredKeys: ['message'] },
);

const column = fc.constantFrom('a', 'b', 'c');
const table = fc.constantFrom('t', 'u');

/** Obligations of every type that is merged, and of one that is not; some with members that the merge does not know. */
export const obligationArbitrary: fc.Arbitrary<Obligation> = fc.oneof(
  fc
    .record(
      {
        column,
        table,
        method: fc.constantFrom('null', 'redact', 'hash', 'tokenize', 'generalize', 'partial'),
        note: fc.constantFrom('x', 'y'),
      },
      { requiredKeys: ['column', 'method'] },
    )
    .map((properties) => ({ type: 'mask_column', properties })),
  fc
    .record({ column, operator: fc.constantFrom('eq', 'in'), value: fc.nat(2) })
    .map((properties) => ({ type: 'filter_rows', properties })),
  fc
    .record(
      { columns: fc.array(column, { maxLength: 4 }), table, note: fc.constantFrom('x', 'y', 'z') },
      { requiredKeys: ['columns'] },
    )
    .map((properties) => ({ type: 'allow_columns', properties })),
  fc
    .record({ max: fc.nat(4), note: fc.constantFrom('x', 'y') }, { requiredKeys: ['max'] })
    .map((properties) => ({ type: 'limit_rows', properties })),
  fc
    .constantFrom('2026-01-01T00:00:00Z', '2026-01-01T01:00:00+01:00', '2026-02-01T00:00:00Z')
    .map((at) => ({ type: 'expire', properties: { at } })),
  fc.record({ who: fc.nat(2) }).map((properties) => ({ type: 'notify', properties })),
);

/** Places where a finding can come from; no two findings of a decision share one. */
const PLACES = (['access', 'consume'] as const).flatMap((kind) =>
  (kind === 'access' ? ['global', 'finance', 'finance/risk'] : ['marketing', 'marketing/web']).flatMap(
    (layer) => ['p1', 'p2', 'p3'].map((policy) => ({ kind, layer, policy })),
  ),
);

type Place = (typeof PLACES)[number];

export function findingAt(
  place: fc.Arbitrary<Place> | Place,
  outcomes: fc.Arbitrary<Outcome> = fc.constantFrom('error', 'deny', 'permit', 'permit', 'abstain'),
): fc.Arbitrary<Finding> {
  return fc
    .record({
      place: 'kind' in place ? fc.constant(place) : place,
      outcome: outcomes,
      enforcement: fc.constantFrom<Enforcement>('hard', 'hard', 'soft', 'advisory', 'shadow'),
      pending: fc.constantFrom(false, false, false, true),
      waived: fc.constantFrom(false, false, true),
      denials: fc.array(said, { minLength: 1, maxLength: 3 }),
      obligations: fc.array(obligationArbitrary, { maxLength: 3 }),
      advice: fc.array(said, { maxLength: 2 }),
    })
    .map(({ place: at, outcome, enforcement, pending, waived, denials, obligations, advice }) => {
      const enforced = enforcement === 'hard' || enforcement === 'soft';
      const refused = outcome === 'deny' || outcome === 'error';
      return {
        ...at,
        outcome,
        enforcement,
        binding: enforced && !pending,
        ...(enforced && pending && { enforced_from: '2027-01-01T00:00:00Z' }),
        ...(refused && enforcement === 'soft' && waived && { waiver: 'w1' }),
        ...(outcome === 'error' && { error: 'broke' }),
        ...(outcome === 'deny' && { denials }),
        ...(obligations.length > 0 && outcome !== 'error' && { obligations }),
        ...(advice.length > 0 && outcome !== 'error' && { advice }),
      };
    });
}

/** Findings of one decision, each from a place of its own. */
export const findingsArbitrary: fc.Arbitrary<readonly Finding[]> = fc
  .uniqueArray(fc.constantFrom(...PLACES), { maxLength: 8 })
  .chain((places) => fc.tuple(...places.map((place) => findingAt(place))));
