import { expect, it } from 'vitest';
import { randomSalt } from './salt.js';

it('no two salts are the same, and none changes once it was given', () => {
  const salts = Array.from({ length: 1000 }, randomSalt);
  const texts = salts.map((salt) => Buffer.from(salt).toString('hex'));
  expect(new Set(texts).size).toBe(1000);
  expect(texts.every((text) => /^[0-9a-f]{32}$/.test(text) && !/^0+$/.test(text))).toBe(true);
  randomSalt();
  expect(salts.map((salt) => Buffer.from(salt).toString('hex'))).toEqual(texts);
});
