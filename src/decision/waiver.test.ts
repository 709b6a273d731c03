import { describe, expect, it } from 'vitest';
import { findWaiver, type Waiver } from './waiver.js';

const waiver: Waiver = { id: 'w', layer: 'global', policy: 'p', fromMs: 100, toMs: 200 };
const sought = { layer: 'global', policy: 'p', subject: 'ada', resource: 'ledger', nowMs: 150 };

describe('finding a waiver', () => {
  it.each<[string, Partial<Waiver>, Partial<typeof sought>, boolean]>([
    ['covers every subject and resource when it names none', {}, {}, true],
    ['holds from its first moment', {}, { nowMs: 100 }, true],
    ['does not hold before', {}, { nowMs: 99 }, false],
    ['holds until just before its end', {}, { nowMs: 199 }, true],
    ['has ended at its end', {}, { nowMs: 200 }, false],
    ['covers its policy alone', {}, { policy: 'q' }, false],
    ['covers its layer alone', {}, { layer: 'finance' }, false],
    ['covers a named resource', { resources: ['x', 'ledger'] }, {}, true],
    ['covers no other resource', { resources: ['x'] }, {}, false],
    ['covers a named subject', { subjects: ['ada'] }, {}, true],
    ['covers no other subject', { subjects: ['bob'] }, {}, false],
    ['must cover both', { subjects: ['ada'], resources: ['x'] }, {}, false],
    ['covers nothing by an empty list', { resources: [] }, {}, false],
  ])('%s', (_, given, asked, expected) => {
    expect(findWaiver([{ ...waiver, ...given }], { ...sought, ...asked }) !== undefined).toBe(expected);
  });

  it('takes the first by id, whatever the order', () => {
    const [a, b] = [
      { ...waiver, id: 'a' },
      { ...waiver, id: 'b' },
    ];
    expect(findWaiver([a, b], sought)).toBe(a);
    expect(findWaiver([b, a], sought)).toBe(a);
    expect(findWaiver([], sought)).toBeUndefined();
  });
});
