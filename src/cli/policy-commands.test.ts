import { CommanderError } from 'commander';
import { afterAll, describe, expect, it } from 'vitest';
import { createProgram } from './program.js';
import { EXIT, type ExitCode } from './terminal.js';
import { bench, folderOf, SMALL_POLICIES } from './testing/bench.js';

const policies = folderOf(SMALL_POLICIES);
afterAll(() => {
  policies.remove();
});

const witan = async (...args: readonly string[]) => {
  const needs = bench();
  let code: ExitCode | undefined;
  const program = createProgram({
    needs,
    toolchainPath: 'build/toolchain.wasm',
    environment: { WITAN_POLICIES: policies.path },
    stopped: () => Promise.resolve(''),
    ended: (ended) => {
      code = ended;
    },
  });
  let thrown: unknown;
  try {
    await program.parseAsync(['node', 'witan', ...args]);
  } catch (caught) {
    thrown = caught;
  }
  return { code, thrown, out: needs.out(), err: needs.err() };
};

describe('the commands for policies', () => {
  it.each([
    { args: ['check'], code: EXIT.fine },
    { args: ['check', '--strict'], code: EXIT.fine },
    { args: ['format', '--check'], code: EXIT.fine },
    { args: ['format', '--json'], code: EXIT.fine },
    { args: ['test', '--coverage'], code: EXIT.fine },
    { args: ['test', '--strict'], code: EXIT.no },
    { args: ['test', '--coverage-min', '99.5'], code: EXIT.no },
    { args: ['test', '--coverage-min', '0'], code: EXIT.fine },
  ])('witan $args ends with $code', async ({ args, code }) => {
    expect(await witan(...args)).toMatchObject({ code, thrown: undefined });
  });

  it('show coverage where a lowest one is asked for', async () => {
    expect((await witan('test', '--coverage-min', '0')).err).toMatch(/ % covered\n$/);
    expect(
      JSON.parse((await witan('test', '--coverage-min', '0', '--json')).out).coverage.percent,
    ).toBeGreaterThan(0);
  });

  it.each([
    { args: ['test', '--coverage-min', 'most'], words: 'expected a number from 0 to 100' },
    { args: ['test', '--coverage-min', '101'], words: 'expected a number from 0 to 100' },
    { args: ['test', '--coverage-min', ''], words: 'expected a number from 0 to 100' },
    { args: ['format', '--check', '--write'], words: "'--check' cannot be used with option '--write'" },
    { args: ['format', '--format', 'junit'], words: 'Allowed choices are pretty, json, github' },
    { args: ['check', '--lenient'], words: "unknown option '--lenient'" },
  ])('$args is wrong use', async ({ args, words }) => {
    const { code, thrown, err } = await witan(...args);
    expect(code).toBeUndefined();
    expect(thrown).toBeInstanceOf(CommanderError);
    expect(err).toContain(words);
  });
});
