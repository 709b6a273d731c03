import { describe, expect, it } from 'vitest';
import { combine, type Question } from './combine.js';
import type { Decision, Finding } from './decision.js';

const READ: Question = { kind: 'access', action: 'read', grantingLayers: ['global', 'finance'] };
const PUBLISH: Question = { kind: 'publish', action: 'publish', grantingLayers: ['global', 'finance'] };
const FUTURE = '2027-01-01T00:00:00Z';

const base = { policy: 'p', layer: 'global', kind: 'access', enforcement: 'hard', binding: true } as const;
const found = (more: Partial<Finding>): Finding => ({ ...base, outcome: 'abstain', ...more });
const permits = found({ policy: 'grants', outcome: 'permit' });
const denies = found({ outcome: 'deny', denials: [{ message: 'no' }] });
const errs = found({ policy: 'broken', outcome: 'error', error: 'broke' });
const soft = { enforcement: 'soft' } as const;
const loose = (enforcement: 'advisory' | 'shadow') => ({ enforcement, binding: false });
const pending = { binding: false, enforced_from: FUTURE };

type Row = [string, Finding[], Question, Decision['code'], { reasons?: string[]; advice?: string[] }];

describe('combine: the truth table', () => {
  it.each<Row>([
    ['1. an error denies', [errs, permits], READ, 'policy_error', { reasons: ['broke'] }],
    [
      '1. an error comes before a denial',
      [denies, errs, permits],
      READ,
      'policy_error',
      { reasons: ['broke', 'no'] },
    ],
    [
      '1. an error of a soft policy denies',
      [{ ...errs, ...soft }, permits],
      READ,
      'policy_error',
      { reasons: ['broke'] },
    ],
    [
      '1. an error of a consumer denies',
      [{ ...errs, kind: 'consume', layer: 'marketing' }, permits],
      READ,
      'policy_error',
      { reasons: ['broke'] },
    ],
    [
      '1. an error on publish denies',
      [{ ...errs, kind: 'publish' }],
      PUBLISH,
      'policy_error',
      { reasons: ['broke'] },
    ],
    ['2. a denial denies', [denies, permits], READ, 'forbidden', { reasons: ['no'] }],
    [
      '2. a denial of a soft policy denies',
      [{ ...denies, ...soft }, permits],
      READ,
      'forbidden',
      { reasons: ['no'] },
    ],
    [
      '2. a denial of a domain denies what global permits',
      [{ ...denies, layer: 'finance' }, permits],
      READ,
      'forbidden',
      { reasons: ['no'] },
    ],
    [
      '2. a denial of a consumer denies',
      [{ ...denies, kind: 'consume', layer: 'marketing' }, permits],
      READ,
      'forbidden',
      { reasons: ['no'] },
    ],
    [
      '2. a denial on publish denies',
      [{ ...denies, kind: 'publish' }],
      PUBLISH,
      'forbidden',
      { reasons: ['no'] },
    ],
    [
      '3. access that nobody permits is not permitted',
      [],
      READ,
      'not_permitted',
      { reasons: ['no policy of `global`, `finance` permits `read` here'] },
    ],
    ['3. an abstention is no permit', [found({})], READ, 'not_permitted', {}],
    [
      '3. a consumer cannot permit',
      [{ ...permits, kind: 'consume', layer: 'marketing' }],
      READ,
      'not_permitted',
      {},
    ],
    [
      '3. an advisory policy cannot permit',
      [{ ...permits, ...loose('advisory') }],
      READ,
      'not_permitted',
      {},
    ],
    ['3. a shadow policy cannot permit', [{ ...permits, ...loose('shadow') }], READ, 'not_permitted', {}],
    ['3. a policy not yet in force cannot permit', [{ ...permits, ...pending }], READ, 'not_permitted', {}],
    [
      '3. a waived denial is no permit',
      [{ ...denies, ...soft, waiver: 'w' }],
      READ,
      'not_permitted',
      { advice: ['no'] },
    ],
    ['4. one permit is enough', [permits, found({})], READ, 'permitted', { reasons: [] }],
    ['4. a domain can permit', [{ ...permits, layer: 'finance' }], READ, 'permitted', { reasons: [] }],
    ['4. publishing needs no permit', [], PUBLISH, 'permitted', { reasons: [] }],
    [
      '4. an advisory denial is advice',
      [{ ...denies, ...loose('advisory') }, permits],
      READ,
      'permitted',
      { advice: ['no'] },
    ],
    [
      '4. an advisory error is advice',
      [{ ...errs, ...loose('advisory') }, permits],
      READ,
      'permitted',
      { advice: ['broke'] },
    ],
    [
      '4. a shadow denial is silent',
      [{ ...denies, ...loose('shadow') }, permits],
      READ,
      'permitted',
      { advice: [] },
    ],
    [
      '4. advice of a shadow policy is silent',
      [found({ ...loose('shadow'), advice: [{ message: 'a' }] }), permits],
      READ,
      'permitted',
      { advice: [] },
    ],
    [
      '4. a denial not yet in force is advice',
      [{ ...denies, ...pending }, permits],
      READ,
      'permitted',
      { advice: ['no'] },
    ],
    [
      '4. a waived denial is advice',
      [{ ...denies, ...soft, waiver: 'w' }, permits],
      READ,
      'permitted',
      { advice: ['no'] },
    ],
    [
      '4. a waived error is advice',
      [{ ...errs, ...soft, waiver: 'w' }, permits],
      READ,
      'permitted',
      { advice: ['broke'] },
    ],
  ])('%s', (_, findings, question, code, { reasons, advice }) => {
    const decision = combine(findings, question);
    expect(decision.code).toBe(code);
    expect(decision.decision).toBe(code === 'permitted');
    if (reasons !== undefined) expect(decision.reasons.map(({ message }) => message)).toEqual(reasons);
    if (advice !== undefined) expect(decision.advice.map(({ message }) => message)).toEqual(advice);
  });

  it('reports every denial with its policy, layer, enforcement, path and remedy', () => {
    const finding = found({
      ...soft,
      layer: 'finance',
      outcome: 'deny',
      denials: [{ message: 'b', path: '/context/x', remedy: 'own' }, { message: 'a' }],
      remedy: 'of the policy',
    });
    const place = { policy: 'p', layer: 'finance', enforcement: 'soft' };
    expect(combine([finding, denies], READ).reasons).toEqual([
      { policy: 'p', layer: 'global', enforcement: 'hard', message: 'no' },
      { ...place, message: 'a', remedy: 'of the policy' },
      { ...place, message: 'b', path: '/context/x', remedy: 'own' },
    ]);
  });

  it('says who waived a denial, and since when a coming policy binds', () => {
    const waived = found({ ...denies, ...soft, waiver: 'w7' });
    const coming = found({ ...denies, policy: 'q', ...pending });
    expect(combine([waived, coming, permits], READ).advice).toEqual([
      { policy: 'p', layer: 'global', enforcement: 'soft', waiver: 'w7', message: 'no' },
      { policy: 'q', layer: 'global', enforcement: 'hard', enforced_from: FUTURE, message: 'no' },
    ]);
  });

  it('obliges by every binding policy, and by no other; a waived one still obliges', () => {
    const limit = (max: number) => [{ type: 'limit_rows', properties: { max } }];
    const obliging = [
      { ...permits, obligations: limit(9) },
      found({ policy: 'a', obligations: limit(8) }),
      found({ ...denies, ...soft, policy: 'b', waiver: 'w', obligations: limit(7) }),
      found({ policy: 'c', ...loose('advisory'), obligations: limit(3) }),
      found({ policy: 'd', ...loose('shadow'), obligations: limit(2) }),
      found({ policy: 'e', ...pending, obligations: limit(1) }),
    ];
    expect(combine(obliging, READ).obligations).toEqual(limit(7));
    expect(combine([...obliging, { ...denies, policy: 'z' }], READ).obligations).toEqual([]);
  });

  it('records shadow findings, and leaves out abstentions without a word', () => {
    const shadow = found({ ...denies, ...loose('shadow') });
    expect(combine([shadow, found({ policy: 'q' }), permits], READ).findings).toEqual([permits, shadow]);
  });

  it('orders global first, then outer domains, then inner ones, owners before consumers', () => {
    const at = (layer: string, kind: Finding['kind'] = 'access') => found({ ...denies, layer, kind });
    const findings = [at('marketing', 'consume'), at('finance/risk'), at('global'), at('finance')];
    const layers = combine(findings, READ).reasons.map(({ layer }) => layer);
    expect(layers).toEqual(['global', 'finance', 'finance/risk', 'marketing']);
  });
});
