import Database from 'better-sqlite3';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NO_MASKED_VALUES } from '../audit/masked-values.js';
import { decide } from '../decision/decide.js';
import { createQuarantine } from '../decision/quarantine.js';
import { NO_WAIVERS } from '../decision/waiver.js';
import { load, NO_SALT, testToolchain } from '../decision/testing/load-for-test.js';
import { uuidv7 } from '../ids.js';
import { LOCAL_CALLER } from '../identity/caller.js';
import { createPoliciesOnRecord } from './policies-on-record.js';
import { createBundle, type Bundle } from '../policy/bundle.js';
import { policiesInForce, type PoliciesInForce } from '../policy/in-force.js';
import { InMemoryRegistry } from '../registry/in-memory-registry.js';
import { createOpaBuiltins } from '../rego/opa-builtins.js';
import { createReplays } from '../replays.js';
import { openStore } from '../store/sqlite/open-store.js';
import type { Store } from '../store/store.js';

const HEAD =
  '# METADATA\n# scope: package\n# title: T\n# description: D.\n# custom:\n#   applies_to: [access]\n';

/** A policy that reads a library of `global`, so that a module depends on the bundles above it. */
function bundle(layer: string, said: string): Bundle {
  const global = layer === 'global';
  return createBundle([
    {
      path: 'manifest.yaml',
      text: JSON.stringify({ layer, version: '1.0.0', policies: { says: { enforcement: 'hard' } } }),
    },
    ...(global
      ? [{ path: 'lib/words.rego', text: `package mesh.global.lib.words\n\nword := "${said}"\n` }]
      : []),
    {
      path: 'policy/says.rego',
      text: `${HEAD}package mesh.${layer}.policy.says\n\nimport data.mesh.global.lib.words\n\npermit := true\n\nadvice contains {"message": concat(" ", ["${said}", words.word])}\n`,
    },
  ]);
}

/** Each revision changes one layer; the fourth goes back to the bundle of the first. */
const REVISIONS: readonly (readonly [global: string, sales: string])[] = [
  ['one', 'first'],
  ['two', 'first'],
  ['two', 'second'],
  ['one', 'first'],
];

describe('policies on record', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'witan-on-record-'));
  const toolchain = testToolchain();
  const opaBuiltins = createOpaBuiltins({ wasmPath: toolchain.wasmPath });
  const nowMs = () => Date.parse('2026-06-01T00:00:00Z');
  const newId = uuidv7(nowMs);
  const registry = new InMemoryRegistry({
    domains: [{ path: 'sales', name: 'sales' }],
    entities: [],
    products: [],
  });
  const decisions: { readonly id: string; readonly said: string }[] = [];
  let store: Store;
  let last: PoliciesInForce;

  beforeAll(async () => {
    store = await openStore({ dataDir, queueEntriesMax: 100 });
    for (const [index, [global, sales]] of REVISIONS.entries()) {
      const revision = index + 1;
      const bundles = [bundle('global', global), bundle('sales', sales)];
      last = policiesInForce(revision, await load(toolchain, ...bundles));
      await activate(bundles, last);
      const { entry } = decide(
        { policies: last, registry, waivers: NO_WAIVERS, quarantine: createQuarantine() },
        {
          subject: { type: 'user', id: 'ann' },
          action: { name: 'read' },
          resource: { type: 'table', id: 't', properties: { domain: 'sales' } },
        },
        { id: newId(), nowMs: nowMs(), caller: LOCAL_CALLER, salt: NO_SALT },
      );
      await store.audit.append(entry);
      decisions.push({ id: entry.record.id, said: `${sales} ${global}` });
    }
  });
  afterAll(async () => {
    await store.close();
    opaBuiltins.close();
    await toolchain.close();
    rmSync(dataDir, { recursive: true });
  });

  const activate = async (bundles: readonly Bundle[], policies: PoliciesInForce): Promise<void> => {
    const { revision } = policies;
    const head = { id: newId(), time: new Date(nowMs()).toISOString(), caller: LOCAL_CALLER, revision };
    const law = {
      layers: [...policies.layers.values()].map(({ layer, digest, moduleDigest: module }) => ({
        layer,
        digest,
        ...(module !== undefined && { module }),
      })),
      toolchain: await toolchain.identity(),
    };
    await store.audit.append({
      record:
        revision === 1
          ? { ...head, kind: 'seed', ...law }
          : { ...head, kind: 'activation', by: 'council', layer: 'global', ...law },
      changes: [
        ...bundles.map(({ digest, layer, files }) => ({ kind: 'put_bundle' as const, digest, layer, files })),
        { kind: 'activate', revision, layers: new Map(bundles.map(({ layer, digest }) => [layer, digest])) },
      ],
    });
  };
  /** Replays of their own, with nothing loaded yet but what is in force. */
  const replays = (from: Store = store, inForce?: PoliciesInForce) => {
    const compiled: string[] = [];
    const policiesOnRecord = createPoliciesOnRecord({
      bundles: from.bundles,
      toolchain,
      opaBuiltins,
      ...(inForce !== undefined && { inForce: () => inForce }),
      progress: (message) => compiled.push(message),
    });
    const { records } = from;
    const made = createReplays({ records, maskedValues: NO_MASKED_VALUES, policiesOnRecord, toolchain });
    return { compiled, ...made };
  };
  const EQUAL = { equal: true, differences: [], toolchain: 'same' };

  it('every decision replays with the bundles of its own revision, each module compiled once', async () => {
    const { replay, compiled } = replays();
    for (const { id } of [...decisions, ...decisions]) expect(await replay(id)).toEqual({ id, ...EQUAL });
    // `sales` of the second revision is that of the first under another library.
    expect(compiled).toEqual([
      'loading `global` of revision 1',
      'loading `sales` of revision 1',
      'loading `global` of revision 2',
      'loading `sales` of revision 2',
      'loading `sales` of revision 3',
    ]);
  });

  it('what is in force serves where the digests agree', async () => {
    const { replay, compiled } = replays(store, last);
    for (const at of [0, 3]) expect(await replay(decisions[at]!.id)).toMatchObject(EQUAL);
    expect(compiled).toEqual([]);
  });

  it('those that come at once wait for one compilation', async () => {
    const { replay, compiled } = replays();
    const [first] = decisions;
    const made = await Promise.all(Array.from({ length: 20 }, () => replay(first!.id)));
    for (const each of made) expect(each).toMatchObject(EQUAL);
    expect(compiled).toHaveLength(2);
  });

  it('more than may wait are refused', async () => {
    const { replay } = replays();
    const made = await Promise.allSettled(Array.from({ length: 80 }, () => replay(decisions[1]!.id)));
    const refused = made.filter(({ status }) => status === 'rejected');
    expect(refused.length).toBeGreaterThan(0);
    for (const each of refused) expect(each).toMatchObject({ reason: { code: 'overloaded' } });
  });

  it('explains with the lines of its own bundles', async () => {
    const { explain } = replays();
    const { id, said } = decisions[2]!;
    const explained = await explain(id);
    expect(explained).toMatchObject({ id, equal: true, explanation: { decision: true, differs: false } });
    expect(JSON.stringify(explained)).toContain(said);
  });

  it('a record of another kind, and one that is not there', async () => {
    const { replay, explain } = replays();
    const { records } = await store.records.query({ kind: 'seed', order: 'oldest', limit: 1 });
    const { id } = JSON.parse(records[0]!.bytes.toString()) as { readonly id: string };
    const refusal = {
      replayable: false,
      reason: 'cannot be replayed: it is no decision but a record of kind `seed`',
    };
    expect(await replay(id)).toEqual(refusal);
    expect(await explain(id)).toEqual(refusal);
    await expect(replay('none')).rejects.toMatchObject({ code: 'not_found' });
  });

  it.each([
    [
      "UPDATE bundles SET files = replace(files, 'second', 'third') WHERE layer = 'sales'",
      /^cannot be replayed: the stored files are not those of the bundle `sha256:[0-9a-f]{64}` of `sales`$/,
    ],
    [
      "DELETE FROM bundles WHERE files LIKE '%second%'",
      /^cannot be replayed: the bundle `.*` of `sales` is gone$/,
    ],
  ])('bundles that were changed in the database are refused: %s', async (sql, reason) => {
    const copy = mkdtempSync(join(tmpdir(), 'witan-on-record-'));
    const db = new Database(join(dataDir, 'witan.db'), { readonly: true });
    await db.backup(join(copy, 'witan.db'));
    db.close();
    const changed = new Database(join(copy, 'witan.db'));
    changed.pragma('foreign_keys = OFF');
    changed.exec(sql);
    changed.close();
    const opened = await openStore({ dataDir: copy, queueEntriesMax: 1, readOnly: true });
    try {
      const { replay, explain } = replays(opened);
      const { id } = decisions[2]!;
      expect(await replay(id)).toMatchObject({ replayable: false, reason: expect.stringMatching(reason) });
      expect(await explain(id)).toMatchObject({ replayable: false, reason: expect.stringMatching(reason) });
      // The others are as they were.
      expect(await replay(decisions[0]!.id)).toMatchObject(EQUAL);
    } finally {
      await opened.close();
      rmSync(copy, { recursive: true });
    }
  });
});
