import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { writeJson } from '../document/json.js';
import { recurring } from '../document/recurring.js';
import type { DecisionRecord } from './record.js';
import { recordText } from './record-text.js';

const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const objects = fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { maxLength: 2 });
const PARAMETERS = [{}, { retention_days_max: 90 }];
const CALLERS = [recurring({ id: 'local', roles: ['auditor'] }), recurring({ id: '"\u2028', roles: [] })];
const REGISTERED = [recurring({}), recurring({ domain: 'sales', clearance: 9007199254740993n })];
const LAYERS = [[{ layer: 'global', digest: 'sha256:00' }], [{ layer: 'global' }, { layer: 'sales' }]];

const judged = fc.record({
  findings: objects,
  decision: fc.boolean(),
  code: fc.constantFrom('permitted', 'forbidden'),
  reasons: objects,
  obligations: objects,
  advice: objects,
});
const asked = fc.record({
  id: fc.uuid(),
  time: fc.constant('2026-01-01T00:00:00.000Z'),
  caller: fc.oneof(fc.constantFrom(...CALLERS), fc.record({ id: fc.string(), roles: fc.array(fc.string()) })),
  correlation: optional(fc.record({ request_id: fc.string() })),
  revision: fc.nat(),
  decision_kind: fc.constantFrom('access' as const, 'publish' as const),
  evaluation: fc.record({
    subject: fc.dictionary(
      fc.oneof(fc.string(), fc.constantFrom('type', 'id', 'registered', 'constructor', '__proto__')),
      fc.oneof(fc.jsonValue(), fc.bigInt(), fc.constant(undefined), fc.constantFrom(...REGISTERED)),
    ),
    action: fc.object(),
    resource: fc.object(),
    context: fc.object(),
  }),
  domain: optional(fc.string()),
  consumer_domain: optional(fc.string()),
  metadata: optional(fc.string()),
  previous_metadata: optional(fc.string()),
  parameters: fc.constantFrom(...PARAMETERS),
  layers: fc.constantFrom(...LAYERS),
  unknown: optional(
    fc.array(fc.record({ layer: fc.string(), kind: fc.constant('access' as const), message: fc.string() })),
  ),
  masked: fc.array(fc.string(), { maxLength: 1 }),
});

/** In the order in which a record has its members. */
function recordOf(
  {
    parameters,
    layers,
    unknown,
    masked,
    id,
    time,
    ...head
  }: typeof asked extends fc.Arbitrary<infer T> ? T : never,
  { findings, ...said }: typeof judged extends fc.Arbitrary<infer T> ? T : never,
): DecisionRecord {
  return {
    ...{ id, time, kind: 'decision', ...head },
    ...{ parameters, layers, unknown, findings, ...said, masked },
  };
}

describe('the text of a record', () => {
  it('is its JSON, also where its end was written before', () => {
    fc.assert(
      fc.property(
        fc.array(judged, { minLength: 1, maxLength: 3 }),
        fc.array(fc.tuple(asked, fc.nat()), { maxLength: 12 }),
        (decisions, questions) => {
          const known = decisions.map((each, at) => ({
            ...each,
            findings: at === 0 ? each.findings : recurring(each.findings),
          }));
          for (const [head, pick] of questions) {
            const decision = known[pick % known.length];
            if (decision === undefined) continue;
            const record = recordOf(head, decision);
            const { start, end } = recordText(record);
            expect(`${start}${Buffer.from(end).toString()}`).toBe(writeJson(record));
          }
        },
      ),
    );
  });
});
