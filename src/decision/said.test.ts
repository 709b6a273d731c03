import { describe, expect, it } from 'vitest';
import { readSaid } from './said.js';

const oblige = (type: unknown, properties: unknown): object => ({ obligations: [{ type, properties }] });

describe('reading what a policy said', () => {
  it('hears nothing where nothing was said', () => {
    const nothing = { denials: [], permit: false, obligations: [], advice: [], requires: [] };
    expect(readSaid(undefined)).toEqual(nothing);
    expect(readSaid({})).toEqual(nothing);
    expect(readSaid({ deny: [], permit: false, obligations: [], advice: [], requires: [] })).toEqual(nothing);
  });

  it('hears everything that is well said', () => {
    const deny = [{ message: 'no', path: '/context', code: 'c', remedy: 'r' }];
    const obligations = [
      { type: 'mask_column', properties: { column: 'c', method: 'null' } },
      { type: 'filter_rows', properties: { column: 'c', operator: 'in', value: [1] } },
      { type: 'allow_columns', properties: { columns: [] } },
      { type: 'limit_rows', properties: { max: 0 } },
      { type: 'expire', properties: { at: '2026-01-01T00:00:00.5+01:00' } },
      { type: 'anything', properties: {} },
    ];
    expect(readSaid({ deny, permit: true, obligations, advice: deny, requires: ['/context/x'] })).toEqual({
      denials: deny,
      permit: true,
      obligations,
      advice: deny,
      requires: ['/context/x'],
    });
  });

  const TEXT_MAX = 'x'.repeat(4096);
  it.each<[string, unknown]>([
    ['null', null],
    ['a list', []],
    ['a text', 'deny'],
    ['a number', 0],
    ['a boolean', true],
    ['deny: null', { deny: null }],
    ['deny: a boolean', { deny: true }],
    ['deny: an object', { deny: { message: 'm' } }],
    ['deny: texts', { deny: ['m'] }],
    ['deny: an item null', { deny: [null] }],
    ['deny: an item that is a list', { deny: [[]] }],
    ['deny: no message', { deny: [{ code: 'c' }] }],
    ['deny: an empty message', { deny: [{ message: '' }] }],
    ['deny: a message that is a number', { deny: [{ message: 1 }] }],
    ['deny: a path that is a list', { deny: [{ message: 'm', path: [] }] }],
    ['deny: a code null', { deny: [{ message: 'm', code: null }] }],
    ['deny: an unknown member', { deny: [{ message: 'm', severity: 'high' }] }],
    ['deny: a second item that is wrong', { deny: [{ message: 'm' }, {}] }],
    ['deny: a message too long', { deny: [{ message: `${TEXT_MAX}x` }] }],
    ['deny: too many', { deny: Array.from({ length: 1001 }, () => ({ message: 'm' })) }],
    ['advice: a text', { advice: 'a' }],
    ['advice: no message', { advice: [{}] }],
    ['permit: a text', { permit: 'true' }],
    ['permit: a number', { permit: 1 }],
    ['permit: null', { permit: null }],
    ['permit: a set', { permit: [] }],
    ['requires: a text', { requires: '/context' }],
    ['requires: no pointer', { requires: ['context'] }],
    ['requires: an empty pointer', { requires: [''] }],
    ['requires: a number', { requires: [1] }],
    ['obligations: an object', { obligations: {} }],
    ['obligations: a text', { obligations: ['mask'] }],
    ['obligations: no type', { obligations: [{ properties: {} }] }],
    ['obligations: an empty type', oblige('', {})],
    ['obligations: no properties', { obligations: [{ type: 't' }] }],
    ['obligations: properties null', oblige('t', null)],
    ['obligations: properties a list', oblige('t', [])],
    ['obligations: a member more', { obligations: [{ type: 't', properties: {}, on: 'permit' }] }],
    ['mask_column: no column', oblige('mask_column', { method: 'null' })],
    ['mask_column: a column that is a number', oblige('mask_column', { column: 1, method: 'null' })],
    ['mask_column: no method', oblige('mask_column', { column: 'c' })],
    ['mask_column: an unknown method', oblige('mask_column', { column: 'c', method: 'rot13' })],
    ['mask_column: a method null', oblige('mask_column', { column: 'c', method: null })],
    ['filter_rows: no column', oblige('filter_rows', { operator: 'eq', value: 1 })],
    ['filter_rows: an unknown operator', oblige('filter_rows', { column: 'c', operator: 'like' })],
    ['allow_columns: no columns', oblige('allow_columns', {})],
    ['allow_columns: a text', oblige('allow_columns', { columns: 'c' })],
    ['allow_columns: numbers', oblige('allow_columns', { columns: [1] })],
    ['limit_rows: no max', oblige('limit_rows', {})],
    ['limit_rows: a text', oblige('limit_rows', { max: '1' })],
    ['limit_rows: below nought', oblige('limit_rows', { max: -1 })],
    ['limit_rows: a fraction', oblige('limit_rows', { max: 1.5 })],
    ['expire: no time', oblige('expire', {})],
    ['expire: a number', oblige('expire', { at: 1 })],
    ['expire: words', oblige('expire', { at: 'tomorrow' })],
    ['expire: a bare number in a text', oblige('expire', { at: '1' })],
    ['expire: a time of no zone', oblige('expire', { at: '2026-01-01T00:00:00' })],
    ['expire: a date alone', oblige('expire', { at: '2026-01-01' })],
    ['expire: a month that is none', oblige('expire', { at: '2026-13-01T00:00:00Z' })],
  ])('is a fault: %s', (_, value) => {
    expect(readSaid(value)).toBeTypeOf('string');
  });

  it('takes texts and lists up to their limits', () => {
    expect(readSaid({ deny: [{ message: TEXT_MAX }] })).toBeTypeOf('object');
    expect(readSaid({ deny: Array.from({ length: 1000 }, () => ({ message: 'm' })) })).toBeTypeOf('object');
  });
});
