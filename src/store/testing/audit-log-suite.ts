import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { EncodedEntries } from '../../audit/log.js';
import type { RecordFilter } from '../../audit/query.js';
import { RECORD_KINDS, type DecisionRecord } from '../../audit/record.js';
import { createBundle } from '../../policy/bundle.js';
import { metadataDigest } from '../../product/digest.js';
import { InMemoryRegistry } from '../../registry/in-memory-registry.js';
import type { RegisteredProduct } from '../../registry/registry.js';
import type { Change, Store } from '../store.js';
import { sampleActs } from './sample-acts.js';
import { bytesOf, sampleRecord } from './sample-records.js';

/** Opens a store in a folder: an empty one, or the one that was there. */
type Open = (dataDir: string, queueEntriesMax: number) => Promise<Store>;

const QUEUE_ENTRIES_MAX = 1000;

/** What every implementation of AuditLog MUST do. */
export function auditLogSuite(name: string, open: Open): void {
  describe(`${name} keeps the contract of AuditLog`, () => {
    let dataDir: string;
    let store: Store;

    beforeEach(async () => {
      dataDir = mkdtempSync(join(tmpdir(), 'witan-suite-'));
      store = await open(dataDir, QUEUE_ENTRIES_MAX);
    });
    afterEach(async () => {
      await store.close();
      rmSync(dataDir, { recursive: true, force: true });
    });

    async function reopen(queueEntriesMax = QUEUE_ENTRIES_MAX): Promise<void> {
      await store.close();
      store = await open(dataDir, queueEntriesMax);
    }

    async function products(): Promise<readonly RegisteredProduct[]> {
      return [...new InMemoryRegistry(await store.registry.load()).products()];
    }

    async function allBytes(): Promise<readonly Buffer[]> {
      const { records } = await store.records.query({ order: 'oldest', limit: 1000 });
      expect(records.map(({ sequence }) => sequence)).toEqual(records.map((_, index) => index));
      return records.map(({ bytes }) => bytes);
    }

    test('what was appended is there after reopening, byte for byte', async () => {
      const records = [0, 1, 2, 3, 4].map((n) => sampleRecord(n));
      for (const record of records) await store.audit.append({ record });
      await reopen();
      expect(await allBytes()).toEqual(records.map(bytesOf));
      expect(await store.audit.append({ record: sampleRecord(5) })).toEqual({ sequence: 5 });
    });

    test('sequences of concurrent appends are contiguous, in the order of the calls', async () => {
      const appends: Promise<number>[] = [];
      const answered: number[] = [];
      for (let n = 0; n < 500; n += 1) {
        appends.push(
          store.audit.append({ record: sampleRecord(n) }).then(({ sequence }) => {
            answered.push(sequence);
            return sequence;
          }),
        );
        if (n % 50 === 0) await new Promise(setImmediate);
      }
      const expected = Array.from({ length: 500 }, (_, n) => n);
      expect(await Promise.all(appends)).toEqual(expected);
      expect(answered).toEqual(expected);
      expect(await allBytes()).toEqual(expected.map((n) => bytesOf(sampleRecord(n))));
    });

    test('too many waiting entries are refused at once, and nothing of them is kept', async () => {
      await reopen(10);
      const accepted = Array.from({ length: 10 }, (_, n) => store.audit.append({ record: sampleRecord(n) }));
      await expect(store.audit.append({ record: sampleRecord(99) })).rejects.toMatchObject({
        code: 'overloaded',
      });
      await Promise.all(accepted);
      expect(await store.records.size()).toBe(10);
      expect(await store.audit.append({ record: sampleRecord(10) })).toEqual({ sequence: 10 });
    });

    describe('entries that are appended in one', () => {
      const entries = (...numbers: readonly number[]) => numbers.map((n) => ({ record: sampleRecord(n) }));

      test('stand together, between those that were appended', async () => {
        const before = store.audit.append({ record: sampleRecord(0) });
        const together = store.audit.appendAll(entries(1, 2, 3));
        const behind = store.audit.append({ record: sampleRecord(4) });
        await together;
        expect([await before, await behind]).toEqual([{ sequence: 0 }, { sequence: 4 }]);
        expect(await allBytes()).toEqual([0, 1, 2, 3, 4].map((n) => bytesOf(sampleRecord(n))));
      });

      test('as many as make several groups are all durable, in order', async () => {
        const runs = Array.from({ length: 20 }, (_, run) =>
          store.audit.appendAll(entries(...Array.from({ length: 20 }, (__, n) => run * 20 + n))),
        );
        await Promise.all(runs);
        expect(await allBytes()).toEqual(Array.from({ length: 400 }, (_, n) => bytesOf(sampleRecord(n))));
      });

      test('one that is there already is told, and the others are written', async () => {
        const [first, second, third] = await Promise.allSettled([
          store.audit.appendAll(entries(0, 1)),
          store.audit.appendAll(entries(2, 1, 3)),
          store.audit.appendAll(entries(4)),
        ]);
        expect([first.status, third.status]).toEqual(['fulfilled', 'fulfilled']);
        expect(second).toMatchObject({ reason: { code: 'audit_unavailable' } });
        expect(await allBytes()).toEqual([0, 1, 2, 3, 4].map((n) => bytesOf(sampleRecord(n))));
        expect(store.audit.healthy()).toBe(true);
      });

      test('are refused as a whole when they are too many, or one is not JSON', async () => {
        await reopen(3);
        const circular: { itself?: object } = {};
        circular.itself = circular;
        await expect(store.audit.appendAll(entries(0, 1, 2, 3))).rejects.toMatchObject({
          code: 'overloaded',
        });
        await expect(
          store.audit.appendAll([...entries(0), { record: sampleRecord(1, { parameters: circular }) }]),
        ).rejects.toBeInstanceOf(TypeError);
        await store.audit.appendAll(entries(0, 1, 2));
        expect(await allBytes()).toEqual([0, 1, 2].map((n) => bytesOf(sampleRecord(n))));
      });

      test('nothing of them is kept when a document of one cannot be written', async () => {
        const documents = new Map([
          [
            'sha256:d',
            () => {
              throw new RangeError('the document has no text');
            },
          ],
        ]);
        await expect(
          store.audit.appendAll([...entries(0), { record: sampleRecord(1), documents }]),
        ).rejects.toBeInstanceOf(RangeError);
        expect(await store.audit.append({ record: sampleRecord(2) })).toEqual({ sequence: 0 });
        expect(await allBytes()).toEqual([bytesOf(sampleRecord(2))]);
      });
    });

    describe('records that another process encoded', () => {
      test('stand together, byte for byte, between those that were appended', async () => {
        const before = store.audit.append({ record: sampleRecord(0) });
        const together = store.audit.appendEncoded(encoded([1, 2, 3].map((n) => sampleRecord(n))));
        const behind = store.audit.append({ record: sampleRecord(4) });
        const others = store.audit.appendEncoded(encoded([sampleRecord(5)]));
        expect([await before, await behind]).toEqual([{ sequence: 0 }, { sequence: 4 }]);
        expect(await together).toEqual({ first: 1, refused: [] });
        expect(await others).toEqual({ first: 5, refused: [] });
        await reopen();
        expect(await allBytes()).toEqual([0, 1, 2, 3, 4, 5].map((n) => bytesOf(sampleRecord(n))));
      });

      test('one that is there already is refused alone, whichever it is', async () => {
        await store.audit.append({ record: sampleRecord(0) });
        const positions = await store.audit.appendEncoded(
          encoded([sampleRecord(0), sampleRecord(1), sampleRecord(0), sampleRecord(2)]),
        );
        expect(positions).toMatchObject({ first: 1, refused: [{ at: 0 }, { at: 2 }] });
        expect(await allBytes()).toEqual([0, 1, 2].map((n) => bytesOf(sampleRecord(n))));
      });

      test('bring their documents and masked values', async () => {
        const record = sampleRecord(1);
        const values = [{ pointer: '/subject/id', salt: new Uint8Array(16), value: '"x"' }];
        await store.audit.appendEncoded({
          ...encoded([sampleRecord(0), record]),
          documents: [['sha256:1', '{"a":1}']],
          masked: [{ at: 1, values }],
        });
        expect(await store.evidence.maskedValues(0)).toEqual([]);
        expect(await store.evidence.maskedValues(1)).toMatchObject([
          { pointer: '/subject/id', value: '"x"' },
        ]);
        expect(await store.records.document('sha256:1')).toBe('{"a":1}');
      });

      test('are refused as a whole when they are too many, and nothing of them is kept', async () => {
        await reopen(3);
        const many = [1, 2, 3, 4].map((n) => sampleRecord(n));
        await expect(store.audit.appendEncoded(encoded(many))).rejects.toMatchObject({ code: 'overloaded' });
        expect(await store.audit.appendEncoded(encoded(many.slice(0, 3)))).toEqual({ first: 0, refused: [] });
        expect(await store.records.size()).toBe(3);
      });

      test.each<[string, Partial<EncodedEntries>]>([
        ['no records', { ends: [], ids: [], bytes: new Uint8Array() }],
        ['an end beyond the bytes', { ends: [5, 1_000_000] }],
        ['ends that go back', { ends: [9, 4] }],
        ['fewer ids than records', { ids: ['a'] }],
        ['bytes that belong to none', { bytes: new Uint8Array(4096) }],
        ['masked values of no record', { masked: [{ at: 2, values: [] }] }],
      ])('are refused when they do not add up: %s', async (_, wrong) => {
        const entries = { ...encoded([sampleRecord(0), sampleRecord(1)]), ...wrong };
        await expect(store.audit.appendEncoded(entries)).rejects.toMatchObject({ code: 'internal_error' });
        expect(await store.audit.append({ record: sampleRecord(0) })).toEqual({ sequence: 0 });
      });
    });

    test('closing writes what was accepted, and later appends are refused', async () => {
      const accepted = Array.from({ length: 20 }, (_, n) => store.audit.append({ record: sampleRecord(n) }));
      const closing = store.audit.close();
      await expect(store.audit.append({ record: sampleRecord(99) })).rejects.toMatchObject({
        code: 'audit_unavailable',
      });
      await closing;
      expect(await Promise.all(accepted)).toHaveLength(20);
      await reopen();
      expect(await allBytes()).toHaveLength(20);
    });

    test('an id is taken once; the others of its group are written', async () => {
      const results = await Promise.allSettled(
        [0, 1, 0, 2].map((n) => store.audit.append({ record: sampleRecord(n) })),
      );
      expect(results.map(({ status }) => status)).toEqual([
        'fulfilled',
        'fulfilled',
        'rejected',
        'fulfilled',
      ]);
      expect(results[2]).toMatchObject({ reason: { code: 'audit_unavailable' } });
      expect(results[3]).toEqual({ status: 'fulfilled', value: { sequence: 2 } });
      expect(store.audit.healthy()).toBe(true);
      expect(await allBytes()).toEqual([0, 1, 2].map((n) => bytesOf(sampleRecord(n))));
    });

    test('a record that is not JSON is refused alone', async () => {
      const circular: { itself?: object } = {};
      circular.itself = circular;
      await expect(
        store.audit.append({ record: sampleRecord(0, { parameters: circular }) }),
      ).rejects.toBeInstanceOf(TypeError);
      expect(await store.audit.append({ record: sampleRecord(1) })).toEqual({ sequence: 0 });
    });

    test('documents are stored once by content and are durable with their record', async () => {
      const documents = new Map([['sha256:d1', '{"product":{"id":"✓"}}']]);
      await store.audit.append({ record: sampleRecord(0), documents });
      await store.audit.append({ record: sampleRecord(1), documents });
      await reopen();
      expect(await store.records.document('sha256:d1')).toBe('{"product":{"id":"✓"}}');
      expect(await store.records.document('sha256:d2')).toBeUndefined();
    });

    test('acts of every kind are kept beside decisions, and found by what they name', async () => {
      const acts = sampleActs((n) => {
        const { id, time, caller, revision } = sampleRecord(n + 1);
        return { id, time, caller, revision };
      });
      expect(['decision', ...acts.map(({ kind }) => kind)].sort()).toEqual([...RECORD_KINDS].sort());
      await store.audit.append({ record: sampleRecord(0) });
      for (const record of acts) await store.audit.append({ record });
      const found = async (filter: RecordFilter): Promise<readonly string[]> => {
        const { records } = await store.records.query({ ...filter, order: 'oldest', limit: 100 });
        return records.map(({ bytes }) => JSON.parse(bytes.toString('utf8')).kind);
      };
      for (const { kind } of acts) expect(await found({ kind })).toEqual([kind]);
      expect(await found({ proposal: 'p-1' })).toEqual(['shadow', 'proposal', 'ballot', 'activation']);
      expect(await found({ waiver: 'w-1', policy: 'retention' })).toEqual(['waiver']);
      expect(await found({ code: 'forbidden' })).toEqual(['decision', 'shadow', 'refusal']);
      expect(await found({ code: 'forbidden', text: 'stewards propose' })).toEqual(['refusal']);
      expect(await found({ layer: 'finance', domain: 'finance', policy: 'purpose' })).toEqual(['quarantine']);
    });

    test('a probe succeeds and leaves no record', async () => {
      expect(await store.audit.probe()).toBe(true);
      expect(await store.records.size()).toBe(0);
    });

    test('changes are committed with their record', async () => {
      await store.audit.append({ record: sampleRecord(0), changes: sampleChanges() });
      await reopen();
      expect(await store.registry.load()).toMatchObject({ domains: [FINANCE], entities: [ANN] });
      expect(await products()).toEqual([product(1)]);
      const layers = [{ layer: 'finance', digest: BUNDLE.digest }];
      expect(await store.bundles.current()).toEqual({ revision: 1, layers });
      expect(await store.bundles.byDigest(BUNDLE.digest)).toEqual({ layer: 'finance', files: BUNDLE.files });
      expect(await store.bundles.byDigest('sha256:none')).toBeUndefined();

      await store.audit.append({
        record: sampleRecord(1),
        changes: [
          { kind: 'put_product', product: product(2) },
          { kind: 'put_entity', entity: { ...ANN, domain: 'finance' } },
        ],
      });
      expect(await store.registry.load()).toMatchObject({
        entities: [{ id: 'ann', domain: 'finance' }],
      });
      expect(await products()).toEqual([product(2)]);
      await store.audit.append({
        record: sampleRecord(2),
        changes: [{ kind: 'delete_product', id: 'orders' }],
      });
      expect(await products()).toEqual([]);
    });

    test('a change that contradicts what is stored is refused with its record and its other changes, and alone', async () => {
      const activate = (revision: number, digest = BUNDLE.digest): Change => ({
        kind: 'activate',
        revision,
        layers: new Map([['finance', digest]]),
      });
      await store.audit.append({ record: sampleRecord(0), changes: sampleChanges() });
      const results = await Promise.allSettled([
        store.audit.append({ record: sampleRecord(1) }),
        // Two proposals that were based on the same revision.
        store.audit.append({ record: sampleRecord(2), changes: [activate(2)] }),
        store.audit.append({
          record: sampleRecord(3),
          changes: [{ kind: 'delete_product', id: 'orders' }, activate(2)],
        }),
        store.audit.append({ record: sampleRecord(4), changes: [activate(3, 'sha256:not kept')] }),
        store.audit.append({ record: sampleRecord(5) }),
      ]);
      expect(results.map((result) => (result.status === 'fulfilled' ? result.value.sequence : 'no'))).toEqual(
        [1, 2, 'no', 'no', 3],
      );
      expect(await store.bundles.current()).toMatchObject({ revision: 2 });
      expect(await products()).toEqual([product(1)]);
      expect(await allBytes()).toEqual([0, 1, 2, 5].map((n) => bytesOf(sampleRecord(n))));
    });

    test('metadata that are registered are not written again by a record that names them', async () => {
      await store.audit.append({ record: sampleRecord(0), changes: sampleChanges() });
      await reopen();
      await store.registry.load();
      const { digest } = product(1);
      const written = (): string => expect.fail('they are stored');
      await store.audit.append({
        record: sampleRecord(1, { metadata: digest }),
        documents: new Map([[digest, written]]),
      });
      expect(await store.records.document(digest)).toBeDefined();
    });

    test('content under a wrong digest is refused', async () => {
      const wrong = { ...product(1), digest: 'sha256:0' };
      await expect(
        store.audit.append({ record: sampleRecord(0), changes: [{ kind: 'put_product', product: wrong }] }),
      ).rejects.toMatchObject({ code: 'internal_error' });
      expect(await store.records.size()).toBe(0);
    });
  });
}

const FINANCE = { path: 'finance', name: 'Finance' };
const ANN = { type: 'user', id: 'ann', properties: { clearance: 3 } };
const BUNDLE = createBundle([
  { path: 'manifest.yaml', text: 'layer: finance\nversion: 1.0.0\npolicies: {}\n' },
]);

function product(version: number): RegisteredProduct {
  const metadata = { product: { id: 'orders', name: `Orders ${version}` }, contracts: [] };
  return {
    id: 'orders',
    domain: 'finance',
    ...metadata,
    digest: metadataDigest(metadata),
    registeredAt: '2026-01-01T00:00:00.000Z',
    updatedAt: `2026-01-0${version}T00:00:00.000Z`,
  };
}

function sampleChanges(): readonly Change[] {
  return [
    { kind: 'put_domain', domain: FINANCE },
    { kind: 'put_entity', entity: ANN },
    { kind: 'put_product', product: product(1) },
    { kind: 'put_bundle', digest: BUNDLE.digest, layer: BUNDLE.layer, files: BUNDLE.files },
    { kind: 'activate', revision: 1, layers: new Map([['finance', BUNDLE.digest]]) },
  ];
}

/** Records as another process encodes them. */
function encoded(records: readonly DecisionRecord[]): EncodedEntries {
  const bodies = records.map(bytesOf);
  let end = 0;
  return {
    bytes: Buffer.concat(bodies),
    ends: bodies.map(({ length }) => (end += length)),
    ids: records.map(({ id }) => id),
    documents: [],
    masked: [],
  };
}
