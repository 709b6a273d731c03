import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GLOBAL, layerChain, type Layer } from './layer.js';
import { readManifest } from './manifest.js';
import { WitanError } from '../errors.js';
import type { PoliciesInForce } from './in-force.js';
import { beforeTime } from './duration.js';
import { retentionOf } from './retention.js';

const at = (text: string): number => Date.parse(text);

function inForce(retentions: Readonly<Record<Layer, string | undefined>>): Pick<PoliciesInForce, 'layers'> {
  const layers = Object.entries(retentions).map(([layer, retention]) => {
    const audit = retention === undefined ? '' : `audit: { retention: ${retention} }\n`;
    return [layer, { manifest: readManifest(`layer: ${layer}\nversion: 1.0.0\npolicies: {}\n${audit}`) }];
  });
  // INVARIANT: only the manifests of layers are looked at.
  return { layers: new Map(layers as []) };
}

const now = at('2026-06-01T00:00:00Z');

describe('how long a record is kept', () => {
  const law = inForce({ global: 'P30D', finance: 'P1Y', 'finance/risk': 'P2M', sales: undefined });

  it.each([
    ['an act of the mesh', [], { layer: 'global', duration: 'P30D' }],
    ['a domain that says nothing', ['sales'], { layer: 'global', duration: 'P30D' }],
    ['a domain without a bundle', ['platform'], { layer: 'global', duration: 'P30D' }],
    ['a domain that says more', ['finance'], { layer: 'finance', duration: 'P1Y' }],
    ['a domain that lies in one that says more', ['finance/risk'], { layer: 'finance', duration: 'P1Y' }],
    ['an access from a domain that says more', ['sales', 'finance'], { layer: 'finance', duration: 'P1Y' }],
  ])('%s', (_, domains, expected) => {
    expect(retentionOf(law, domains, now)).toEqual(expected);
  });

  it('is for good where no layer says anything', () => {
    const silent = inForce({ global: undefined, sales: undefined, finance: 'P1D' });
    expect(retentionOf(silent, ['sales'], now)).toBeUndefined();
    expect(retentionOf(silent, [], now)).toBeUndefined();
    expect(retentionOf(silent, ['sales', 'finance'], now)).toEqual({ layer: 'finance', duration: 'P1D' });
  });

  it('is measured by the calendar: a month of February is shorter than 30 days', () => {
    const months = inForce({ global: 'P30D', sales: 'P1M' });
    expect(retentionOf(months, ['sales'], at('2026-03-15'))?.layer).toBe('global');
    expect(retentionOf(months, ['sales'], at('2026-08-15'))?.layer).toBe('sales');
  });

  it('is never shorter than what a layer of the chain says', () => {
    const duration = fc.option(
      fc
        .tuple(fc.integer({ min: 1, max: 500 }), fc.constantFrom('Y', 'M', 'W', 'D'))
        .map(([count, unit]) => `P${count}${unit}`),
      { nil: undefined },
    );
    const layers = ['global', 'finance', 'finance/risk', 'sales'] as const;
    const retentions = fc.tuple(duration, duration, duration, duration);
    const domains = fc.subarray(['finance', 'finance/risk', 'sales', 'platform']);
    fc.assert(
      fc.property(retentions, domains, (said, asked) => {
        const byLayer = Object.fromEntries(layers.map((layer, index) => [layer, said[index]]));
        const kept = retentionOf(inForce(byLayer), asked, now);
        const chain = [GLOBAL, ...asked.flatMap(layerChain)];
        const wanted = chain.flatMap((layer) => byLayer[layer] ?? []);
        expect(kept === undefined).toBe(wanted.length === 0);
        if (kept === undefined) return;
        expect(wanted).toContain(kept.duration);
        expect(byLayer[kept.layer]).toBe(kept.duration);
        for (const each of wanted) {
          expect(beforeTime(kept.duration, now)).toBeLessThanOrEqual(beforeTime(each, now));
        }
      }),
    );
  });
});

describe('retention in a manifest', () => {
  const manifest = (layer: string, audit: string): unknown =>
    readManifest(`layer: ${layer}\nversion: 1.0.0\npolicies: {}\naudit: ${audit}\n`);

  it.each(['global', 'finance', 'finance/risk'])('may be said by `%s`', (layer) => {
    expect(manifest(layer, '{ retention: P7Y }')).toMatchObject({ audit: { retention: 'P7Y' } });
  });

  it.each(['P', '7Y', 'PT1H', 'P1D1Y', 'P-1D', 'P1.5Y', 'forever', 'P99999Y', '7'])('is not `%s`', (text) => {
    expect(() => manifest('global', `{ retention: ${text} }`)).toThrow(WitanError);
  });

  it('is no reason to let a domain mask', () => {
    expect(() => manifest('finance', '{ retention: P7Y, mask: [/context/token] }')).toThrow(
      'only `global` may set this',
    );
  });
});
