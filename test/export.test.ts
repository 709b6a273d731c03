import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EXPORT_FORMATS } from '../src/audit/export/export-format.js';
import { verifyExportFile } from '../src/cli/verify-export-file.js';
import { openStore } from '../src/store/sqlite/open-store.js';
import { jsonOf, post, root, runShell, startService, type RunningService } from './service.js';
import { fetchAuthorized } from './tokens.js';

const permitted = JSON.parse(readFileSync(join(root, 'fixtures/requests/permit.json'), 'utf8'));
const refused = JSON.parse(readFileSync(join(root, 'fixtures/requests/global-refusal.json'), 'utf8'));
const folder = mkdtempSync(join(tmpdir(), 'witan-exports-'));
const dataDir = join(folder, 'data');

let service: RunningService;
let vkeys: readonly string[];
beforeAll(async () => {
  service = await startService({ WITAN_DATA_DIR: dataDir });
  for (let n = 0; n < 12; n += 1) {
    await post(`${service.url}/access/v1/evaluation`, n % 3 === 0 ? refused : permitted);
  }
  const store = await openStore({ dataDir, queueEntriesMax: 1, readOnly: true });
  vkeys = await store.tree.keys();
  await store.close();
});
afterAll(async () => {
  expect(await service.stop()).toBe(0);
});

async function fetched(
  query: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<[Response, string]> {
  const response = await fetchAuthorized(`${service.url}/v1/records/export${query}`, { headers });
  const path = join(folder, 'fetched');
  writeFileSync(path, Buffer.from(await response.arrayBuffer()));
  return [response, path];
}

describe.each(EXPORT_FORMATS)('an export as %s', (format) => {
  test('over HTTP covers all that was acknowledged, and verifies', async () => {
    const answer = await post(`${service.url}/access/v1/evaluation`, permitted);
    const { id } = (await jsonOf(answer)).context;
    const [response, path] = await fetched(`?format=${format}`);
    const size = Number(/records-(\d+)\./.exec(response.headers.get('content-disposition') ?? '')?.[1]);
    expect(response.headers.get('content-disposition')).toBe(
      `attachment; filename="witan-records-${size}.${format}"`,
    );
    expect(await verifyExportFile(path, vkeys)).toMatchObject({
      ok: true,
      format,
      rows: size,
      completeness: 'proved',
      statement: { keys: vkeys, first: 0, last: size - 1 },
    });
    const listed = await jsonOf(fetchAuthorized(`${service.url}/v1/records?limit=1`));
    expect(listed.records[0]).toMatchObject({ sequence: size - 1, record: { id } });
  });

  test('from the command line is the same from a service and from its folder', async () => {
    // Everything is sealed by the export over HTTP, which the folder is read up to.
    await fetched('');
    const files: readonly string[] = [join(folder, `server.${format}`), join(folder, `folder.${format}`)];
    const sources = [`--server ${service.url}`, `--data-dir ${dataDir}`];
    for (const [at, source] of sources.entries()) {
      const ended = await runShell(
        `node dist/cli/main.js audit export --decision false --format ${format} --out ${files[at]} ${source}`,
      );
      expect(ended).toMatchObject({ code: 0, stdout: '' });
    }
    const verified = await Promise.all(files.map((file) => verifyExportFile(file, vkeys)));
    expect(verified[0]).toMatchObject({ ok: true, rows: 4, statement: { query: 'decision=false' } });
    const timeless = verified.map((each) => each.ok && { ...each.statement, extracted_at: '' });
    expect(timeless[0]).toEqual(timeless[1]);
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
    const piped = await runShell(
      `node dist/cli/main.js audit export --decision false --format ${format} --data-dir ${dataDir} > ${folder}/piped`,
    );
    expect(piped.code).toBe(0);
    expect(await verifyExportFile(join(folder, 'piped'), vkeys)).toMatchObject({ ok: true, rows: 4 });
  });
});

describe('an export over HTTP', () => {
  test.each([
    ['text/csv', 'text/csv; charset=utf-8; header=present'],
    ['application/vnd.apache.parquet', 'application/vnd.apache.parquet'],
    ['text/csv;q=0.5, application/x-ndjson', 'application/x-ndjson'],
    ['*/*', 'application/x-ndjson'],
  ])('is what `Accept: %s` prefers', async (accept, type) => {
    const [response] = await fetched('?kind=decision', { Accept: accept });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, type]);
  });

  test.each([
    ['?format=xml', {}, /`format` is `xml`; expected ndjson, csv, parquet/],
    ['', { Accept: 'image/png' }, /`Accept` names none of/],
    ['?knd=decision', {}, /`knd` is not known here/],
  ])('refuses %s', async (query, headers, expected) => {
    const [response, path] = await fetched(query, headers);
    expect(response.status).toBe(400);
    expect(JSON.parse(readFileSync(path, 'utf8')).detail).toMatch(expected);
  });

  test('refuses a fifth at the same time, and only for as long as the others are taken', async () => {
    // More than connections hold by themselves, so that an answer that is not read is not written to its end.
    const large = { ...permitted, context: { ...permitted.context, note: 'x'.repeat(900_000) } };
    for (let n = 0; n < 24; n += 1) await post(`${service.url}/access/v1/evaluation`, large);
    const url = `${service.url}/v1/records/export`;
    const taken = await Promise.all(Array.from({ length: 4 }, () => fetchAuthorized(url)));
    expect(taken.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const fifth = await fetchAuthorized(url);
    expect([fifth.status, fifth.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await jsonOf(fifth)).toMatchObject({ code: 'overloaded' });
    // One is broken off by whoever asked; its place is free again.
    await taken[0]!.body!.cancel();
    await expect.poll(async () => (await fetchAuthorized(url, { method: 'HEAD' })).status).toBe(200);
    const path = join(folder, 'large');
    writeFileSync(path, Buffer.from(await taken[1]!.arrayBuffer()));
    expect(await verifyExportFile(path, vkeys)).toMatchObject({ ok: true });
    await Promise.all(taken.slice(2).map((each) => each.body!.cancel()));
  });

  test('says what it would be to HEAD', async () => {
    const response = await fetchAuthorized(`${service.url}/v1/records/export?format=csv`, { method: 'HEAD' });
    expect(response.headers.get('content-type')).toMatch(/^text\/csv/);
  });
});

test('a file is there whole or not at all, and a key that is not the log`s verifies nothing', async () => {
  const [out, missing] = [join(folder, 'none.ndjson'), join(folder, 'nowhere')];
  const ended = await runShell(
    `node dist/cli/main.js audit export --out ${out} --data-dir ${missing} || exit $?`,
  );
  expect([ended.code, existsSync(out)]).toEqual([3, false]);
  const [, path] = await fetched('');
  expect(await verifyExportFile(path, [])).toMatchObject({ ok: false });
  await expect(verifyExportFile(path, ['x'])).rejects.toThrow('expected `<name>+<id>+<base64>`');
});

const pyarrow = spawnSync('python3', ['-c', 'import pyarrow']).status === 0;
test.skipIf(!pyarrow)('Parquet is read by pyarrow (skipped where it is not installed)', async () => {
  const [, path] = await fetched('?format=parquet&kind=decision');
  const read = spawnSync('python3', [
    '-c',
    `import json, pyarrow.parquet as p
file = p.ParquetFile(${JSON.stringify(path)})
rows = file.read().to_pylist()
assert all(json.loads(row['record'])['id'] == row['id'] for row in rows)
assert all(row['time'].year > 2000 for row in rows)
print(len(rows), json.loads(file.schema_arrow.metadata[b'witan.export'])['count'])`,
  ]);
  expect(read.stderr.toString()).toBe('');
  const [rows, count] = read.stdout.toString().trim().split(' ');
  expect(rows).toBe(count);
});
