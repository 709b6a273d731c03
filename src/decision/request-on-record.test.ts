import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, readJson, writeJson } from '../document/json.js';
import { RequestReader, requestText, type RequestOnRecord } from './request-on-record.js';

const HASH = 'a'.repeat(64);
const OTHER_HASH = 'b'.repeat(64);

/** A record in the order in which records are written. */
function record(change: object = {}): object {
  return {
    id: '0197c0de-0000-7000-8000-000000000000',
    time: '2026-01-01T00:00:00.000Z',
    kind: 'decision',
    caller: { id: 'gateway', roles: [] },
    correlation: { request_id: 'x,"decision_kind":"access"' },
    revision: 1,
    decision_kind: 'access',
    evaluation: {
      subject: { type: 'user', id: 'ann', properties: {} },
      action: { name: 'read', properties: {} },
      resource: { type: 'table', id: 't', properties: { domain: 'sales' } },
      context: { parameters: { kind: 'x' }, decision: false },
    },
    domain: 'sales',
    parameters: { days: 1 },
    layers: [{ layer: 'global', digest: `sha256:${HASH}` }],
    findings: [{ obligations: [{ type: 'x', properties: { decision: false, masked: [], kind: 'y' } }] }],
    decision: true,
    code: 'permitted',
    reasons: [],
    obligations: [],
    advice: [],
    masked: [],
    ...change,
  };
}

const reader = new RequestReader('seed');
const bytesOf = (value: object): Buffer => Buffer.from(writeJson(value));

function read(value: object): RequestOnRecord {
  const found = reader.read(bytesOf(value));
  if (typeof found === 'string') throw new Error(found);
  return found;
}

const evaluation = (context: object): object => ({
  evaluation: { ...(record() as { evaluation: object }).evaluation, context },
});
const masks = (hash: string): object => ({
  ...evaluation({ secret: { masked: `sha256:${hash}` }, open: 1 }),
  masked: ['/context/secret'],
});

describe('records of one request have one key', () => {
  it.each<[string, object, object]>([
    [
      'whatever is asked when, by whom, and how it was decided',
      {},
      { id: 'x', time: 'y', caller: {}, revision: 9, decision: false, code: 'forbidden' },
    ],
    [
      'other bundles of the same layers',
      {},
      { layers: [{ layer: 'global', digest: `sha256:${OTHER_HASH}` }] },
    ],
    ['other parameters, which the law sets', {}, { parameters: { days: 2 } }],
    ['other findings', {}, { findings: [] }],
    ['other commitments to what is masked', masks(HASH), masks(OTHER_HASH)],
  ])('%s', (_, one, other) => {
    expect(read(record(one)).key).toBe(read(record(other)).key);
  });
});

describe('records of different requests have different keys', () => {
  it.each<[string, object, object]>([
    ['another context', evaluation({ a: 1 }), evaluation({ a: 2 })],
    ['another domain', {}, { domain: 'finance' }],
    ['a consuming domain', {}, { consumer_domain: 'finance' }],
    ['other metadata', { metadata: `sha256:${HASH}` }, { metadata: `sha256:${OTHER_HASH}` }],
    ['other layers', {}, { layers: [{ layer: 'sales', digest: `sha256:${HASH}` }] }],
    ['something that was unknown', {}, { unknown: [{ layer: 'sales', kind: 'access', message: 'm' }] }],
    [
      'other values beside what is masked',
      masks(HASH),
      { ...masks(HASH), ...evaluation({ secret: { masked: `sha256:${HASH}` }, open: 2 }) },
    ],
    [
      'what merely looks like a commitment',
      evaluation({ secret: { masked: `sha256:${HASH}` } }),
      evaluation({ secret: { masked: `sha256:${OTHER_HASH}` } }),
    ],
    [
      'a member of the context that is named as one of the record',
      evaluation({ parameters: 1 }),
      evaluation({ parameters: 2 }),
    ],
  ])('%s', (_, one, other) => {
    // As records are written, `unknown` stands before the findings.
    expect(read(ordered(one)).key).not.toBe(read(ordered(other)).key);
  });
});

/** The record with its members in their order. */
function ordered(change: object): object {
  const whole = record(change) as Record<string, unknown>;
  const order = [
    'id',
    'time',
    'kind',
    'caller',
    'revision',
    'decision_kind',
    'evaluation',
    'domain',
    'consumer_domain',
    'metadata',
    'parameters',
    'layers',
    'unknown',
    'findings',
    'decision',
    'code',
    'masked',
  ];
  return Object.fromEntries(order.flatMap((name) => (name in whole ? [[name, whole[name]]] : [])));
}

it('tells what was decided and whether something is masked', () => {
  expect(read(record())).toMatchObject({ permitted: true, masked: false });
  expect(read(record({ decision: false, ...masks(HASH) }))).toMatchObject({ permitted: false, masked: true });
});

it('another seed gives other keys', () => {
  expect(new RequestReader('another').read(bytesOf(record()))).not.toEqual(reader.read(bytesOf(record())));
});

it.each<[string, string, string]>([
  ['an act', writeJson({ id: 'x', kind: 'ballot' }), 'other'],
  ['a decision without its members', writeJson({ id: 'x', kind: 'decision' }), 'malformed'],
  [
    'members in another order',
    writeJson({
      masked: [],
      decision: true,
      findings: [],
      layers: [],
      parameters: {},
      decision_kind: 'access',
      kind: 'decision',
    }),
    'malformed',
  ],
  ['no JSON', 'none', 'malformed'],
  ['bytes that were cut', writeJson(record()).slice(0, 200), 'malformed'],
  ['nothing', '', 'malformed'],
])('%s is told apart', (_, text, found) => {
  expect(reader.read(Buffer.from(text))).toBe(found);
});

it('two contexts have one key exactly when they are the same JSON', () => {
  const context = fc.oneof(
    fc.dictionary(
      fc.constantFrom('parameters', 'a"b', 'masked', '\\', 'layers', 'é'),
      fc.jsonValue({ maxDepth: 3 }),
      { maxKeys: 3 },
    ),
    fc.constant({ a: '","parameters":{' }),
  );
  fc.assert(
    fc.property(context, context, (one, other) => {
      const [first, second] = [read(record(evaluation(one))), read(record(evaluation(other)))];
      expect(first.permitted).toBe(true);
      if (writeJson(one) === writeJson(other)) expect(first.key).toBe(second.key);
      else if (canonicalJson(one) !== canonicalJson(other)) expect(first.key).not.toBe(second.key);
    }),
  );
});

it('quotes what was asked and not what came of it', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 3 }), (context) => {
      const written = ordered({
        ...evaluation(context),
        unknown: [{ layer: 'sales', kind: 'access', message: 'm' }],
        masked: ['/context/a'],
      });
      const { parameters: _, findings, decision, code, ...asked } = written as Record<string, unknown>;
      expect([findings, decision, code]).not.toContain(undefined);
      expect(readJson(requestText(bytesOf(written)) ?? '')).toEqual(readJson(writeJson(asked)));
    }),
  );
  expect(requestText(Buffer.from(writeJson({ id: 'x', kind: 'ballot' })))).toBeUndefined();
});
