import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { installed } from './faults/system-command.js';
import { root, temporaryFolder } from './service.js';

/** A short form of `npm run bench`. Nothing is said about speed: that everything runs, and answers rightly, is. */
function bench(...args: readonly string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, ['scripts/bench.mjs', ...args], { cwd: root });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve) => {
    child.once('close', (code) => {
      resolve({ code, stdout, stderr });
    });
  });
}

describe.skipIf(!installed('wrk'))('the benchmark (skipped where wrk is not installed)', () => {
  test('measures decisions whose answers are right, one by one and fifty at once', async () => {
    const out = join(temporaryFolder(), 'bench.json');
    const { code, stdout, stderr } = await bench(
      ...['--only', 'bare,single,boxcar', '--connections', '16', '--rounds', '1', '--seconds', '1'],
      ...['--warm-up', '500', '--json', '--out', out],
    );
    expect(code, stderr).toBe(0);
    const { cases } = JSON.parse(stdout);
    expect(cases).toMatchObject([
      { case: 'bare', contender: 'bare', connections: 16 },
      { case: 'single', contender: 'witan', connections: 16, ratios: { bare: {} } },
      { case: 'boxcar', contender: 'witan', connections: 16, decisions: 50, ratios: { bare: {} } },
    ]);
    for (const { perSecond, p50Ms, p99Ms, cpuUs } of cases) {
      for (const figure of [perSecond, p50Ms, p99Ms, cpuUs]) expect(figure).toBeGreaterThan(0);
      expect(p99Ms).toBeGreaterThanOrEqual(p50Ms);
    }
    expect(JSON.parse(readFileSync(out, 'utf8')).cases).toEqual(cases);
  }, 600_000);

  test.each([
    ['a case that is not there', ['--only', 'single,fast'], '`--only` names `fast`; there are bare, single,'],
    ['no count', ['--rounds', '0'], '`--rounds` is `0`; expected whole numbers from 1 on'],
    ['several where one is wanted', ['--seconds', '1,2'], '`--seconds` is `1,2`; expected one whole number'],
    ['a checkout that is not built', ['--against', 'docs'], '`--against` is `docs`; expected the folder of'],
    ['no setting', ['--set', 'PATH=x'], '`--set` is `PATH=x`; expected a setting such as'],
    ['an option that is not there', ['--quick'], "Unknown option '--quick'"],
  ])('says what is wrong with %s, and measures nothing', (_, args, words) => {
    const { status, stderr } = spawnSync(process.execPath, ['scripts/bench.mjs', ...args], {
      cwd: root,
      encoding: 'utf8',
    });
    expect(status).toBe(2);
    expect(stderr).toContain(words);
    expect(stderr).toContain('npm run bench -- [options]');
  });
});
