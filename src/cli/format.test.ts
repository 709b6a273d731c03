import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { runFormat } from './format.js';
import { replaceFile } from './replace-file.js';
import { EXIT } from './terminal.js';
import { bench, folderOf } from './testing/bench.js';

const FINE = 'package fine\n\nx := 1\n';
const UNTIDY = 'package untidy\n\n# why\nx:=1\n\ny   if {\n   x == 1 }\n';
const TIDY = 'package untidy\n\n# why\nx := 1\n\ny if {\n\tx == 1\n}\n';
const BROKEN = 'package broken\n\nx if {\n\tinput.\n}\n';

const folders: { remove: () => void }[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) folder.remove();
});

const made = (files: Readonly<Record<string, string>>): string => {
  const folder = folderOf(files);
  folders.push(folder);
  return folder.path;
};

const format = async (
  paths: readonly string[],
  mode: Parameters<typeof runFormat>[0]['mode'] = 'show',
  as: Parameters<typeof runFormat>[0]['format'] = 'pretty',
) => {
  const needs = bench();
  const code = await runFormat({ paths, mode, format: as }, needs);
  return { code, out: needs.out(), err: needs.err() };
};

describe('witan format', () => {
  it('shows which files differ and how, and changes nothing', async () => {
    const folder = made({ 'a/untidy.rego': UNTIDY, 'fine.rego': FINE, 'data/d.json': '{ "a":1}' });
    const { code, out, err } = await format([folder]);
    expect({ code, err }).toEqual({ code: EXIT.fine, err: '1 of 2 files differs; --write formats them\n' });
    expect(out).toBe(
      `${relative('', join(folder, 'a/untidy.rego'))}\n@@ 4\n-x:=1\n+x := 1\n@@ 6\n-y   if {\n-   x == 1 }\n+y if {\n+  x == 1\n+}\n`,
    );
    expect(readFileSync(join(folder, 'a/untidy.rego'), 'utf8')).toBe(UNTIDY);
  });

  it('says no when something differs and it is asked to check', async () => {
    const folder = made({ 'untidy.rego': UNTIDY, 'fine.rego': FINE });
    const file = relative('', join(folder, 'untidy.rego'));
    expect(await format([folder], 'check')).toMatchObject({ code: EXIT.no, out: `${file}\n` });
    expect(await format([folder], 'check', 'github')).toMatchObject({
      code: EXIT.no,
      out: expect.stringMatching(/^::error file=.*untidy\.rego,line=4::differs .*\[not_formatted\]\n$/),
    });
    expect(await format([join(folder, 'fine.rego')], 'check')).toEqual({
      code: EXIT.fine,
      out: '',
      err: '1 file, none differs\n',
    });
  });

  it('writes what differs and nothing else', async () => {
    const folder = made({ 'untidy.rego': UNTIDY, 'fine.rego': FINE, 'data/d.json': '{ "a":1}' });
    chmodSync(join(folder, 'untidy.rego'), 0o640);
    const before = statSync(join(folder, 'fine.rego')).mtimeMs;
    expect(await format([folder], 'write')).toMatchObject({
      code: EXIT.fine,
      err: '1 of 2 files formatted\n',
    });
    expect(readFileSync(join(folder, 'untidy.rego'), 'utf8')).toBe(TIDY);
    expect(statSync(join(folder, 'untidy.rego')).mode & 0o777).toBe(0o640);
    expect(statSync(join(folder, 'fine.rego')).mtimeMs).toBe(before);
    expect(readFileSync(join(folder, 'data/d.json'), 'utf8')).toBe('{ "a":1}');
    expect(readdirSync(folder).sort()).toEqual(['data', 'fine.rego', 'untidy.rego']);
    expect((await format([folder], 'check')).code).toBe(EXIT.fine);
  });

  it('names what does not parse, leaves it, and formats the others', async () => {
    const folder = made({ 'broken.rego': BROKEN, 'untidy.rego': UNTIDY, 'bytes.rego': 'x' });
    writeFileSync(join(folder, 'bytes.rego'), Buffer.from([0xff, 0xfe]));
    const { code, out, err } = await format([folder], 'write');
    expect({ code, err }).toEqual({ code: EXIT.no, err: '1 of 3 files formatted, 2 faults\n' });
    expect(out).toMatch(/bytes\.rego: .* cannot be read as UTF-8.*\n.*broken\.rego:5:1: .*rego_parse_error/);
    expect(readFileSync(join(folder, 'broken.rego'), 'utf8')).toBe(BROKEN);
    expect(readFileSync(join(folder, 'untidy.rego'), 'utf8')).toBe(TIDY);
  });

  it('answers as data', async () => {
    const folder = made({ 'broken.rego': BROKEN, 'untidy.rego': UNTIDY, 'fine.rego': FINE });
    const { faults, files } = JSON.parse((await format([folder], 'show', 'json')).out);
    expect(faults).toEqual([expect.objectContaining({ code: 'rego_parse_error', row: 5, column: 1 })]);
    expect(files.map(({ differs }: { differs: boolean }) => differs)).toEqual([false, true]);
    expect(files[1].changes[0]).toEqual({ row: 4, removed: ['x:=1'], added: ['x := 1'] });
  });

  it('looks at each file once, and not at what tools keep', async () => {
    const folder = made({
      'a.rego': FINE,
      '.git/b.rego': UNTIDY,
      'node_modules/c.rego': UNTIDY,
      'd.rego~': UNTIDY,
    });
    expect((await format([folder, join(folder, 'a.rego'), folder])).err).toBe('1 file, none differs\n');
  });

  it('refuses what is not there, is no Rego, or holds none', async () => {
    const folder = made({ 'a.json': '{}', 'b.rego': FINE });
    mkdirSync(join(folder, 'empty'));
    await expect(format([join(folder, 'nowhere')])).rejects.toMatchObject({ code: 'not_found' });
    await expect(format([join(folder, 'a.json')])).rejects.toMatchObject({ code: 'invalid_request' });
    await expect(format([join(folder, 'empty')])).rejects.toMatchObject({ code: 'invalid_request' });
  });
});

describe('a file that is replaced', () => {
  it('stays behind its link', async () => {
    const folder = made({ 'real.rego': UNTIDY });
    symlinkSync('real.rego', join(folder, 'link.rego'));
    await replaceFile(join(folder, 'link.rego'), UNTIDY, TIDY);
    expect(lstatSync(join(folder, 'link.rego')).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(folder, 'real.rego'), 'utf8')).toBe(TIDY);
  });

  it('is left alone when somebody has changed it meanwhile', async () => {
    const folder = made({ 'a.rego': 'changed' });
    await expect(replaceFile(join(folder, 'a.rego'), 'before', 'after')).rejects.toMatchObject({
      code: 'invalid_request',
      message: expect.stringContaining('somebody has changed it meanwhile'),
    });
    expect(readFileSync(join(folder, 'a.rego'), 'utf8')).toBe('changed');
    expect(readdirSync(folder)).toEqual(['a.rego']);
  });
});
