import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { indexedRecord, SINGLE_FIELDS } from './record-fields.js';
import { HEAD_FIELDS, recordHead } from './record-head.js';

/** Texts with all that a pattern could stumble over. */
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.stringMatching(/^["\\\\{}[\]:,a]{0,12}$/),
  fc.constantFrom('"parameters":', '},"context":{', '\\"id":"x"', '\n\u2028', ''),
);
const value = fc.jsonValue({ maxDepth: 3 });
const members = fc.dictionary(text, value, { maxKeys: 3 });
const perhaps = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined });

const decision = fc
  .record({
    id: text,
    time: fc.oneof(fc.constant('2026-11-28T09:29:19.176Z'), text),
    caller: fc.record({ id: text, roles: fc.array(text, { maxLength: 2 }) }),
    correlation: perhaps(fc.record({ request_id: text })),
    revision: fc.nat(),
    subject: fc.record({ type: text, id: text, properties: members }),
    action: fc.record({ name: text, properties: members }),
    resource: fc.record({ type: text, id: text, properties: members, registered: members }),
    context: members,
    domain: perhaps(text),
    consumer_domain: perhaps(text),
    metadata: perhaps(text),
    previous_metadata: perhaps(text),
    findings: fc.array(fc.record({ policy: text, layer: text, outcome: text }), { maxLength: 3 }),
    code: text,
    parameters: members,
  })
  .map(
    ({
      id,
      time,
      caller,
      correlation,
      revision,
      subject,
      action,
      resource,
      context,
      findings,
      code,
      parameters,
      ...rest
    }) => ({
      id,
      time,
      kind: 'decision',
      caller,
      correlation,
      revision,
      decision_kind: 'access',
      evaluation: { subject, action, resource, context },
      ...{ domain: rest.domain, consumer_domain: rest.consumer_domain },
      ...{ metadata: rest.metadata, previous_metadata: rest.previous_metadata },
      parameters,
      layers: [],
      findings,
      decision: true,
      code,
      reasons: [],
      masked: [],
    }),
  );

function readInParts(json: string): unknown {
  const head = recordHead(json);
  if (head === undefined) return undefined;
  const { values, ...ending } = indexedRecord(`{${head.ending}`);
  const merged = SINGLE_FIELDS.map((field, at) => {
    const place = (HEAD_FIELDS as readonly string[]).indexOf(field);
    return place === -1 ? values[at] : head.values[place];
  });
  return { ...ending, values: merged, time: head.time === null ? Number.NaN : Date.parse(head.time) };
}

describe('the head of a decision', () => {
  test('and its ending tell what the whole record does', () => {
    fc.assert(
      fc.property(decision, (record) => {
        const json = JSON.stringify(record);
        expect(readInParts(json)).toEqual(indexedRecord(json));
      }),
      { numRuns: 500 },
    );
  });

  test('is none where a record is otherwise: then it is read as a whole', () => {
    const [record] = fc.sample(decision, { numRuns: 1, seed: 7 });
    const written = (changed: object): string => JSON.stringify({ ...record, ...changed });
    expect(recordHead(written({}))).toBeDefined();
    expect(recordHead(written({ caller: 'nobody' }))).toBeUndefined();
    expect(recordHead(written({ revision: '1' }))).toBeUndefined();
    expect(
      recordHead(written({ evaluation: { ...record?.evaluation, subject: { id: { masked: 'sha256' } } } })),
    ).toBeUndefined();
    expect(recordHead(written({ parameters: undefined }))).toBeUndefined();
    expect(recordHead(JSON.stringify(record, undefined, 1))).toBeUndefined();
    expect(recordHead('')).toBeUndefined();
    expect(recordHead('no JSON')).toBeUndefined();
  });

  test('is looked for in time that grows with the text, also where there is none', () => {
    const [record] = fc.sample(decision, { numRuns: 1, seed: 7 });
    const hostile = [
      Array.from({ length: 2500 }, () => [[[]]]),
      Array.from({ length: 2500 }, () => ({ '': '\\' })),
      'x'.repeat(30_000),
      '\\'.repeat(15_000),
      JSON.parse(`${'['.repeat(1000)}${']'.repeat(1000)}`) as unknown,
    ];
    const started = performance.now();
    for (const context of hostile) {
      const json = JSON.stringify({ ...record, evaluation: { ...record?.evaluation, context: { context } } });
      expect(json.length).toBeLessThanOrEqual(32_768);
      recordHead(json);
      recordHead(json.replace('"parameters":', '"other":'));
      recordHead(json.slice(0, -2000));
    }
    expect(performance.now() - started).toBeLessThan(500);
  });
});
