import { describe, expect, it } from 'vitest';
import type { ActivationRecord, BallotRecord, ProposalRecord, SeedRecord } from '../audit/record.js';
import type { Manifest } from '../policy/manifest.js';
import { whyNotApproved, whyNotDecided, whyNotSeconded, type OnRecord } from './decided-law.js';

type Act = OnRecord<ProposalRecord | BallotRecord | ActivationRecord>;

const MANIFESTS = new Map<string, Manifest>([
  [
    'global',
    {
      layer: 'global',
      version: '1.0.0',
      policies: {},
      council: { members: { sales: ['sid'], finance: ['fay'] }, quorum: 1 },
    },
  ],
]);
const LAW = { layers: [{ layer: 'global', digest: 'old' }], toolchain: { opa: '1', digest: 'x' } };
const CLAIM = { layer: 'global', digest: 'new', before: 100 };

const head = (sequence: number, id: string, roles: readonly string[] = []) => ({
  id: String(sequence),
  time: '2026-06-01T12:00:00.000Z',
  caller: { id, roles },
  revision: 1,
});
const about = { proposal: '1', layer: 'global', digest: 'new' };
const event = (
  sequence: number,
  name: ProposalRecord['event'],
  more: Partial<ProposalRecord> & { by?: string; roles?: readonly string[] } = {},
): Act => {
  const { by = 'sid', roles = [], ...rest } = more;
  return {
    sequence,
    sealed: true,
    record: {
      ...head(sequence, by, roles),
      kind: 'proposal',
      event: name,
      ...about,
      base: 1,
      author: 'sid',
      ...rest,
    },
  };
};
const ballot = (
  sequence: number,
  member: string,
  seat: string,
  vote: BallotRecord['vote'] = 'approve',
  digest = 'new',
): Act => ({
  sequence,
  sealed: true,
  record: { ...head(sequence, member), kind: 'ballot', ...about, digest, seat, vote },
});
const activation = (sequence: number, more: Partial<ActivationRecord> = {}): OnRecord<ActivationRecord> => ({
  sequence,
  sealed: true,
  record: {
    ...head(sequence, 'sid'),
    kind: 'activation',
    by: 'council',
    ...about,
    previous: 'old',
    ...LAW,
    ...more,
  },
});
const unsealed = (act: Act): Act => ({ ...act, sealed: false });

const HONEST: readonly Act[] = [
  event(1, 'opened'),
  ballot(2, 'sid', 'sales'),
  ballot(3, 'fay', 'finance'),
  event(4, 'approved', { touched: [] }),
];
const approved = (acts: readonly Act[]) =>
  whyNotApproved({ acts, manifestsAt: (revision) => (revision === 1 ? MANIFESTS : undefined) }, CLAIM);

describe('an approval', () => {
  it('holds by the ballots that stand in the log', () => {
    expect(approved(HONEST)).toBeUndefined();
  });

  it.each(HONEST.map((act, at) => [act.sequence, at] as const))(
    'does not hold without record %d, or with it unsealed',
    (_, at) => {
      expect(approved(HONEST.filter((_act, each) => each !== at))).toBeTypeOf('string');
      expect(approved(HONEST.map((act, each) => (each === at ? unsealed(act) : act)))).toBeTypeOf('string');
    },
  );

  it.each<[string, readonly Act[], RegExp]>([
    [
      'a vote was changed before',
      [
        event(1, 'opened'),
        ballot(2, 'sid', 'sales'),
        ballot(3, 'fay', 'finance'),
        ballot(4, 'fay', 'finance', 'reject'),
        event(5, 'approved'),
      ],
      /do not approve/,
    ],
    [
      'a ballot came after it',
      [event(1, 'opened'), ballot(2, 'sid', 'sales'), event(3, 'approved'), ballot(4, 'fay', 'finance')],
      /do not approve/,
    ],
    [
      'a ballot is for another bundle',
      [
        event(1, 'opened'),
        ballot(2, 'sid', 'sales'),
        ballot(3, 'fay', 'finance', 'approve', 'other'),
        event(4, 'approved'),
      ],
      /do not approve/,
    ],
    [
      'who voted has no seat',
      [event(1, 'opened'), ballot(2, 'sid', 'sales'), ballot(3, 'eve', 'finance'), event(4, 'approved')],
      /do not approve/,
    ],
    ['the bundle was edited since', [...HONEST, event(5, 'edited')], /no approval/],
    [
      'another bundle was put in its place',
      [...HONEST, event(5, 'edited', { digest: 'other' })],
      /no proposal of it/,
    ],
    ['it was withdrawn', [...HONEST, event(5, 'withdrawn')], /withdrawn/],
    ['it was withdrawn, and nobody sealed that', [...HONEST, unsealed(event(5, 'withdrawn'))], /withdrawn/],
    ['its time was over', [...HONEST, event(5, 'expired')], /expired/],
    ['it was in force before', [...HONEST, activation(5)], /in force before/],
    [
      'nobody knows who decided then',
      [
        event(1, 'opened'),
        ballot(2, 'sid', 'sales'),
        ballot(3, 'fay', 'finance'),
        event(4, 'approved', { revision: 7 }),
      ],
      /does not say/,
    ],
  ])('does not hold where %s', (_, acts, why) => {
    expect(approved(acts)).toMatch(why);
  });
});

describe('two operators', () => {
  const operator = { roles: ['operator'] };
  const agreed = (acts: readonly Act[]) => whyNotSeconded({ acts, manifestsAt: () => undefined }, CLAIM);
  it.each<[string, readonly Act[], RegExp | undefined]>([
    [
      'decide together',
      [
        event(1, 'opened', { by: 'opal', author: 'opal', ...operator }),
        event(2, 'seconded', { by: 'otto', author: 'opal', ...operator }),
      ],
      undefined,
    ],
    [
      'must be two',
      [
        event(1, 'opened', { by: 'opal', author: 'opal', ...operator }),
        event(2, 'seconded', { by: 'opal', author: 'opal', ...operator }),
      ],
      /own proposal/,
    ],
    [
      'must both be operators',
      [
        event(1, 'opened', { by: 'eve', author: 'eve' }),
        event(2, 'seconded', { by: 'otto', author: 'eve', ...operator }),
      ],
      /no operator/,
    ],
    [
      'must agree to this very bundle',
      [
        event(1, 'opened', { by: 'opal', author: 'opal', ...operator }),
        event(2, 'seconded', { by: 'otto', digest: 'other', ...operator }),
      ],
      /no agreement/,
    ],
    [
      'must have it sealed',
      [
        event(1, 'opened', { by: 'opal', author: 'opal', ...operator }),
        unsealed(event(2, 'seconded', { by: 'otto', ...operator })),
      ],
      /no agreement/,
    ],
  ])('%s', (_, acts, why) => {
    if (why === undefined) expect(agreed(acts)).toBeUndefined();
    else expect(agreed(acts)).toMatch(why);
  });
});

describe('the law of a layer', () => {
  const seed: OnRecord<SeedRecord> = {
    sequence: 0,
    sealed: true,
    record: { ...head(0, 'local'), kind: 'seed', ...LAW },
  };
  const emergency = activation(10, { by: 'break_glass', reverts_at: '2026-06-01T11:00:00.000Z' });
  const back = { by: 'reversion', digest: 'old', previous: 'new' } as const;
  const proposal = { acts: HONEST, manifestsAt: () => MANIFESTS };
  const why = (
    activations: readonly OnRecord<ActivationRecord>[],
    base: typeof seed | undefined = seed,
    acts: readonly Act[] = HONEST,
  ) =>
    whyNotDecided({ layer: 'global', base, activations, proposals: new Map([['1', { ...proposal, acts }]]) });

  it.each<[string, string | undefined, RegExp | undefined]>([
    ['is that of the seed', why([]), undefined],
    [
      'is not that of a seed that lies under no checkpoint',
      why([], { ...seed, sealed: false }),
      /no signed checkpoint/,
    ],
    ['is that of an approval', why([activation(10)]), undefined],
    ['may come into force behind the checkpoint', why([{ ...activation(10), sealed: false }]), undefined],
    [
      'may not then take the place of something else',
      why([{ ...activation(10, { previous: 'x' }), sealed: false }]),
      /takes the place/,
    ],
    ['goes back when an emergency was not ratified', why([emergency, activation(20, back)]), undefined],
    [
      'does not go back to something else',
      why([emergency, activation(20, { ...back, digest: 'x' })]),
      /does not go back/,
    ],
    [
      'does not go back where there was no emergency',
      why([activation(10), activation(20, back)]),
      /no two operators/,
    ],
    [
      'does not go back too early',
      why([
        activation(10, { by: 'break_glass', reverts_at: '2026-06-02T00:00:00.000Z' }),
        activation(20, back),
      ]),
      /taken back before/,
    ],
    [
      'does not go back where it was ratified',
      why([emergency, activation(20, back)], seed, [...HONEST, event(15, 'ratified')]),
      /ratified/,
    ],
    ['must be named by a proposal', why([activation(10, { proposal: '9' })]), /names no proposal/],
  ])('%s', (_, found, expected) => {
    if (expected === undefined) expect(found).toBeUndefined();
    else expect(found).toMatch(expected);
  });
});
