import { describe, expect, it } from 'vitest';
import type { Evaluation } from './request.js';
import { gather, type SubjectMatter } from './subject-matter.js';
import { descriptorOf, sampleRegistry } from './testing/sample-mesh.js';

const registry = sampleRegistry();

interface Ask {
  subject?: string;
  subjectDomain?: string;
  action?: string;
  type?: string;
  id?: string;
  properties?: Record<string, unknown>;
}

function ask({
  subject = 'ada',
  subjectDomain,
  action = 'read',
  type = 'data_product',
  id = 'ledger',
  properties,
}: Ask) {
  const evaluation: Evaluation = {
    subject: {
      type: 'user',
      id: subject,
      ...(subjectDomain !== undefined && { properties: { domain: subjectDomain } }),
    },
    action: { name: action },
    resource: { type, id, ...(properties !== undefined && { properties }) },
  };
  return gather(evaluation, registry);
}

const claiming = (domain?: string, id = 'ledger') => ({ descriptor: descriptorOf(id, domain) });
const [NOBODY, ELSEWHERE, OUTSIDE] = ['the domain `nowhere` is not registered', 'eve', 'nowhere'];

type Expected = Partial<
  Pick<SubjectMatter, 'kind' | 'domain' | 'consumerDomain' | 'owningLayers' | 'consumingLayers' | 'unknown'>
>;

describe('gathering what an evaluation is about', () => {
  it.each<[string, Ask, Expected]>([
    [
      'a registered product lies in its domain',
      {},
      {
        kind: 'access',
        domain: 'finance',
        owningLayers: ['global', 'finance'],
        consumingLayers: [],
        unknown: [],
      },
    ],
    [
      'an inner domain lies under the outer ones',
      { id: 'exposure' },
      {
        domain: 'finance/risk',
        owningLayers: ['global', 'finance', 'finance/risk'],
        consumerDomain: 'finance',
        consumingLayers: ['finance'],
      },
    ],
    [
      'a subject of another domain consumes',
      { subject: 'bob', id: 'exposure' },
      { consumerDomain: 'marketing', consumingLayers: ['marketing'] },
    ],
    [
      'nobody consumes on publish',
      { subject: 'bob', action: 'publish' },
      { kind: 'publish', consumingLayers: [] },
    ],
    [
      'a subject without registration is of the domain that it claims',
      { subject: ELSEWHERE, subjectDomain: 'marketing' },
      { consumerDomain: 'marketing' },
    ],
    [
      'a registered subject is not of the domain that it claims',
      { subject: 'bob', subjectDomain: 'finance' },
      { consumerDomain: 'marketing' },
    ],
    [
      'a registered subject without domain is of none, whatever it claims',
      { subject: 'drifter', subjectDomain: 'marketing' },
      { consumingLayers: [] },
    ],
    [
      'a subject of a domain that is not registered',
      { subject: ELSEWHERE, subjectDomain: OUTSIDE },
      {
        consumerDomain: OUTSIDE,
        consumingLayers: [],
        unknown: [{ layer: OUTSIDE, kind: 'consume', message: NOBODY }],
      },
    ],
    [
      'who claims another domain for a product stays under its owner',
      { properties: claiming('marketing') },
      { domain: 'finance', owningLayers: ['global', 'marketing', 'finance'] },
    ],
    [
      'a product that moves is asked about in both domains',
      { action: 'publish', properties: claiming('marketing') },
      { domain: 'marketing', owningLayers: ['global', 'marketing', 'finance'] },
    ],
    [
      'a descriptor without domain leaves the registered one',
      { properties: claiming() },
      { domain: 'finance', owningLayers: ['global', 'finance'] },
    ],
    [
      'layers that both domains lie in are asked once',
      { id: 'exposure', properties: claiming('finance', 'exposure') },
      { owningLayers: ['global', 'finance', 'finance/risk'] },
    ],
    [
      'a product of a domain that is not registered',
      { action: 'register', id: 'new', properties: claiming(OUTSIDE, 'new') },
      {
        domain: OUTSIDE,
        owningLayers: ['global'],
        unknown: [{ layer: OUTSIDE, kind: 'publish', message: NOBODY }],
      },
    ],
    [
      'claiming a domain that is not registered does not shed the owner',
      { properties: claiming(OUTSIDE) },
      {
        domain: 'finance',
        owningLayers: ['global', 'finance'],
        unknown: [{ layer: OUTSIDE, kind: 'access', message: NOBODY }],
      },
    ],
    [
      '`global` is no domain',
      { action: 'register', id: 'new', properties: claiming('global', 'new') },
      {
        owningLayers: ['global'],
        unknown: [{ layer: 'global', kind: 'publish', message: 'the domain `global` is not registered' }],
      },
    ],
    [
      'a product in no domain is global alone',
      { action: 'register', id: 'new', properties: claiming(undefined, 'new') },
      { domain: undefined, owningLayers: ['global'], unknown: [] },
    ],
    [
      'a product that nobody knows',
      { id: 'new' },
      {
        owningLayers: ['global'],
        unknown: [
          {
            layer: 'global',
            kind: 'access',
            message:
              'the data product `new` is not registered, and its metadata did not come with the request',
          },
        ],
      },
    ],
    [
      'another resource is of its registered domain',
      { type: 'topic', id: 'orders' },
      { domain: 'finance', owningLayers: ['global', 'finance'], unknown: [] },
    ],
    [
      'another resource is of the domain that it claims',
      { type: 'topic', id: 'x', properties: { domain: 'marketing' } },
      { domain: 'marketing', owningLayers: ['global', 'marketing'] },
    ],
    [
      'another resource lies under both',
      { type: 'topic', id: 'orders', properties: { domain: 'marketing' } },
      { domain: 'finance', owningLayers: ['global', 'marketing', 'finance'] },
    ],
    [
      'a domain that is no text is none',
      { type: 'topic', id: 'x', properties: { domain: ['finance'] } },
      { owningLayers: ['global'], unknown: [] },
    ],
  ])('%s', (_, asked, expected) => {
    const matter = ask(asked);
    for (const [name, value] of Object.entries(expected)) {
      expect(matter[name as keyof SubjectMatter], name).toEqual(value);
    }
  });

  it('keeps what the registry knows apart from what is claimed', () => {
    const matter = ask({
      subjectDomain: 'marketing',
      type: 'topic',
      id: 'orders',
      properties: { tier: 'tin' },
    });
    expect(matter.subjectRegistered).toEqual({ roles: ['analyst'], domain: 'finance' });
    expect(matter.resourceRegistered).toEqual({ tier: 'gold', domain: 'finance' });
    expect(matter.resourceProperties).toEqual({ tier: 'tin' });
    expect(ask({ subject: ELSEWHERE }).subjectRegistered).toBeUndefined();
  });

  it('takes metadata from the request before the registry, and shows the registered version on publish alone', () => {
    const published = ask({ action: 'publish', properties: { ...claiming('marketing'), note: 1 } });
    expect(published.metadata?.form.product.domain).toBe('marketing');
    expect(published.previous?.form.product.domain).toBe('finance');
    expect(published.previous?.digest).toBe(registry.product('ledger')?.digest);
    expect(published.resourceProperties).toEqual({ note: 1 });
    expect(ask({}).previous).toBeUndefined();
    expect(ask({}).metadata?.digest).toBe(registry.product('ledger')?.digest);
  });

  it('refuses to register without a descriptor, and metadata that cannot be read', () => {
    expect(() => ask({ action: 'register' })).toThrow(expect.objectContaining({ code: 'invalid_request' }));
    expect(() => ask({ properties: { descriptor: 7 } })).toThrow(
      expect.objectContaining({ name: 'WitanError' }),
    );
  });
});
