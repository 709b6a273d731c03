import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WitanError } from '../errors.js';
import type { LayerInForce, PoliciesInForce, PolicyInForce } from '../policy/in-force.js';
import { policiesInForce } from '../policy/in-force.js';
import type { Kind } from '../policy/kind.js';
import type { Enforcement } from '../policy/manifest.js';
import { sampleRegistry } from '../decision/testing/sample-mesh.js';
import { InMemoryCouncil } from './in-memory-council.js';
import type { WaiverRequest } from './waiver-request.js';
import {
  askForWaiver,
  decideWaiver,
  fallsAway,
  isInForce,
  revokeWaiver,
  wasGranted,
  waiverRecord,
  type WaiverAsk,
} from './waivers.js';

const NOW_MS = Date.parse('2026-06-01T00:00:00.000Z');
const DAY_MS = 86_400_000;
const at = (days: number, ms = 0): string => new Date(NOW_MS + days * DAY_MS + ms).toISOString();
const registry = sampleRegistry();

function layerOf(layer: string, policies: Record<string, [Enforcement, ...Kind[]]>): LayerInForce {
  const named = Object.entries(policies).map(([name, [enforcement, ...kinds]]): [string, PolicyInForce] => [
    name,
    { name, title: name, description: name, appliesTo: new Set(kinds), controls: [], enforcement },
  ]);
  return {
    layer,
    digest: `sha256:${layer}`,
    manifest: { layer, version: '1.0.0', policies: {} },
    policies: new Map(named),
    byKind: { access: [], publish: [], consume: [] },
  };
}

const policiesWith = (enforcement: Enforcement | undefined): PoliciesInForce =>
  policiesInForce(1, [
    layerOf('global', {
      ...(enforcement !== undefined && { soft: [enforcement, 'access'] }),
      hard: ['hard', 'access'],
      advisory: ['advisory', 'access'],
      shadow: ['shadow', 'access'],
    }),
    layerOf('finance', { own: ['soft', 'access'], taking: ['soft', 'consume'] }),
    layerOf('marketing', { own: ['soft', 'access'] }),
  ]);
const policies = policiesWith('soft');

const ASK: WaiverAsk = {
  layer: 'global',
  policy: 'soft',
  domain: 'finance',
  category: 'waiver',
  reason: 'the migration ends in July',
  resources: ['ledger'],
  until: at(30),
};
const ask = (more: Partial<WaiverAsk> = {}): WaiverRequest =>
  askForWaiver({ ...ASK, ...more }, { id: '7', by: 'fay', nowMs: NOW_MS }, { policies, registry });
const without = (name: keyof WaiverAsk): WaiverAsk => {
  const { [name]: _, ...rest } = ASK;
  return rest as WaiverAsk;
};
const step = (days: number, ms = 0) => ({ by: 'mia', nowMs: NOW_MS + days * DAY_MS + ms, reason: 'fine' });
const granted = (): WaiverRequest => decideWaiver(ask(), 'grant', step(1), policies);
const codeOf = (act: () => unknown): string | undefined => {
  try {
    act();
    return undefined;
  } catch (thrown) {
    return thrown instanceof WitanError ? thrown.code : String(thrown);
  }
};

describe('asking for a waiver', () => {
  it('keeps what was asked for', () => {
    expect(ask({ until: '2026-07-01T02:00:00+02:00' })).toEqual({
      ...ASK,
      id: '7',
      version: 1,
      until: '2026-07-01T00:00:00.000Z',
      state: 'requested',
      asked_by: 'fay',
      asked_at: at(0),
    });
  });

  it.each<[string, Partial<WaiverAsk>]>([
    ['a product that nobody registered yet', { resources: ['new'] }],
    ['a topic of its own', { resources: ['orders'] }],
    ['subjects of any domain', { subjects: ['bob'] }],
    ['a policy of its own layer', { layer: 'finance', policy: 'own' }],
    [
      'a policy of the layer around it',
      { domain: 'finance/risk', layer: 'finance', policy: 'own', resources: ['exposure'] },
    ],
    [
      "another's product that it denies itself to take in",
      { layer: 'finance', policy: 'taking', resources: ['campaigns'] },
    ],
    ['an end as far ahead as may be', { until: at(366) }],
    ['an end in a millisecond', { until: at(0, 1) }],
  ])('takes %s', (_, more) => {
    expect(ask(more).state).toBe('requested');
  });

  it.each<[string, WaiverAsk, string, RegExp]>([
    ['a hard policy', { ...ASK, policy: 'hard' }, '/policy', /is hard: it cannot be waived/],
    ['an advisory one', { ...ASK, policy: 'advisory' }, '/policy', /blocks nothing/],
    ['a shadow one', { ...ASK, policy: 'shadow' }, '/policy', /blocks nothing/],
    ['a policy that is not there', { ...ASK, policy: 'none' }, '/policy', /no policy `none`/],
    [
      'a layer of another domain',
      { ...ASK, layer: 'marketing', policy: 'own' },
      '/layer',
      /no layer that `finance` lies under/,
    ],
    [
      'a layer within the own domain',
      { ...ASK, layer: 'finance/risk', policy: 'own' },
      '/layer',
      /no layer that `finance` lies under/,
    ],
    ['a layer that is none', { ...ASK, layer: '__proto__' }, '/layer', /no layer/],
    ['a domain that nobody registered', { ...ASK, domain: 'nowhere' }, '/domain', /not a registered domain/],
    ['everything', without('resources'), '/resources', /never everything/],
    [
      'a product of another domain',
      { ...ASK, resources: ['ledger', 'campaigns'] },
      '/resources/1',
      /in `marketing`, not in `finance`/,
    ],
    [
      'a product of a domain within',
      { ...ASK, resources: ['exposure'] },
      '/resources/0',
      /in `finance\/risk`/,
    ],
    [
      'a product of the domain around it',
      { ...ASK, domain: 'finance/risk' },
      '/resources/0',
      /in `finance`, not in `finance\/risk`/,
    ],
    [
      'a topic of another domain',
      { ...ASK, domain: 'marketing', resources: ['orders'] },
      '/resources/0',
      /in `finance`/,
    ],
    ['an end that is now', { ...ASK, until: at(0) }, '/until', /must lie ahead/],
    ['an end that has passed', { ...ASK, until: at(-1) }, '/until', /must lie ahead/],
    ['an end too far ahead', { ...ASK, until: at(366, 1) }, '/until', /at most 366 days ahead/],
    ['an end that is no time', { ...ASK, until: '2026-06-30T23:59:60Z' }, '/until', /no RFC 3339 time/],
  ])('refuses %s', (_, asked, pointer, message) => {
    const by = { id: '7', by: 'fay', nowMs: NOW_MS };
    const thrown = (() => {
      try {
        return askForWaiver(asked, by, { policies, registry });
      } catch (caught) {
        return caught;
      }
    })();
    expect(thrown).toBeInstanceOf(WitanError);
    const { code, faults } = thrown as WitanError;
    expect(code).toBe('invalid_request');
    expect(faults.find((fault) => fault.pointer === pointer)?.message).toMatch(message);
  });

  it('names every fault at once', () => {
    const asked = () => ask({ policy: 'hard', resources: ['campaigns'], until: at(-1) });
    expect(asked).toThrow(
      expect.objectContaining({ faults: [{}, {}, {}].map(() => expect.anything() as unknown) }),
    );
  });
});

describe('deciding a waiver, by the clock', () => {
  it('grants, and exempts until just before its end', () => {
    const waiver = granted();
    expect(waiver).toMatchObject({
      version: 2,
      state: 'granted',
      decided_by: 'mia',
      decided_at: at(1),
      decision_reason: 'fine',
      reason: ASK.reason,
    });
    const inForce = (days: number, ms = 0) => isInForce(waiver, NOW_MS + days * DAY_MS + ms);
    expect([inForce(1), inForce(30, -1), inForce(30), inForce(31)]).toEqual([true, true, false, false]);
  });

  it.each<[string, () => unknown, string | undefined]>([
    ['refusing', () => decideWaiver(ask(), 'refuse', step(1), policies), undefined],
    ['granting just before its end', () => decideWaiver(ask(), 'grant', step(30, -1), policies), undefined],
    ['granting at its end', () => decideWaiver(ask(), 'grant', step(30), policies), 'waiver_closed'],
    ['refusing at its end', () => decideWaiver(ask(), 'refuse', step(30), policies), undefined],
    ['granting again', () => decideWaiver(granted(), 'grant', step(2), policies), 'waiver_closed'],
    [
      'refusing what was granted',
      () => decideWaiver(granted(), 'refuse', step(2), policies),
      'waiver_closed',
    ],
    [
      'granting what was refused',
      () => decideWaiver(decideWaiver(ask(), 'refuse', step(1), policies), 'grant', step(2), policies),
      'waiver_closed',
    ],
    [
      'granting what was withdrawn',
      () => decideWaiver(revokeWaiver(ask(), step(1)), 'grant', step(2), policies),
      'waiver_closed',
    ],
    [
      'granting of a policy that is hard now',
      () => decideWaiver(ask(), 'grant', step(1), policiesWith('hard')),
      'waiver_closed',
    ],
    [
      'granting of a policy that is gone',
      () => decideWaiver(ask(), 'grant', step(1), policiesWith(undefined)),
      'waiver_closed',
    ],
    [
      'refusing of a policy that is gone',
      () => decideWaiver(ask(), 'refuse', step(1), policiesWith(undefined)),
      undefined,
    ],
    ['withdrawing', () => revokeWaiver(ask(), step(1)), undefined],
    ['revoking', () => revokeWaiver(granted(), step(2)), undefined],
    ['revoking just before its end', () => revokeWaiver(granted(), step(30, -1)), undefined],
    ['revoking at its end', () => revokeWaiver(granted(), step(30)), 'waiver_closed'],
    ['revoking again', () => revokeWaiver(revokeWaiver(granted(), step(2)), step(3)), 'waiver_closed'],
    [
      'revoking what was refused',
      () => revokeWaiver(decideWaiver(ask(), 'refuse', step(1), policies), step(2)),
      'waiver_closed',
    ],
  ])('%s', (_, act, code) => {
    expect(codeOf(act)).toBe(code);
  });

  it('tells what was granted once from what was withdrawn', () => {
    const revoked = revokeWaiver(granted(), step(2));
    expect(revoked).toMatchObject({ version: 3, state: 'revoked', revoked_by: 'mia', revoked_at: at(2) });
    expect([wasGranted(revoked), wasGranted(revokeWaiver(ask(), step(1))), wasGranted(ask())]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it.each<[Enforcement | undefined, boolean]>([
    ['soft', false],
    ['hard', true],
    ['advisory', true],
    ['shadow', true],
    [undefined, true],
  ])('falls away, and is kept, when its policy becomes %s: %s', (enforcement, gone) => {
    expect(fallsAway(granted(), policiesWith(enforcement))).toBe(gone);
  });

  it('is recorded with all that it says', () => {
    const head = { id: 'r', time: at(1), caller: { id: 'mia', roles: [] }, revision: 1 };
    expect(waiverRecord(head, 'granted', granted(), 'fine')).toEqual({
      ...head,
      kind: 'waiver',
      event: 'granted',
      waiver: '7',
      layer: 'global',
      policy: 'soft',
      domain: 'finance',
      category: 'waiver',
      reason: 'fine',
      resources: ['ledger'],
      until: at(30),
    });
  });
});

describe('what decisions are made with', () => {
  it('is what the waivers come to, whatever happened to them in whatever order', () => {
    const acts = fc.array(
      fc.record({ waiver: fc.nat(3), act: fc.constantFrom('grant', 'refuse', 'revoke'), days: fc.nat(40) }),
      { maxLength: 20 },
    );
    const scopes: readonly Partial<WaiverAsk>[] = [{}, { subjects: ['ada'] }, { resources: ['other'] }, {}];
    fc.assert(
      fc.property(acts, (steps) => {
        const council = new InMemoryCouncil();
        scopes.forEach((scope, index) => {
          council.apply({ kind: 'put_waiver', waiver: { ...ask(scope), id: String(index + 1) } });
        });
        for (const { waiver: index, act, days } of steps) {
          const before = council.waiver(String(index + 1))!;
          try {
            const waiver =
              act === 'revoke'
                ? revokeWaiver(before, step(days))
                : decideWaiver(before, act, step(days), policies);
            council.apply({ kind: 'put_waiver', waiver });
          } catch (thrown) {
            expect((thrown as WitanError).code).toBe('waiver_closed');
          }
        }
        const all = [...council.waivers()];
        const loaded = new InMemoryCouncil({ proposals: [], waivers: all });
        for (const day of [0, 10, 29, 30, 31]) {
          const nowMs = NOW_MS + day * DAY_MS;
          const refused = {
            layer: 'global',
            policy: 'soft',
            kind: 'access' as const,
            domain: 'finance',
            subject: 'ada',
            resource: 'ledger',
            nowMs,
          };
          // Granted ones of the future are those whose decision lies ahead of this look.
          const [expected] = all.filter(
            ({ state, resources, subjects, decided_at: since = '' }) =>
              state === 'granted' &&
              Date.parse(since) <= nowMs &&
              day < 30 &&
              resources?.includes('ledger') === true &&
              (subjects === undefined || subjects.includes('ada')),
          );
          expect(council.waiversInForce().find(refused)?.id).toBe(expected?.id);
          expect(loaded.waiversInForce().find(refused)?.id).toBe(expected?.id);
        }
      }),
      { seed: 20_260_601, numRuns: 500 },
    );
  });

  it('leaves what someone took before a change as it was', () => {
    const council = new InMemoryCouncil({ proposals: [], waivers: [granted()] });
    const before = council.waiversInForce();
    council.apply({ kind: 'put_waiver', waiver: revokeWaiver(granted(), step(2)) });
    const refused = {
      layer: 'global',
      policy: 'soft',
      kind: 'access' as const,
      domain: 'finance',
      subject: 'ada',
      resource: 'ledger',
      nowMs: NOW_MS + 3 * DAY_MS,
    };
    expect([before.find(refused)?.id, council.waiversInForce().find(refused)]).toEqual(['7', undefined]);
  });
});
