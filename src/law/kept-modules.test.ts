import Database from 'better-sqlite3';
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConfig } from '../config.js';
import { testToolchain } from '../decision/testing/load-for-test.js';
import { uuidv7 } from '../ids.js';
import { createOpaBuiltins } from '../rego/opa-builtins.js';
import { moduleInput } from '../rego/policy-module.js';
import type { Toolchain } from '../rego/toolchain.js';
import { ModuleFiles } from '../store/module-files.js';
import { openStore } from '../store/sqlite/open-store.js';
import { startLaw, type Started } from './start-law.js';
import { unsealedActs } from './unsealed-acts.js';
import { verifyLaw } from './verify-law.js';

const root = mkdtempSync(join(tmpdir(), 'witan-modules-'));
const toolchain = testToolchain();
const opaBuiltins = createOpaBuiltins({ wasmPath: toolchain.wasmPath });
const nowMs = (): number => Date.parse('2026-06-01T00:00:00Z');
const newId = uuidv7(nowMs);
const honest = join(root, 'honest');

const POLICY =
  '# METADATA\n# scope: package\n# title: T\n# description: D.\n# custom:\n#   applies_to: [access]\n';

function writeBundle(folder: string, layer: string, files: Readonly<Record<string, string>>): void {
  const policies = 'policy/says.rego' in files ? { says: { enforcement: 'hard' } } : {};
  const manifest = JSON.stringify({ layer, version: '1.0.0', policies });
  for (const [path, text] of Object.entries({ 'manifest.yaml': manifest, ...files })) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

interface Opened extends Started {
  readonly compiled: readonly string[];
  /** How often the toolchain was asked which it is, for which it has to be started. */
  readonly asked: number;
  readonly warnings: readonly string[];
  /** The data that a policy of `sales` gives as advice. */
  readonly said: unknown;
}

/** Starts on a folder, and stops again. @param digest of the toolchain, where it is to be another */
async function started(dataDir: string, digest?: string): Promise<Opened> {
  const compiled: string[] = [];
  let asked = 0;
  const warnings: string[] = [];
  const warn = (message: string): void => void warnings.push(message);
  const config = readConfig({ WITAN_DATA_DIR: dataDir, WITAN_POLICIES: join(root, 'policies') });
  const store = await openStore({
    dataDir,
    queueEntriesMax: 100,
    warn,
    unsealed: unsealedActs({ nowMs, newId, warn }),
  });
  const watched: Toolchain = {
    ...toolchain,
    compile: (source) => {
      compiled.push(source.layer);
      return toolchain.compile(source);
    },
    ...(digest !== undefined && { digest: () => Promise.resolve(digest) }),
    identity: () => {
      asked += 1;
      return toolchain.identity();
    },
  };
  try {
    const law = await startLaw({
      config: { ...config, seed: join(root, 'seed') },
      store,
      toolchain: watched,
      opaBuiltins,
      modules: new ModuleFiles(join(dataDir, 'modules'), warn),
      nowMs,
      newId,
      progress: () => undefined,
      warn,
    });
    await store.tree.seal(await store.records.size());
    const { module } = law.current.policies.layers.get('sales')!;
    const said = module!.evaluate('witan/access', moduleInput({}), 0);
    return { ...law, compiled, asked, warnings, said };
  } finally {
    await store.close();
  }
}

const modulesIn = (dataDir: string): readonly string[] => readdirSync(join(dataDir, 'modules')).sort();

/** A copy of the honest store, with its modules changed by somebody. */
function copy(change: (paths: readonly string[], dataDir: string) => void): string {
  const dataDir = mkdtempSync(join(root, 'copy-'));
  cpSync(honest, dataDir, { recursive: true });
  change(
    modulesIn(dataDir).map((name) => join(dataDir, 'modules', name)),
    dataDir,
  );
  return dataDir;
}

const SAID = { ok: true, value: { says: { advice: [{ message: 'words', n: 1.5 }] } } };

beforeAll(async () => {
  writeBundle(join(root, 'policies/global'), 'global', {
    'lib/words.rego': 'package mesh.global.lib.words\n\nword := data.mesh.global.data.words.word\n',
    'data/words.json': '{"word": "words"}',
    'policy/says.rego': `${POLICY}package mesh.global.policy.says\n\npermit := true\n`,
  });
  writeBundle(join(root, 'policies/domains/sales'), 'sales', {
    'data/numbers.json': '{"n": 1.50}',
    'policy/says.rego': `${POLICY}package mesh.sales.policy.says\n\nimport data.mesh.global.lib.words\n\nadvice contains {"message": words.word, "n": data.mesh.sales.data.numbers.n}\n`,
  });
  writeBundle(join(root, 'policies/domains/bare'), 'bare', {});
  mkdirSync(join(root, 'seed/products'), { recursive: true });
  writeFileSync(join(root, 'seed/people.yaml'), '[]');
  writeFileSync(join(root, 'seed/domains.yaml'), '[{path: sales, name: Sales}, {path: bare, name: Bare}]');
  const first = await started(honest);
  expect(first.compiled).toEqual(['global', 'bare', 'sales']);
  expect(first.said).toEqual(SAID);
});
afterAll(async () => {
  opaBuiltins.close();
  await toolchain.close();
  rmSync(root, { recursive: true });
});

test('a start finds what the one before has made, and asks the toolchain for nothing', async () => {
  expect(modulesIn(honest)).toHaveLength(2);
  const { mode } = lstatSync(join(honest, 'modules', modulesIn(honest)[0]!));
  expect(mode & 0o777).toBe(0o600);
  const dataDir = copy(() => undefined);
  const again = await started(dataDir);
  expect([again.compiled, again.asked]).toEqual([[], 0]);
  expect(again.warnings).toEqual([]);
  expect(again.said).toEqual(SAID);
  const { layers } = again.current.policies;
  expect([...layers.keys()]).toEqual(['global', 'bare', 'sales']);
  expect(layers.get('sales')?.byKind.access.map(({ name, enforcement }) => [name, enforcement])).toEqual([
    ['says', 'hard'],
  ]);
  expect(layers.get('bare')?.module?.evaluate('witan/access', moduleInput({}), 0)).toEqual({
    ok: true,
    value: {},
  });
});

describe('a file that is not what the log names is compiled anew, with a word, and mended, when it', () => {
  const flipped = (path: string): void => {
    const bytes = readFileSync(path);
    bytes[bytes.length - 3]! ^= 1;
    writeFileSync(path, bytes);
  };
  test.each<[string, (paths: readonly string[]) => void, readonly string[], RegExp | undefined]>([
    [
      'has a byte changed',
      ([, second]) => {
        flipped(second!);
      },
      ['one'],
      /is not the module that its name says/,
    ],
    [
      'is swapped with another',
      ([first, second]) => {
        renameSync(first!, `${first!}.x`);
        renameSync(second!, first!);
        renameSync(`${first!}.x`, second!);
      },
      ['one', 'other'],
      /is not the module that its name says/,
    ],
    [
      'is cut off',
      ([first]) => {
        truncateSync(first!, 1000);
      },
      ['one'],
      /is not the module/,
    ],
    [
      'is empty',
      ([first]) => {
        truncateSync(first!, 0);
      },
      ['one'],
      /is not the module/,
    ],
    [
      'is gone',
      ([first]) => {
        rmSync(first!);
      },
      ['one'],
      undefined,
    ],
    [
      'is a link to the same bytes elsewhere',
      ([first]) => {
        renameSync(first!, `${first!}.x`);
        symlinkSync(`${first!}.x`, first!);
      },
      ['one'],
      /cannot be read/,
    ],
    [
      'is a pipe that nobody writes',
      ([first]) => {
        rmSync(first!);
        spawnSync('mkfifo', [first!]);
      },
      ['one'],
      /it is no file/,
    ],
    [
      'is larger than any module',
      ([first]) => {
        truncateSync(first!, 65 * 1024 * 1024);
      },
      ['one'],
      /expected at most/,
    ],
  ])('%s', async (_, change, compiled, warning) => {
    const dataDir = copy(change);
    const again = await started(dataDir);
    expect(again.compiled).toHaveLength(compiled.length);
    expect(again.said).toEqual(SAID);
    if (warning === undefined) expect(again.warnings).toEqual([]);
    else for (const each of again.warnings) expect(each).toMatch(warning);
    expect(again.warnings.length).toBe(warning === undefined ? 0 : compiled.length);
    const next = await started(dataDir);
    expect([next.compiled, next.warnings]).toEqual([[], []]);
  });

  test('stands in a folder that is a link', async () => {
    const dataDir = copy((_, dir) => {
      renameSync(join(dir, 'modules'), join(dir, 'elsewhere'));
      for (const name of readdirSync(join(dir, 'elsewhere'))) rmSync(join(dir, 'elsewhere', name));
      symlinkSync(join(dir, 'elsewhere'), join(dir, 'modules'));
    });
    const again = await started(dataDir);
    expect(again.compiled).toEqual(['global', 'sales']);
    expect(again.warnings).toContainEqual(expect.stringMatching(/could not be kept/));
    expect(readdirSync(join(dataDir, 'elsewhere'))).toEqual([]);
  });
});

test('what another toolchain made is compiled anew', async () => {
  const dataDir = copy(() => undefined);
  const again = await started(dataDir, `sha256:${'0'.repeat(64)}`);
  expect(again.compiled).toEqual(['global', 'bare', 'sales']);
});

test('what is not in force is let go, but the last that were used, and what a crash left', async () => {
  const dataDir = copy((_, dir) => {
    for (let index = 0; index < 70; index += 1) {
      writeFileSync(join(dir, 'modules', `${String(index).padStart(64, '0')}.wasm`), 'x');
    }
    writeFileSync(join(dir, 'modules', `.${'0'.repeat(16)}.part`), 'x');
  });
  await started(dataDir);
  expect(modulesIn(dataDir)).toHaveLength(2 + 64);
  expect(modulesIn(dataDir)).toEqual(expect.arrayContaining([...modulesIn(honest)]));
});

test('an activation that no checkpoint covered names no module to rely on, also when it is sealed later', async () => {
  const evil = `sha256:${'e'.repeat(64)}`;
  const dataDir = copy((_, dir) => {
    const db = new Database(join(dir, 'witan.db'));
    const bodies = db.prepare('SELECT body FROM records ORDER BY sequence').pluck().all() as Buffer[];
    const seed = JSON.parse(bodies[0]!.toString());
    const layers = seed.layers.map((each: object) => ({ ...each, module: evil }));
    const id = '01900000-0000-7000-8000-000000000001';
    const { digest } = seed.layers.find(({ layer }: { layer: string }) => layer === 'sales');
    const record = {
      ...seed,
      id,
      kind: 'activation',
      by: 'council',
      layer: 'sales',
      digest,
      previous: digest,
    };
    const body = Buffer.from(JSON.stringify({ ...record, layers, revision: 2 }));
    db.prepare('INSERT INTO records (sequence, id, body) VALUES (?, ?, ?)').run(bodies.length, id, body);
    db.exec('INSERT INTO revisions (revision, layer, digest) SELECT 2, layer, digest FROM revisions');
    db.close();
    for (const end of ['', '-wal', '-shm']) rmSync(join(dir, `record-index.db${end}`), { force: true });
  });
  for (const _ of ['behind the last checkpoint', 'sealed']) {
    const options = {
      dataDir,
      queueEntriesMax: 100,
      unsealed: unsealedActs({ nowMs, newId, warn: () => {} }),
    };
    const store = await openStore(options);
    try {
      const { modules } = await verifyLaw(store, (await store.bundles.current())!);
      expect(modules).toMatchObject({ kind: 'seed' });
      await store.tree.seal(await store.records.size());
    } finally {
      await store.close();
    }
  }
});
