import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SETTINGS } from '../src/config.js';
import { root, runShell, startService, type RunningService } from './service.js';
import { demoTokens } from './tokens.js';

const readme = readFileSync(join(root, 'README.md'), 'utf8');

/** Shell blocks in order, each with the text that is shown to come of it. */
const blocks = [...readme.matchAll(/```sh\n([\s\S]*?)```(?:\s*```text\n([\s\S]*?)```)?/g)].map((match) => ({
  script: match[1] ?? '',
  shown: (match[2] ?? '')
    .trim()
    .split('\n')
    .filter((line) => line !== ''),
}));

let service: RunningService;
/** What stands in the environment of who tried the blocks one after the other. */
const asReader = (): Record<string, string> => ({
  WITAN_DATA_DIR: service.dataDir,
  WITAN_TOKEN: '',
  TOKEN: demoTokens(service.dataDir)['uma']?.token ?? '',
});
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

describe('the README cannot lie', () => {
  test('it has its examples', () => {
    expect(blocks.length).toBeGreaterThanOrEqual(8);
  });

  test.each(blocks)('$script', async ({ script, shown }) => {
    const { code, stdout, stderr } = await runShell(
      script
        .replaceAll('http://127.0.0.1:8180', service.url)
        .replaceAll('./data/demo-tokens.json', join(service.dataDir, 'demo-tokens.json')),
      asReader(),
    );
    expect(code, stderr).toBe(0);
    expect(stdout).not.toContain('"status":4');
    for (const line of shown) expect(stdout).toContain(line);
  });

  test('the settings are those of the code', () => {
    const rows = SETTINGS.map(({ name, default: value, description }) => [
      `\`${name}\``,
      `\`${value}\``,
      description,
    ]);
    const table = /<!-- settings[\s\S]*?<!-- \/settings -->/.exec(readme)?.[0] ?? '';
    const shown = table
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .map((line) =>
        line
          .split('|')
          .slice(1, 4)
          .map((cell) => cell.trim()),
      );
    expect(shown).toEqual(rows);
  });

  test('what it links to is there', () => {
    for (const [, target = ''] of readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)) {
      expect(() => readFileSync(join(root, target)), target).toSatisfy((read: () => unknown) => {
        try {
          return read() !== undefined;
        } catch (thrown) {
          return (thrown as NodeJS.ErrnoException).code === 'EISDIR';
        }
      });
    }
  });

  test('what a start prints to try works when pasted', async () => {
    const commands = service.output().match(/^ {2}curl .*$/gm) ?? [];
    expect(commands).toHaveLength(3);
    for (const command of commands) {
      const { code, stdout } = await runShell(command, { WITAN_TOKEN: '' });
      expect(code).toBe(0);
      expect(stdout).toMatch(/^\{"(decision":true|records)/);
    }
  });
});
