/** Decisions as a mesh of 200 domains would record them: 20,000 products, 50,000 subjects, some asked for far more than others. */

const DOMAINS = 200;
const PRODUCTS = 20_000;
const SUBJECTS = 50_000;
const START_MS = Date.UTC(2026, 0, 1);
const RECORD_MS = 250;

/** Whole numbers below a limit, the same for the same seed (mulberry32). */
export function numberStream(seed) {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296) * limit);
  };
}

/** Small numbers far more often than large ones. */
const skewed = (next, limit) => Math.floor(limit * (next(1_000_000) / 1_000_000) ** 3);
const productOf = (next) => skewed(next, PRODUCTS);
const domainOf = (product) => `domain_${product % DOMAINS}`;

export const PICK = {
  subject: (next) => `user-${skewed(next, SUBJECTS)}`,
  resource: (next) => `urn:product:${productOf(next)}`,
  domain: (next) => domainOf(productOf(next)),
};

const GLOBAL = [
  'retention',
  'purpose',
  'residency',
  'classified',
  'sharing_contract',
  'ownership',
  'lineage',
  'quality',
];
const MESSAGES = {
  retention: (next) => `data older than ${[30, 90, 365][next(3)]} days is past its retention`,
  purpose: () => 'the purpose is missing or not one that the contract allows',
  residency: () => 'the data must stay in the region where it was collected',
  classified: (next) => `clearance ${next(4)} is needed, see ticket ${1000 + next(9000)}`,
};

/** The `n`-th decision: of forty policies that were asked, those about six that said something. */
export function decisionRecord(n, next) {
  const product = productOf(next);
  const domain = domainOf(product);
  const consumer = next(3) === 0 ? `domain_${next(DOMAINS)}` : undefined;
  const findings = [];
  const ask = (policy, layer) => {
    const said = finding(policy, layer, next);
    if (said !== undefined) findings.push(said);
  };
  for (const policy of GLOBAL) ask(policy, 'global');
  for (let at = 0; at < 32; at += 1) ask(`rule_${at}`, domain);
  const denials = findings.filter(({ outcome }) => outcome === 'deny' || outcome === 'error');
  const isPermitted = denials.every(({ binding, waiver }) => !binding || waiver !== undefined);
  const code = isPermitted
    ? 'permitted'
    : denials.some(({ outcome }) => outcome === 'error')
      ? 'policy_error'
      : next(20) === 0
        ? 'not_permitted'
        : 'forbidden';
  return {
    id: `0197c0de-${(n >>> 16).toString(16).padStart(4, '0')}-7000-8000-${(n * 7919).toString(16).padStart(12, '0')}`,
    time: new Date(START_MS + n * RECORD_MS - (next(50) === 0 ? next(60_000) : 0)).toISOString(),
    kind: 'decision',
    caller: { id: `gateway-${next(40)}`, roles: ['enforcement_point'] },
    revision: 1 + Math.floor(n / 40_000),
    decision_kind: 'access',
    evaluation: {
      subject: {
        type: 'user',
        id: PICK.subject(next),
        properties: { clearance: next(4), team: `team-${next(300)}` },
      },
      action: { name: ['read', 'read', 'read', 'query', 'export', 'write'][next(6)], properties: {} },
      resource: { type: 'data_product', id: `urn:product:${product}`, properties: {} },
      context: { purpose: ['billing', 'research', 'marketing', 'support'][next(4)], port: 'sql' },
    },
    domain,
    ...(consumer !== undefined && { consumer_domain: consumer }),
    metadata: `sha256:${product.toString(16).padStart(64, '0')}`,
    parameters: { retention_days_max: 365 },
    layers: ['global', domain].map((layer) => ({ layer, digest: `sha256:${'ab'.repeat(32)}` })),
    findings,
    decision: isPermitted,
    code,
    reasons: isPermitted
      ? []
      : denials.map(({ policy, layer, enforcement, denials: said, error }) => ({
          policy,
          layer,
          enforcement,
          message: said?.[0].message ?? error,
        })),
    obligations: [],
    advice: [],
    masked: [],
  };
}

function finding(policy, layer, next) {
  const isGlobal = layer === 'global';
  const enforcement = isGlobal
    ? ['hard', 'soft'][policy.length % 2]
    : ['hard', 'soft', 'advisory', 'shadow'][policy.length % 4];
  const binding = enforcement === 'hard' || enforcement === 'soft';
  const base = { policy, layer, kind: 'access', enforcement, binding };
  const luck = next(1000);
  if (luck < 12 && (isGlobal || luck < 4)) {
    const message = (MESSAGES[policy] ?? (() => `${policy.replace('_', ' ')} of the domain is not met`))(
      next,
    );
    return {
      ...base,
      outcome: 'deny',
      denials: [{ message, path: '/context', code: policy }],
      ...(enforcement === 'soft' && luck % 4 === 0 && { waiver: `waiver-${next(20)}` }),
    };
  }
  if (luck === 12)
    return {
      ...base,
      outcome: 'error',
      error: 'a built-in failed: time.parse_rfc3339_ns',
      error_code: 'builtin_failed',
    };
  if (isGlobal ? luck < 400 : luck < 110) return { ...base, outcome: 'permit' };
  // An abstention without a word does not stand in a record.
  return undefined;
}
