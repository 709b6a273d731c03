/** Answers of a service about one proposal, by hand: what a command shows of them is looked at. */
export const DIGEST = `sha256:${'1a2b3c4d'.repeat(8)}`;
export const BEFORE = `sha256:${'99887766'.repeat(8)}`;

const standing = {
  outcome: 'open',
  council: 'global',
  seats: 3,
  quorum: 2,
  cast: 1,
  approve: 1,
  reject: 0,
  abstain: 0,
  missing: ['healthcare', 'platform'],
  touched_missing: ['healthcare'],
  needs: ['2 of 3 votes, 1 so far', 'the votes of the domains that it touches: healthcare'],
};

/** Open, with one vote. */
export const OPEN = {
  id: '12',
  version: 5,
  layer: 'global',
  title: 'Keep customer data for 90 days',
  description: 'The regulator asks for it.\nSee the letter of May.',
  author: 'cleo',
  digest: DIGEST,
  base: { revision: 3, digest: BEFORE },
  state: 'open',
  created_at: '2026-06-01T00:00:00.000Z',
  closes_at: '2026-06-08T00:00:00.000Z',
  checks: {
    at: '2026-06-01T00:00:01.000Z',
    revision: 3,
    faults: [],
    warnings: [
      { file: 'policy/retention.rego', row: 4, message: 'is never reached', code: 'lint_unreached' },
    ],
    tests: { passed: 12, failed: 0 },
    coverage: 0.934,
  },
  impact: {
    at: '2026-06-01T00:00:02.000Z',
    digest: DIGEST,
    touched: ['healthcare'],
    newly_denied: 4,
    newly_permitted: 0,
    newly_non_compliant: 1,
    newly_compliant: 0,
  },
  ballots: [
    {
      member: 'jada',
      seat: 'finance',
      digest: BEFORE,
      vote: 'reject',
      at: '2026-06-01T00:30:00.000Z',
      comment: 'too short',
    },
    { member: 'jada', seat: 'finance', digest: DIGEST, vote: 'approve', at: '2026-06-01T01:00:00.000Z' },
  ],
  comments: [{ author: 'pia', at: '2026-06-01T02:00:00.000Z', text: 'we keep it for\n\u001b[31mten years' }],
  timeline: [
    { at: '2026-06-01T00:00:00.000Z', event: 'opened', by: 'cleo', record: '0190-a' },
    { at: '2026-06-01T01:00:00.000Z', event: 'voted', by: 'jada', note: 'approve', record: '0190-b' },
  ],
  standing,
  summary: 'needs 2 of 3 votes, 1 so far, missing: healthcare, platform; closes 2026-06-08T00:00:00.000Z',
};

const counts = (changed: object) => ({
  records: 100,
  newly_denied: 0,
  newly_permitted: 0,
  obligations_changed: 0,
  newly_in_error: 0,
  unchanged: 100,
  newly_denied_in_error: 0,
  ...changed,
});
const products = (changed: object) => ({
  products: 10,
  newly_non_compliant: 0,
  newly_compliant: 0,
  advice_changed: 0,
  unchanged: 10,
  ...changed,
});

/** Four decisions of healthcare are denied, asked from sales; one of its products no longer complies. */
export const IMPACT = {
  proposal: '12',
  layer: 'global',
  digest: DIGEST,
  at: '2026-06-01T00:00:02.000Z',
  compared_with: { revision: 3, digest: BEFORE },
  seconds: 1.5,
  material: {
    from_sequence: 0,
    to_sequence: 200,
    from_time: '2026-05-01T00:00:00.000Z',
    to_time: '2026-06-01T00:00:00.000Z',
    records_max: 100000,
    records: 200,
    older: 7,
    pruned: 0,
    distinct: 40,
    sampled: false,
    seed: 'x',
    evaluated: { distinct: 40, records: 200, share: 1 },
    masked: { distinct: 1, records: 3 },
    moved_since: 0,
    unreadable: [],
    products: 20,
  },
  touched: ['healthcare', 'sales'],
  decisions: {
    total: counts({ records: 200, newly_denied: 4, unchanged: 196 }),
    by_domain: [
      { domain: 'healthcare', owning: counts({ newly_denied: 4, unchanged: 96 }), consuming: counts({}) },
      { domain: 'sales', owning: counts({}), consuming: counts({ newly_denied: 4, unchanged: 96 }) },
      { domain: 'platform', owning: counts({}), consuming: counts({}) },
    ],
    samples_each: 5,
    samples: [
      {
        change: 'newly_denied',
        record: '0190-c',
        sequence: 41,
        time: '2026-05-20T00:00:00.000Z',
        records: 4,
        domain: 'healthcare',
        consumer_domain: 'sales',
        was: { decision: true, code: 'permitted' },
        would_be: { decision: false, code: 'forbidden' },
        reasons: [
          { layer: 'global', policy: 'retention', enforcement: 'soft', message: 'kept for too long' },
        ],
        reasons_total: 3,
        policies: [{ layer: 'global', policy: 'retention', was: 'abstain', would_be: 'deny' }],
      },
    ],
  },
  products: {
    total: products({ newly_non_compliant: 1, unchanged: 9 }),
    by_domain: [{ domain: 'healthcare', ...products({ newly_non_compliant: 1, unchanged: 9 }) }],
    samples_each: 5,
    samples: [
      {
        change: 'newly_non_compliant',
        product: 'healthcare.visits',
        domain: 'healthcare',
        reasons: [
          { layer: 'global', policy: 'retention', enforcement: 'soft', message: 'kept for too long' },
        ],
        reasons_total: 1,
        advice: [],
        advice_total: 0,
      },
    ],
  },
};

/** A soft policy that is new. */
export const DIFF = {
  layer: 'global',
  from: { revision: 3, digest: BEFORE },
  to: { digest: DIGEST },
  words: ['the soft policy `retention` is new', 'the manifest has another version'],
  policies: [],
  manifest: [],
  waivers: [],
  domains: {},
  files: [
    {
      path: 'policy/retention.rego',
      added: 1,
      removed: 1,
      diff: '@@ -1,2 +1,2 @@\n package mesh.global.policy.retention\n-permit\n+\tdeny\u001b[2J\n',
    },
    { path: 'README.md', added: 0, removed: 0, diff: '' },
  ],
};
