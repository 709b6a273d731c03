import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBundle, type Bundle } from '../policy/bundle.js';
import { readManifest, type Manifest } from '../policy/manifest.js';
import { fileChanges } from './file-changes.js';
import { meaningOf, type MeaningInput } from './meaning.js';
import type { WaiverRequest } from './waiver-request.js';

const NOW = Date.parse('2026-06-01T00:00:00Z');

const rego = (
  layer: string,
  name: string,
  { rules = 'permit := true', appliesTo = 'access', title = name } = {},
) =>
  `# METADATA
# title: ${title}
# description: a policy of a test
# custom:
#   applies_to: [${appliesTo}]
#   controls: [house rules]
package mesh.${layer.replaceAll('/', '.')}.policy.${name}

${rules}
`;

interface Made {
  readonly policies?: Readonly<Record<string, string>>;
  /** Lines of the manifest. */
  readonly manifest?: string;
  readonly files?: Readonly<Record<string, string>>;
}

/** A bundle of policies, each with what the manifest says of it. */
function bundleOf(
  layer: string,
  { policies = { open: '{ enforcement: hard }' }, manifest = '', files = {} }: Made,
) {
  const entries = Object.entries(policies);
  const named =
    entries.length === 0 ? ' {}' : `\n${entries.map(([name, says]) => `  ${name}: ${says}`).join('\n')}`;
  const texts = {
    'manifest.yaml': `layer: ${layer}\nversion: 1.0.0\npolicies:${named}\n${manifest}`,
    ...Object.fromEntries(entries.map(([name]) => [`policy/${name}.rego`, rego(layer, name)])),
    ...files,
  };
  return createBundle(Object.entries(texts).map(([path, text]) => ({ path, text })));
}

const inForce = (...yaml: readonly string[]): ReadonlyMap<string, Manifest> =>
  new Map(
    yaml.map((text) => {
      const manifest = readManifest(`version: 1.0.0\npolicies: {}\n${text}`);
      return [manifest.layer, manifest];
    }),
  );

const mean = (before: Bundle | undefined, after: Bundle | undefined, more: Partial<MeaningInput> = {}) =>
  meaningOf({
    layer: (after ?? before)?.layer ?? 'global',
    before,
    after,
    manifests: new Map(),
    domains: ['finance', 'finance/risk', 'sales'],
    waivers: [],
    nowMs: NOW,
    ...more,
  });

const wordsOf = (layer: string, before: Made, after: Made, more: Partial<MeaningInput> = {}) =>
  mean(bundleOf(layer, before), bundleOf(layer, after), more).words;

describe('what becomes of policies, in words', () => {
  const of = (says: string): Made => ({ policies: { open: '{ enforcement: hard }', retention: says } });
  const LATER = "'2026-09-01T00:00:00Z'";
  it.each([
    ['{ enforcement: advisory }', '{ enforcement: hard }', '`retention` goes from advisory to hard'],
    ['{ enforcement: hard }', '{ enforcement: shadow }', '`retention` goes from hard to shadow'],
    [undefined, '{ enforcement: soft }', '`retention` is new and binds (soft)'],
    [undefined, '{ enforcement: advisory }', '`retention` is new and is advisory'],
    [undefined, '{ enforcement: shadow }', '`retention` is new and is recorded alone (shadow)'],
    [
      undefined,
      `{ enforcement: hard, enforced_from: ${LATER} }`,
      '`retention` is new and is advisory until 2026-09-01T00:00:00Z and binds (hard) from then on',
    ],
    ['{ enforcement: soft }', undefined, '`retention`, which binds (soft), is removed'],
    [
      '{ enforcement: soft }',
      `{ enforcement: soft, enforced_from: ${LATER} }`,
      '`retention` is enforced from 2026-09-01T00:00:00Z on',
    ],
    [
      `{ enforcement: soft, enforced_from: ${LATER} }`,
      "{ enforcement: soft, enforced_from: '2026-07-01T00:00:00Z' }",
      '`retention` is enforced from 2026-07-01T00:00:00Z on, instead of 2026-09-01T00:00:00Z',
    ],
    [
      `{ enforcement: soft, enforced_from: ${LATER} }`,
      '{ enforcement: soft }',
      '`retention` no longer waits until 2026-09-01T00:00:00Z to be enforced',
    ],
  ])('from %s to %s: %s', (before, after, words) => {
    const none: Made = {};
    expect(
      wordsOf('global', before === undefined ? none : of(before), after === undefined ? none : of(after)),
    ).toEqual([words]);
  });

  it.each([
    [{ rules: 'permit := false' }, ['the text of `open` changes']],
    [{ rules: '# why\npermit := true' }, ['only comments of `open` change']],
    [{ appliesTo: 'access, publish' }, ['`open` applies to publish too']],
    [{ appliesTo: 'consume' }, ['`open` applies to consume too', '`open` no longer applies to access']],
    [{ title: 'Open data' }, ['the title of `open` goes from “open” to “Open data”']],
  ])('when its text becomes %j', (text, words) => {
    const after = { files: { 'policy/open.rego': rego('global', 'open', text) } };
    expect(wordsOf('global', {}, after)).toEqual(words);
  });

  it('when what it answers for changes', () => {
    const after = rego('global', 'open')
      .replace('[house rules]', '[GDPR 5, ISO 1]')
      .replace('a policy of a test', 'x');
    expect(wordsOf('global', {}, { files: { 'policy/open.rego': after } })).toEqual([
      'the description of `open` changes',
      '`open` answers for `GDPR 5` and `ISO 1` too',
      '`open` no longer answers for `house rules`',
    ]);
  });
});

describe('what becomes of the manifest, in words', () => {
  it.each([
    [
      'council: { members: [ana], quorum: 0.5 }',
      'council: { members: [ana], quorum: 0.6 }',
      ['the quorum goes from 0.5 to 0.6'],
    ],
    [
      'council: { members: [ana] }',
      'council: { members: [ana], threshold: 0.75 }',
      ['the threshold goes from 0.5 to 0.75'],
    ],
    [
      'council: { members: [ana], voting_period: P7D }',
      'council: { members: [ana], voting_period: P3D }',
      ['the voting period goes from P7D to P3D'],
    ],
    [
      'council: { members: [ana, cleo] }',
      'council: { members: [ana] }',
      ['`cleo` leaves the council of sales'],
    ],
    ['council: { members: [ana] }', 'council: { members: [ana, dan] }', ['`dan` joins the council of sales']],
    ['', 'council: { members: [ana, dan] }', ['sales is decided by its own council: `ana` and `dan`']],
    ['council: { members: [ana, dan] }', '', ['sales is decided by the council of global']],
    [
      'audit: { retention: P1Y }',
      'audit: { retention: P7Y }',
      ['how long records are kept at least goes from `P1Y` to `P7Y`'],
    ],
    ['', 'title: Sales', ['the title is now `Sales`']],
    ['parameters: { days: 14 }', 'parameters: { days: 7 }', ['`days` is set to 7, instead of 14']],
    ['', 'parameters: { days: 7 }', ['`days` is set to 7']],
    ['parameters: { days: 7 }', '', ['`days` is no longer set here (it was 7)']],
    ['council: { quorum: 0.5 }', '', ['`council` is written otherwise, which changes nothing']],
  ])('of sales from `%s` to `%s`', (before, after, words) => {
    const manifests = inForce('layer: global\ncouncil: { members: { sales: [cleo] } }');
    expect(wordsOf('sales', { manifest: before }, { manifest: after }, { manifests })).toEqual(words);
  });

  it.each([
    [
      'council: { members: { sales: [cleo] } }',
      'council: { members: { sales: [dan], finance: [jada] } }',
      [
        'finance gets a seat on the council, for which `jada` votes',
        '`dan` votes for sales in the council',
        '`cleo` no longer votes for sales in the council',
      ],
    ],
    [
      'council: { members: { sales: [cleo], finance: [jada] } }',
      'council: { members: { sales: [cleo] } }',
      ['finance loses its seat on the council, for which `jada` voted'],
    ],
    [
      '',
      'council: { touched_domains_must_vote: true }',
      ['every domain that a proposal touches must have voted from then on'],
    ],
    [
      "audit: { mask: ['/subject/id'] }",
      "audit: { mask: ['/context/ip'] }",
      [
        'the value at `/context/ip` never reaches a record from then on',
        'the value at `/subject/id` is recorded from then on',
      ],
    ],
    [
      'layers_without_bundle: deny',
      'layers_without_bundle: abstain',
      ['what a layer without a bundle says goes from `deny` to `abstain`'],
    ],
  ])('of global from `%s` to `%s`', (before, after, words) => {
    expect(wordsOf('global', { manifest: before }, { manifest: after })).toEqual(words);
  });

  const delegating = (says: string): Made => ({ manifest: `delegations:\n  days: ${says}\n` });
  it.each([
    [
      undefined,
      '{ default: 30, schema: { type: integer, minimum: 1, maximum: 90 } }',
      [
        'the layers below may set `days` (a whole number from 1 to 90), and is 30 unless they do',
        'for every domain `days` is 30 (set by global)',
      ],
    ],
    [
      '{ default: 30, schema: { type: integer, minimum: 1, maximum: 90 } }',
      '{ default: 20, schema: { type: integer, maximum: 60 } }',
      [
        'the bounds of `days` go from (a whole number from 1 to 90) to (a whole number up to 60)',
        'the default of `days` goes from 30 to 20',
        'for `finance` and `finance/risk` `days` goes from 30 to 20 (set by global)',
      ],
    ],
    [
      '{ default: 30, schema: { enum: [30, 60] } }',
      undefined,
      [
        '`days` is no longer delegated',
        'for `finance` and `finance/risk` `days` has no value any more (it was 30)',
        'for `sales` `days` has no value any more (it was 14)',
      ],
    ],
  ])('delegating %s, then %s', (before, after, words) => {
    const manifests =
      before === undefined ? new Map<string, Manifest>() : inForce('layer: sales\nparameters: { days: 14 }');
    expect(
      wordsOf(
        'global',
        before === undefined ? {} : delegating(before),
        after === undefined ? {} : delegating(after),
        { manifests },
      ),
    ).toEqual(words);
  });
});

describe('what becomes of other files, in words', () => {
  const LIB = 'package mesh.global.lib.words\n\nx := 1\n';
  it.each([
    [{}, { 'lib/words.rego': LIB }, ['the library `words` is new']],
    [
      { 'data/limits.json': '{"most": 3, "in": ["eu", "us"]}' },
      { 'data/limits.json': '{"most": 4, "in": ["us", "ch"]}' },
      ['the data `limits` changes: `/most` goes from 3 to 4; `/in` gains "ch" and loses "eu"'],
    ],
    [
      { 'data/limits.json': '{"most": 3}' },
      { 'data/limits.json': '{ "most": 3 }' },
      ['the data `limits` changes in its layout alone'],
    ],
    [{ 'test/open_test.rego': 'x' }, {}, ['the tests `open_test` are removed']],
    [{ 'README.md': 'x' }, { 'README.md': 'y' }, ['the README changes']],
  ])('from %j to %j', (before, after, words) => {
    expect(wordsOf('global', { files: before }, { files: after })).toEqual(words);
  });

  it('names who uses a library', () => {
    const using = {
      'policy/open.rego': rego('global', 'open', { rules: 'import data.mesh.global.lib.words' }),
    };
    expect(
      wordsOf(
        'global',
        { files: { ...using, 'lib/words.rego': LIB } },
        { files: { ...using, 'lib/words.rego': LIB.replace('1', '2') } },
      ),
    ).toEqual(['the library `words` changes, which `open` uses']);
  });
});

describe('what it means for domains', () => {
  const waiver = (id: string, more: Partial<WaiverRequest> = {}): WaiverRequest => ({
    id,
    version: 2,
    layer: 'global',
    policy: 'retention',
    domain: 'sales',
    category: 'waiver',
    reason: 'a test',
    resources: ['orders'],
    until: '2026-07-01T00:00:00Z',
    state: 'granted',
    asked_by: 'ana',
    asked_at: '2026-05-01T00:00:00Z',
    ...more,
  });
  const soft = bundleOf('global', { policies: { retention: '{ enforcement: soft }' } });
  const hard = bundleOf('global', { policies: { retention: '{ enforcement: hard }' } });

  it('tells each waiver that falls away', () => {
    const waivers = [
      waiver('1', { state: 'revoked' }),
      waiver('2', { until: '2026-06-01T00:00:00Z' }),
      waiver('3'),
      waiver('4', { policy: 'other' }),
      waiver('5', { layer: 'sales' }),
    ];
    const { words, domains } = mean(soft, hard, { waivers });
    const sentence = 'the waiver 3 of sales for `retention` falls away, since the policy is hard';
    expect(words).toEqual(['`retention` goes from soft to hard', sentence]);
    expect(domains['sales']).toMatchObject({ waivers: [{ waiver: '3' }], words: [sentence] });
    expect(domains['finance']?.waivers).toEqual([]);
    const none = bundleOf('global', { policies: {} });
    expect(mean(soft, none, { waivers }).words).toContain(
      'the waiver 3 of sales for `retention` falls away, since the policy is removed',
    );
    expect(mean(hard, soft, { waivers }).waivers).toEqual([]);
  });

  it('counts what binds, and names the levels before and after', () => {
    const before = bundleOf('finance', {
      policies: { a: '{ enforcement: soft }', b: '{ enforcement: advisory }' },
    });
    const after = bundleOf('finance', {
      policies: {
        a: '{ enforcement: soft }',
        b: "{ enforcement: hard, enforced_from: '2026-09-01T00:00:00Z' }",
        c: '{ enforcement: hard }',
      },
    });
    const { domains } = mean(before, after, {
      manifests: new Map([['global', hard.manifest]]),
    });
    expect(Object.keys(domains)).toEqual(['finance', 'finance/risk']);
    expect(domains['finance/risk']).toEqual({
      binding: { before: 2, after: 3 },
      policies: [
        {
          layer: 'finance',
          policy: 'b',
          before: { enforcement: 'advisory', level: 'advisory' },
          after: { enforcement: 'hard', enforced_from: '2026-09-01T00:00:00Z', level: 'advisory' },
        },
        { layer: 'finance', policy: 'c', after: { enforcement: 'hard', level: 'hard' } },
      ],
      parameters: [],
      waivers: [],
      words: [],
    });
  });

  it('tells of a first bundle, and of none', () => {
    const first = bundleOf('sales', {});
    expect(mean(undefined, first).words.slice(0, 2)).toEqual([
      'sales has no bundle yet: this is its first',
      '`open` is new and binds (hard)',
    ]);
    expect(mean(first, undefined).words[0]).toBe('sales no longer has a bundle');
  });
});

describe('for whatever bundles', () => {
  const enforcement = fc.constantFrom(
    '{ enforcement: hard }',
    '{ enforcement: soft }',
    '{ enforcement: advisory }',
    "{ enforcement: soft, enforced_from: '2027-01-01T00:00:00Z' }",
  );
  const bundle = fc
    .record({
      policies: fc.dictionary(fc.constantFrom('a', 'b', 'c'), enforcement, { noNullPrototype: true }),
      manifest: fc
        .subarray([
          'title: x',
          'council: { quorum: 0.7, members: { sales: [cleo] } }',
          'delegations: { days: { default: 3, schema: { type: integer } } }',
          "audit: { mask: ['/context/ip'], retention: P1Y }",
        ])
        .map((lines) => `${lines.join('\n')}\n`),
      files: fc.dictionary(
        fc.constantFrom('README.md', 'data/d.json', 'lib/l.rego'),
        fc.constantFrom('[1]', '[2]'),
        {
          noNullPrototype: true,
        },
      ),
    })
    .map((made) => bundleOf('global', made));
  const kinds = (changes: readonly { readonly policy: string; readonly change: string }[]) =>
    Object.fromEntries(changes.map(({ policy, change }) => [policy, change]));

  it('a bundle changes nothing of itself', () => {
    fc.assert(
      fc.property(bundle, (same) => {
        const { domains, ...all } = mean(same, same);
        expect(all).toEqual({ words: [], policies: [], manifest: [], waivers: [] });
        for (const { binding, ...domain } of Object.values(domains)) {
          expect(binding.before).toBe(binding.after);
          expect(domain).toEqual({ policies: [], parameters: [], waivers: [], words: [] });
        }
        expect(fileChanges(same, same)).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });

  it('backwards, what was added is removed and the other way round', () => {
    fc.assert(
      fc.property(bundle, bundle, (one, other) => {
        const [there, back] = [mean(one, other), mean(other, one)];
        const swapped = { added: 'removed', removed: 'added', changed: 'changed' } as const;
        expect(kinds(back.policies)).toEqual(
          kinds(there.policies.map((each) => ({ ...each, change: swapped[each.change] }))),
        );
        expect(back.manifest.map(({ pointer, before, after }) => ({ pointer, before, after }))).toEqual(
          there.manifest.map(({ pointer, before, after }) => ({ pointer, before: after, after: before })),
        );
        const lines = (one: Bundle, other: Bundle) =>
          fileChanges(one, other).map(({ path, added, removed }) => ({ path, added, removed }));
        expect(lines(other, one)).toEqual(
          lines(one, other).map(({ path, added, removed }) => ({ path, added: removed, removed: added })),
        );
        expect(there.words.length > 0).toBe(one.digest !== other.digest);
      }),
      { numRuns: 50 },
    );
  });
});
