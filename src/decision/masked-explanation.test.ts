import { describe, expect, it } from 'vitest';
import type { Explanation } from './explanation.js';
import { maskedExplanation } from './masked-explanation.js';

const MASKED = [
  { pointer: '/subject/properties/phone', salt: new Uint8Array(16), value: '"+49 170 12345"' },
  { pointer: '/context/a b', salt: new Uint8Array(16), value: '{"flag":true,"level":7}' },
];
const PHONE = '<masked /subject/properties/phone>';
const CONTEXT = '<masked /context/a b>';

/** The readings of one line of an explanation, masked. */
const shown = (values: object): unknown => {
  const explanation = { decisive: [{ definition: { lines: [{ row: 7, values }] } }] };
  // Only the part that is looked at.
  return maskedExplanation(explanation as unknown as Explanation, MASKED);
};

describe('masking an explanation', () => {
  it.each<[string, object, object]>([
    [
      'what is read by name',
      { 'input.subject.properties.phone': 'x' },
      { 'input.subject.properties.phone': PHONE },
    ],
    ['by a quoted name', { 'input.context["a b"]': {} }, { 'input.context["a b"]': CONTEXT }],
    ['a part of it', { 'input.context["a b"].flag': true }, { 'input.context["a b"].flag': CONTEXT }],
    [
      'what holds it',
      {
        'input.subject': { id: 'ada', properties: { phone: false, desk: 1 } },
        input: { context: { 'a b': true } },
      },
      {
        'input.subject': { id: 'ada', properties: { phone: PHONE, desk: 1 } },
        input: { context: { 'a b': CONTEXT } },
      },
    ],
    [
      'another of a like name',
      { 'input.subject.properties.phones': true },
      { 'input.subject.properties.phones': true },
    ],
    ['what a variable holds', { x: ['+49 170 12345', 7, 8] }, { x: [PHONE, CONTEXT, 8] }],
    ['how a long text begins', { x: 'call +49 1… (99 characters)' }, { x: `call ${PHONE}… (99 characters)` }],
    ['a long text that does not', { x: 'call +4… (99 characters)' }, { x: 'call +4… (99 characters)' }],
  ])('%s', (_, values, expected) => {
    expect(shown(values)).toEqual({ decisive: [{ definition: { lines: [{ row: 7, values: expected }] } }] });
  });
});
