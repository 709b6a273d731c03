import { afterAll, describe, expect, test } from 'vitest';
import { createOpaBuiltins } from './opa-builtins.js';
import { objectOf, setOf } from './value.js';

const wasmPath = 'build/toolchain.wasm';
const opa = createOpaBuiltins({ wasmPath });
afterAll(() => {
  opa.close();
});

describe("OPA's own built-ins, called synchronously", () => {
  test('give values, sets and large numbers included', () => {
    expect(opa.call('union', [setOf([setOf([1, 'a']), setOf([2n ** 70n])])], 0n)).toEqual(
      setOf([1, 2n ** 70n, 'a']),
    );
    expect(opa.call('object.get', [objectOf([[true, 'x']]), true, null], 0n)).toBe('x');
    expect(opa.call('time.now_ns', [], 1_700_000_000_123_456_789n)).toBe(1_700_000_000_123_456_789n);
    expect(opa.call('count', ['\ufeffå😀'], 0n)).toBe(3);
  });

  test('are undefined, or fail without naming a value', () => {
    expect(opa.call('max', [[]], 0n)).toBeUndefined();
    expect(() => opa.call('to_number', ['secret'], 0n)).toThrow(/^(?!.*secret)/);
    expect(() => opa.call('count', [7], 0n)).toThrow('operand 1 must be');
    expect(() => opa.call('http.send', [objectOf([])], 0n)).toThrow('OPA cannot compute it');
  });

  test('a call that takes too long is given up, and the next one works', () => {
    const impatient = createOpaBuiltins({ wasmPath, timeLimitMs: 1000 });
    impatient.start();
    const many = Array.from({ length: 2000 }, (_, index) => index);
    const template = '{{range .l}}{{range $.l}}{{range $.l}}x{{end}}{{end}}{{end}}';
    const started = performance.now();
    expect(() => impatient.call('strings.render_template', [template, objectOf([['l', many]])], 0n)).toThrow(
      expect.objectContaining({ code: 'budget_exhausted' }) as Error,
    );
    expect(performance.now() - started).toBeLessThan(10_000);
    impatient.start();
    expect(impatient.call('count', [[1, 2]], 0n)).toBe(2);
    impatient.close();
  });

  test('operands that are too long are refused', () => {
    expect(() => opa.call('count', ['x'.repeat(2_000_000)], 0n)).toThrow('longer than');
  });

  test('answers are never those of another call, however many there are', () => {
    for (let turn = 0; turn < 2000; turn += 1)
      expect(opa.call('count', ['x'.repeat(turn % 50)], 0n)).toBe(turn % 50);
  });
});
