/**
 * Records of every sort, with values from small sets so that filters meet, and some of them broken: made from a seed,
 * so that a failure comes again.
 */
export const VALUES = {
  kind: ['decision', 'decision', 'decision', 'ballot', 'waiver', 'quarantine', 'seed', 'refusal'],
  subject: Array.from({ length: 300 }, (_, n) => `user-${n}`),
  resource: Array.from({ length: 40 }, (_, n) => `product/${n}&=é`),
  action: ['read', 'export', 'write'],
  domain: ['finance', 'finance/risk', 'sales'],
  consumer_domain: ['marketing', 'sales'],
  decision: [true, false],
  code: ['permitted', 'forbidden', 'not_permitted'],
  caller: ['gateway-1', 'gateway-2', 'ümlaut 𝄞'],
  revision: [0, 1, 2, 3],
  proposal: ['p-1', 'p-2'],
  policy: ['retention', 'purpose', 'residency', 'masking', 'quality', 'owner'],
  layer: ['global', 'finance', 'finance/risk', 'sales'],
  enforcement: ['hard', 'soft', 'advisory', 'shadow'],
  outcome: ['error', 'deny', 'permit', 'abstain'],
  waiver: ['w-1', 'w-2'],
  words: [
    'Retention',
    'is',
    'TOO',
    'long',
    'für',
    'Zürich',
    '365',
    'days',
    'no-purpose',
    'データ',
    'e\u0301tat',
  ],
} as const;

/** A generator of whole numbers below `limit` (mulberry32). */
export function numbersFrom(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

const START_MS = Date.UTC(2026, 0, 1);

/** The `n`-th record; its time is that of its place, but for some that came late. */
export function generatedRecord(n: number, below: (limit: number) => number): any {
  const one = <T>(values: readonly T[]): T => values[below(values.length)]!;
  const perhaps = <T>(value: () => T): T | undefined => (below(3) === 0 ? undefined : value());
  const message = (): string => Array.from({ length: 1 + below(4) }, () => one(VALUES.words)).join(' ');
  const finding = (): object => ({
    policy: perhaps(() => one(VALUES.policy)),
    layer: one(VALUES.layer),
    enforcement: one(VALUES.enforcement),
    outcome: one(VALUES.outcome),
    ...(below(5) === 0 && { waiver: one(VALUES.waiver) }),
    ...(below(6) === 0 && { obligations: [{ type: 'x', properties: {} }] }),
    ...(below(6) === 0 && { denials: [{ message: message() }, { message: 7 }] }),
    ...(below(9) === 0 && { error: message() }),
  });
  const kind = one(VALUES.kind);
  const late = below(40) === 0 ? below(20_000_000) : 0;
  const domain = perhaps(() => one(VALUES.domain));
  const head = {
    id: `0197c0de-0000-7000-8000-${n.toString(16).padStart(12, '0')}`,
    time: below(200) === 0 ? 'some day' : new Date(START_MS + n * 1000 - late).toISOString(),
    kind,
    caller: below(50) === 0 ? 'nobody' : { id: one(VALUES.caller), roles: [] },
    revision: below(50) === 0 ? 'x' : VALUES.revision[Math.min(3, Math.floor(n / 9000))],
  };
  if (kind !== 'decision') {
    return {
      ...head,
      domain,
      policy: perhaps(() => one(VALUES.policy)),
      layer: perhaps(() => one(VALUES.layer)),
      ...(below(3) === 0 && { waiver: one(VALUES.waiver) }),
      ...(below(2) === 0 && { proposal: one(VALUES.proposal) }),
      ...(below(2) === 0 && { reason: message() }),
    };
  }
  // As decisions are recorded, but for those that are broken.
  return {
    ...head,
    decision_kind: 'access',
    evaluation: {
      subject: below(30) === 0 ? 12 : { type: 'user', id: one(VALUES.subject), properties: {} },
      action: { name: one(VALUES.action) },
      resource: { type: 'data_product', id: one(VALUES.resource) },
      context: below(4) === 0 ? { parameters: [message()] } : {},
    },
    domain,
    consumer_domain: perhaps(() => one(VALUES.consumer_domain)),
    ...(below(30) !== 0 && { parameters: {} }),
    findings: below(30) === 0 ? 'none' : Array.from({ length: below(5) }, finding),
    decision: one(VALUES.decision),
    code: one(VALUES.code),
    reasons: Array.from({ length: below(3) }, () => ({ message: message() })),
    advice: below(4) === 0 ? [{ message: message() }] : [],
  };
}
