import type { DecisionRecord } from '../../audit/record.js';

const START_MS = Date.UTC(2026, 0, 1);

/** The `n`-th of a series of decisions that differ in everything that records are looked for by. */
export function sampleRecord(n: number, changed: Partial<DecisionRecord> = {}): DecisionRecord {
  const permitted = n % 3 !== 0;
  return {
    kind: 'decision',
    id: `0197c0de-0000-7000-8000-${n.toString(16).padStart(12, '0')}`,
    time: new Date(START_MS + n * 1000).toISOString(),
    caller: { id: `gateway-${n % 2}`, roles: ['enforcement_point'] },
    revision: 1 + (n % 2),
    decision_kind: 'access',
    evaluation: {
      subject: { type: 'user', id: `user-${n % 7}`, properties: { town: 'Zürich', sign: '✓ 𝄞' } },
      action: { name: n % 5 === 0 ? 'export' : 'read' },
      resource: { type: 'data_product', id: `product-${n % 11}` },
      context: {},
    },
    domain: n % 4 === 0 ? 'finance/risk' : 'finance',
    ...(n % 2 === 0 ? { consumer_domain: 'marketing' } : {}),
    parameters: {},
    layers: [{ layer: 'global', digest: `sha256:${'a'.repeat(64)}` }],
    findings: [{ policy: 'purpose', layer: 'global', said: permitted ? 'permit' : 'deny' }],
    decision: permitted,
    code: permitted ? 'permitted' : 'forbidden',
    reasons: [],
    obligations: [],
    advice: [],
    masked: [],
    ...changed,
  };
}

/** The bytes that are stored for a record. */
export function bytesOf(record: DecisionRecord): Buffer {
  return Buffer.from(JSON.stringify(record), 'utf8');
}
