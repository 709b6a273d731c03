import { describe, expect, it } from 'vitest';
import { readManifest, type Manifest } from '../policy/manifest.js';
import type { Layer } from '../policy/layer.js';
import { councilOf, seatOf } from './council.js';

function manifestsOf(councils: Readonly<Record<Layer, string>>): ReadonlyMap<Layer, Manifest> {
  return new Map(
    Object.entries(councils).map(([layer, council]) => [
      layer,
      readManifest(`layer: ${layer}\nversion: 1.0.0\npolicies: {}\ncouncil: ${council}\n`),
    ]),
  );
}

describe('who decides a layer', () => {
  const manifests = manifestsOf({
    global:
      '{ members: { sales: [cleo], finance: [jada, ivo] }, quorum: 0.6, touched_domains_must_vote: true }',
    finance: '{ members: [kurt, ivo], voting_period: P3D }',
    sales: '{ quorum: 1 }',
  });

  it.each<[Layer, Layer, readonly string[]]>([
    ['global', 'global', ['finance', 'sales']],
    ['finance', 'finance', ['ivo', 'kurt']],
    ['finance/risk', 'finance', ['ivo', 'kurt']],
    ['finance/risk/models', 'finance', ['ivo', 'kurt']],
    ['sales', 'global', ['finance', 'sales']],
    ['nowhere', 'global', ['finance', 'sales']],
  ])('%s: the council of %s', (layer, of, seats) => {
    const council = councilOf(layer, manifests);
    expect(council.of).toBe(of);
    expect(council.seats.map(({ id }) => id)).toEqual(seats);
  });

  it('has the rules of the layer whose members decide', () => {
    expect(councilOf('global', manifests)).toMatchObject({ quorum: 0.6, touchedDomainsMustVote: true });
    expect(councilOf('finance/risk', manifests)).toMatchObject({
      votingPeriod: 'P3D',
      quorum: 0.5,
      threshold: 0.5,
      activationPeriod: 'P30D',
      breakGlassPeriod: 'P1D',
      touchedDomainsMustVote: false,
    });
    expect(councilOf('sales', manifests)).toMatchObject({ of: 'global', quorum: 0.6 });
  });

  it('is nobody where no manifest names members', () => {
    expect(councilOf('sales', manifestsOf({ global: '{}' }))).toMatchObject({ of: 'global', seats: [] });
    expect(councilOf('sales', new Map())).toMatchObject({ of: 'global', seats: [] });
  });

  it.each<[Layer, string, string | undefined]>([
    ['global', 'cleo', 'sales'],
    ['global', 'ivo', 'finance'],
    ['global', 'jada', 'finance'],
    ['global', 'kurt', undefined],
    ['finance/risk', 'kurt', 'kurt'],
    ['finance', 'jada', undefined],
  ])('in the council for %s, %s votes for %s', (layer, user, seat) => {
    expect(seatOf(councilOf(layer, manifests), user)?.id).toBe(seat);
  });

  it('gives a member of two seats the first of them', () => {
    const twice = manifestsOf({ global: '{ members: { sales: [cleo], finance: [cleo] } }' });
    expect(seatOf(councilOf('global', twice), 'cleo')?.id).toBe('finance');
  });
});
