import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SETTINGS } from '../src/config.js';
import { root, runShell, startSeeding, temporaryFolder, type RunningService } from './service.js';
import { demoTokens } from './tokens.js';

const readme = readFileSync(join(root, 'README.md'), 'utf8');

interface Block {
  readonly script: string;
  /** Lines that are shown to come of it, in their order. */
  readonly shown: string[];
}

/** Shell blocks in order; what is shown up to the next one comes of it. */
const blocks: readonly Block[] = [...readme.matchAll(/```(sh|text)\n([\s\S]*?)```/g)].reduce<Block[]>(
  (found, [, language, text = '']) => {
    if (language === 'sh') return [...found, { script: text, shown: [] }];
    found.at(-1)?.shown.push(...text.split('\n').filter((line) => line.trim() !== ''));
    return found;
  },
  [],
);

/** A text without what differs from one run to the next. */
function lasting(text: string): string {
  return text.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>').replace(/sha256:[0-9a-f]+/g, '<digest>');
}

let service: RunningService;
/** What the blocks edit: the policies of the checkout stay as they are. */
const policies = join(temporaryFolder(), 'policies');
/** When a download ends, of each block that asks for one, in days from then. */
const days: number[] = [];
/** What stands in the environment of who tried the blocks one after the other. */
const asReader = (): Record<string, string> => ({
  WITAN_DATA_DIR: service.dataDir,
  WITAN_SERVER: service.url,
  WITAN_TOKEN: '',
  TOKEN: demoTokens(service.dataDir)['uma']?.token ?? '',
});
beforeAll(async () => {
  cpSync(join(root, 'policies'), policies, { recursive: true });
  service = await startSeeding();
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
        .replaceAll('./data/demo-tokens.json', join(service.dataDir, 'demo-tokens.json'))
        .replaceAll('policies/domains/', `${policies}/domains/`),
      asReader(),
    );
    expect(code, stderr).toBe(0);
    expect(stdout).not.toContain('"status":4');
    let rest = lasting(stdout);
    for (const line of shown) {
      const found = rest.indexOf(lasting(line));
      expect(found, `\`${line}\` in ${rest}`).toBeGreaterThanOrEqual(0);
      rest = rest.slice(found);
    }
    const ends = /end the access at (\S+)/.exec(stdout)?.[1];
    if (ends !== undefined) days.push(Math.round((Date.parse(ends) - Date.now()) / 86_400_000));
  });

  test('the rule that is changed decides otherwise, and only in the service', () => {
    expect(days).toEqual([14, 7]);
    const shown = readme.match(/end the access at \S+/g) ?? [];
    expect(new Set(shown).size).toBe(days.length);
    const manifest = join('policies', 'domains', 'sales', 'manifest.yaml');
    expect(readFileSync(join(root, manifest), 'utf8')).toContain('download_days_max: 14');
    expect(readFileSync(join(policies, '..', manifest), 'utf8')).toContain('download_days_max: 7');
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
