import { expect, it } from 'vitest';
import { random16Bytes } from './chance.js';

it('no two portions are the same, and none changes once it was given', () => {
  const portions = Array.from({ length: 1000 }, random16Bytes);
  const texts = portions.map((portion) => Buffer.from(portion).toString('hex'));
  expect(new Set(texts).size).toBe(1000);
  expect(texts.every((text) => /^[0-9a-f]{32}$/.test(text) && !/^0+$/.test(text))).toBe(true);
  random16Bytes();
  expect(portions.map((portion) => Buffer.from(portion).toString('hex'))).toEqual(texts);
});
