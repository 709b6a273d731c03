import Database from 'better-sqlite3';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { as, CouncilMesh, denies, PERMIT, seedOf, SID, SILENT } from './council-mesh.js';
import { jsonOf, temporaryFolder } from './service.js';

const VOTES = [
  ['sid', 'sid', 'approve'],
  ['sue', 'sue', 'approve'],
] as const;
const sales = { layer: 'sales', votes: VOTES };

/** A store at rest in which `sales` was changed by vote, and everything is sealed. */
const honest = new CouncilMesh(
  seedOf({ global: PERMIT, sales: SILENT, finance: SILENT, 'sales/eu': SILENT }),
);
const digests = { seed: '', decided: '', open: '', globalOpen: '' };
let openId = '';

beforeAll(async () => {
  await honest.start();
  digests.seed = honest.app.current.law.bundles.get('sales')?.digest ?? '';
  const decided = await honest.approved(denies('decided'), sales);
  await honest.app.activation.activate(decided.id, {}, SID);
  digests.decided = decided.digest;
  const open = await honest.propose({ ...PERMIT, version: '6.6.6' }, sales);
  digests.open = open.digest;
  openId = open.id;
  digests.globalOpen = (await honest.propose({ ...PERMIT, version: '6.6.6' })).digest;
  await honest.decide();
  await honest.stop();
});
afterAll(() => honest.stop());

/** The same store after somebody wrote into its database; started again. */
async function tampered(write: (db: Database.Database) => void): Promise<CouncilMesh> {
  const dataDir = join(temporaryFolder(), 'data');
  cpSync(honest.environment['WITAN_DATA_DIR']!, dataDir, { recursive: true });
  const mesh = new CouncilMesh({ ...honest.environment, WITAN_DATA_DIR: dataDir });
  mesh.nowMs = honest.nowMs + 1000;
  const db = new Database(mesh.database);
  write(db);
  db.close();
  for (const end of ['', '-wal', '-shm']) rmSync(join(dataDir, `record-index.db${end}`), { force: true });
  await mesh.start();
  return mesh;
}

/** Appends records as whoever has the database can. */
function append(db: Database.Database, ...records: readonly object[]): void {
  let sequence = db.prepare('SELECT max(sequence) FROM records').pluck().get() as number;
  for (const record of records) {
    sequence += 1;
    const id = `01900000-0000-7000-8000-${String(sequence).padStart(12, '0')}`;
    const body = Buffer.from(JSON.stringify({ id, time: '2026-06-01T00:00:00.000Z', ...record }));
    db.prepare('INSERT INTO records (sequence, id, body) VALUES (?, ?, ?)').run(sequence, id, body);
  }
}

const point = (db: Database.Database, digest: string, layer = 'sales'): void => {
  db.prepare('UPDATE revisions SET digest = ? WHERE layer = ? AND revision = 2').run(digest, layer);
};
/** A revision 3 in the tables in which `sales` has another bundle. */
const newRevision = (db: Database.Database, digest: string): void => {
  db.exec(
    'INSERT INTO revisions (revision, layer, digest) SELECT 3, layer, digest FROM revisions WHERE revision = 2',
  );
  db.prepare('UPDATE revisions SET digest = ? WHERE layer = ? AND revision = 3').run(digest, 'sales');
};
const lawOf = (db: Database.Database): object => {
  const bodies = db.prepare('SELECT body FROM records ORDER BY sequence DESC').pluck().all() as Buffer[];
  const { layers, toolchain } = bodies
    .map((body) => JSON.parse(body.toString()))
    .find(({ kind }) => kind === 'activation');
  return { layers, toolchain };
};
const caller = (id: string, ...roles: string[]) => ({ caller: { id, roles } });
const about = () => ({
  layer: 'sales',
  domain: 'sales',
  proposal: openId,
  digest: digests.open,
  revision: 2,
});
const ballot = (member: string) => ({
  kind: 'ballot',
  ...about(),
  ...caller(member, 'steward:sales'),
  seat: member,
  vote: 'approve',
});
const approval = () => ({
  kind: 'proposal',
  event: 'approved',
  ...about(),
  ...caller('witan'),
  base: 2,
  author: 'sid',
  touched: [],
});
const activation = (db: Database.Database, more: object = {}) => ({
  kind: 'activation',
  by: 'council',
  ...about(),
  ...caller('sid'),
  previous: digests.decided,
  ...lawOf(db),
  revision: 3,
  ...more,
});

test('a store that nobody wrote into starts with all its law', async () => {
  const mesh = await tampered(() => undefined);
  expect(mesh.warnings).toEqual([]);
  expect((await mesh.decide()).context.reasons).toMatchObject([{ message: 'decided' }]);
  expect(await jsonOf(fetch(`${mesh.url}/readyz`))).toMatchObject({ status: 'ready', refused: [] });
  await mesh.stop();
});

describe('the bundle of a domain is refused, and what lies under it denied, when somebody', () => {
  test.each<[string, (db: Database.Database) => void, RegExp]>([
    [
      'points the revision to a bundle that was only proposed',
      (db) => {
        point(db, digests.open);
      },
      /the log says that/,
    ],
    [
      'points the revision to the bundle before',
      (db) => {
        point(db, digests.seed);
      },
      /the log says that/,
    ],
    [
      'takes the layer out of the revision',
      (db) => {
        db.exec("DELETE FROM revisions WHERE layer = 'sales' AND revision = 2");
      },
      /no bundle/,
    ],
    [
      'changes the files of the bundle',
      (db) => {
        db.prepare("UPDATE bundles SET files = replace(files, 'decided', 'changed') WHERE digest = ?").run(
          digests.decided,
        );
      },
      /was changed/,
    ],
    [
      'appends an activation',
      (db) => {
        append(db, activation(db));
        newRevision(db, digests.open);
      },
      /no approval of it/,
    ],
    [
      'appends ballots, their approval and an activation',
      (db) => {
        append(db, ballot('sid'), ballot('sue'), approval(), activation(db));
        newRevision(db, digests.open);
      },
      /no approval of it/,
    ],
    [
      'appends the agreement of a second operator',
      (db) => {
        append(
          db,
          {
            kind: 'proposal',
            event: 'opened',
            ...about(),
            ...caller('eve', 'operator'),
            base: 2,
            author: 'eve',
          },
          {
            kind: 'proposal',
            event: 'seconded',
            ...about(),
            ...caller('mal', 'operator'),
            base: 2,
            author: 'eve',
          },
          activation(db, { by: 'break_glass', first_operator: 'eve' }),
        );
        newRevision(db, digests.open);
      },
      /no agreement of a second operator|no proposal of it/,
    ],
    [
      'appends that an emergency is taken back',
      (db) => {
        append(db, activation(db, { by: 'reversion', digest: digests.seed }));
        newRevision(db, digests.seed);
      },
      /no two operators/,
    ],
    [
      'puts in force again what was decided long ago',
      (db) => {
        append(db, activation(db, { digest: digests.decided, proposal: '1', previous: digests.decided }));
        newRevision(db, digests.decided);
      },
      /it was in force before/,
    ],
    [
      'appends a pruning that says what is in force',
      (db) => {
        append(db, {
          kind: 'pruning',
          ...caller('witan'),
          minimum_index: 0,
          previous_minimum_index: 0,
          holds: [],
          reason: 'r',
          revision: 2,
          ...JSON.parse(JSON.stringify(lawOf(db)).replaceAll(digests.decided, digests.open)),
        });
        point(db, digests.open);
      },
      /the log says that/,
    ],
  ])('%s', async (_, write, why) => {
    const mesh = await tampered(write);
    const answer = await mesh.decide();
    expect(answer).toMatchObject({ decision: false, context: { code: 'policy_error' } });
    expect(answer.context.reasons[0]).toMatchObject({
      layer: 'sales',
      message: expect.stringContaining('refused'),
    });
    expect(await mesh.decide('sales/eu')).toMatchObject({
      decision: false,
      context: { code: 'policy_error' },
    });
    // The others go on.
    expect(await mesh.decide('finance')).toMatchObject({ decision: true });
    const warning = mesh.warnings.find((each) => each.includes('the bundle of `sales` is refused'));
    expect(warning).toMatch(why);
    const ready = await jsonOf(fetch(`${mesh.url}/readyz`));
    expect(ready.refused.map(({ layer }: any) => layer)).toContain('sales');
    // Its manifest names nobody.
    expect(mesh.app.current.manifests.has('sales')).toBe(false);
    await mesh.stop();
  });
});

describe('the service does not start when somebody', () => {
  const refused = (write: (db: Database.Database) => void) =>
    expect(tampered(write)).rejects.toMatchObject({
      code: expect.stringMatching(/law_not_decided|store_corrupt/),
    });

  test('points `global` to a bundle that was not decided', () =>
    refused((db) => {
      point(db, digests.globalOpen, 'global');
    }));
  test('changes the files of `global`', () =>
    refused((db) => {
      db.exec(
        "UPDATE bundles SET files = replace(files, 'permit := true', 'permit := true or true') WHERE layer = 'global'",
      );
    }));
  test('adds a revision that no record is of', () =>
    refused((db) => {
      newRevision(db, digests.open);
    }));
  test('goes back to the revision before, and takes its record away', () =>
    refused((db) => {
      db.exec('DELETE FROM revisions WHERE revision = 2');
      db.exec(
        "UPDATE records SET body = replace(body, 'activation', 'activatiom') WHERE body LIKE '%\"kind\":\"activation\"%'",
      );
    }));
  test('changes the seed', () =>
    refused((db) => {
      const globalDigest = db
        .prepare("SELECT digest FROM revisions WHERE layer = 'global' AND revision = 2")
        .pluck()
        .get() as string;
      const body = db.prepare('SELECT body FROM records WHERE sequence = 0').pluck().get() as Buffer;
      db.prepare('UPDATE records SET body = ? WHERE sequence = 0').run(
        Buffer.from(body.toString().replaceAll(globalDigest, digests.globalOpen)),
      );
      point(db, digests.globalOpen, 'global');
    }));
});

test('what somebody appended does not count later, when a start has sealed it', async () => {
  const mesh = await tampered((db) => {
    append(db, ballot('sid'), ballot('sue'), approval());
  });
  expect(mesh.warnings).toEqual([expect.stringContaining('do not count')]);
  const { tree, records } = mesh.app.store;
  await tree.seal(await records.size());
  await mesh.stop();
  const db = new Database(mesh.database);
  append(db, activation(db));
  newRevision(db, digests.open);
  db.close();
  await mesh.start();
  expect(mesh.warnings.at(-1)).toContain('no approval of it lies under a signed checkpoint');
  expect(await mesh.decide()).toMatchObject({ decision: false, context: { code: 'policy_error' } });
  await mesh.stop();
});

test('what stands in the tables of the council puts nothing in force', async () => {
  const mesh = await tampered((db) => {
    const body = JSON.parse(
      db.prepare('SELECT body FROM proposals WHERE id = ?').pluck().get(openId) as string,
    );
    const ballots = ['sid', 'sue'].map((member) => ({
      member,
      seat: member,
      digest: digests.open,
      vote: 'approve',
      at: body.created_at,
    }));
    const edited = { ...body, ballots, state: 'approved', activate_by: '2030-01-01T00:00:00.000Z' };
    db.prepare('UPDATE proposals SET body = ? WHERE id = ?').run(JSON.stringify(edited), openId);
  });
  await expect(mesh.app.activation.activate(openId, {}, SID)).rejects.toMatchObject({
    code: 'proposal_not_approved',
    message: expect.stringContaining('no approval of it lies under a signed checkpoint'),
  });
  expect((await mesh.decide()).context.reasons).toMatchObject([{ message: 'decided' }]);
  await mesh.stop();
});

describe('an emergency ends when the log says, although somebody', () => {
  const mesh = new CouncilMesh(seedOf({ global: PERMIT, sales: SILENT }));
  let id = '';
  beforeAll(async () => {
    await mesh.start();
    id = (await mesh.emergency(denies('stop'), { layer: 'sales' })).id;
    await mesh.app.activation.activate(id, {}, as('otto', 'operator'));
    await mesh.stop();
  });

  test.each<[string, (row: any) => object]>([
    [
      'writes that it was ratified',
      (row) => ({ break_glass: { ...row.break_glass, ratified_at: row.created_at } }),
    ],
    [
      'puts its end off',
      (row) => ({ break_glass: { ...row.break_glass, reverts_at: '2099-01-01T00:00:00.000Z' } }),
    ],
    ['writes that it was none', () => ({ break_glass: undefined })],
    ['writes that something else took its place', () => ({ state: 'superseded' })],
  ])('%s', async (_, edit) => {
    const dataDir = join(temporaryFolder(), 'data');
    cpSync(mesh.environment['WITAN_DATA_DIR']!, dataDir, { recursive: true });
    const edited = new CouncilMesh({ ...mesh.environment, WITAN_DATA_DIR: dataDir });
    const db = new Database(edited.database);
    const row = JSON.parse(db.prepare('SELECT body FROM proposals WHERE id = ?').pluck().get(id) as string);
    db.prepare('UPDATE proposals SET body = ? WHERE id = ?').run(
      JSON.stringify({ ...row, ...edit(row) }),
      id,
    );
    db.close();
    edited.nowMs = mesh.nowMs + 1000;
    await edited.start();
    expect(edited.warnings).toEqual([expect.stringContaining('than the log, which is believed')]);
    expect(await edited.decide()).toMatchObject({ decision: false });
    edited.nowMs += 86_400_000;
    await edited.app.activation.tick();
    expect(await edited.decide()).toMatchObject({ decision: true });
    await edited.stop();
  });
});
