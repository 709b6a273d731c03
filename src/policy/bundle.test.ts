import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WitanError } from '../errors.js';
import { bundleDigest, createBundle, filesIn, type BundleFile } from './bundle.js';

const MANIFEST = 'layer: finance\nversion: 1.0.0\npolicies:\n  p: { enforcement: hard }\n';
const FILES: readonly BundleFile[] = [
  { path: 'manifest.yaml', text: MANIFEST },
  { path: 'policy/p.rego', text: 'package mesh.finance.policy.p\n' },
  { path: 'lib/l.rego', text: 'package mesh.finance.lib.l\n' },
  { path: 'data/d.json', text: '{}' },
  { path: 'test/p_test.rego', text: '' },
  { path: 'README.md', text: '# é' },
];

function thrownBy(files: readonly BundleFile[], folder?: string): WitanError {
  try {
    createBundle(files, folder);
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(WitanError);
    return thrown as WitanError;
  }
  throw new Error('nothing was thrown');
}

describe('making a bundle', () => {
  it('holds its files in order of their paths, with manifest, layer and digest', () => {
    const bundle = createBundle(FILES);
    const paths = FILES.map(({ path }) => path).sort();
    expect(bundle.layer).toBe('finance');
    expect(bundle.files.map(({ path }) => path)).toEqual(paths);
    expect(bundle.digest).toBe(bundleDigest(FILES));
    expect(filesIn(bundle, 'policy').map(({ path }) => path)).toEqual(['policy/p.rego']);
  });

  it.each([
    'policy/p.txt',
    'policy/P.rego',
    'policy/sub/p.rego',
    'lib/2.rego',
    'data/d.yaml',
    'test/p.rego',
    'notes.md',
    '/policy/p.rego',
    '../policy/p.rego',
    'policy/../p.rego',
    'policy\\p.rego',
    '',
  ])('refuses the file %j, which has no place', (path) => {
    const { code, faults } = thrownBy([...FILES, { path, text: '' }], 'domains/finance');
    expect(code).toBe('bundle_invalid');
    expect(faults).toMatchObject([{ file: `domains/finance/${path}` }]);
  });

  it('reports every fault at once', () => {
    const files = FILES.filter(({ path }) => path !== 'policy/p.rego');
    const wrong = ['policy/q.rego', 'data/d.json', 'other'].map((path) => ({ path, text: '' }));
    expect(thrownBy([...files, ...wrong]).faults).toMatchObject([
      { file: 'data/d.json', message: 'stands in the bundle twice' },
      { file: 'other' },
      { file: 'policy/q.rego', message: expect.stringContaining('does not name the policy `q`') as string },
      { file: 'manifest.yaml', pointer: '/policies/p' },
    ]);
  });

  it('refuses a bundle without manifest, one with a wrong one, and one too large', () => {
    const empty = thrownBy([], 'global');
    expect(empty).toMatchObject({ code: 'manifest_invalid', faults: [{ file: 'global/manifest.yaml' }] });
    const wrong = thrownBy([{ path: 'manifest.yaml', text: 'layer: X' }], 'global');
    expect(wrong).toMatchObject({ code: 'manifest_invalid', faults: [{ file: 'global/manifest.yaml' }, {}] });
    const many = Array.from({ length: 2001 }, (_, index) => ({ path: `data/d${index}.json`, text: '' }));
    expect(thrownBy(many).code).toBe('bundle_too_large');
    const large = { path: 'data/d.json', text: 'x'.repeat(16 * 1024 * 1024 + 1) };
    expect(thrownBy([large]).code).toBe('bundle_too_large');
  });
});

describe("a bundle's digest", () => {
  const file = fc.record({
    path: fc.string({ maxLength: 4 }),
    text: fc.string({ unit: 'grapheme', maxLength: 6 }),
  });
  const files = fc.uniqueArray(file, { selector: ({ path }) => path, maxLength: 5 });
  const check = (property: fc.IProperty<unknown>): void => {
    fc.assert(property, { numRuns: 500 });
  };

  it('does not depend on the order of files', () => {
    check(
      fc.property(
        files.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
        ([all, shuffled]) => {
          expect(bundleDigest(shuffled)).toBe(bundleDigest(all));
        },
      ),
    );
  });

  it('differs for different sets of files', () => {
    const text = (all: readonly BundleFile[]) =>
      JSON.stringify(
        [...all].sort((a, b) => (a.path < b.path ? -1 : 1)).map(({ path, text }) => [path, text]),
      );
    check(
      fc.property(files, files, (a, b) => {
        expect(bundleDigest(a) === bundleDigest(b)).toBe(text(a) === text(b));
      }),
    );
  });

  it('changes with any byte of any file, of its path, and with a file more or less', () => {
    const before = bundleDigest(FILES);
    FILES.forEach((changed, index) => {
      for (let at = 0; at < changed.text.length; at += 1) {
        const text = `${changed.text.slice(0, at)}~${changed.text.slice(at + 1)}`;
        expect(bundleDigest(FILES.with(index, { ...changed, text }))).not.toBe(before);
      }
      expect(bundleDigest(FILES.with(index, { ...changed, text: `${changed.text} ` }))).not.toBe(before);
      expect(bundleDigest(FILES.with(index, { ...changed, path: `${changed.path}x` }))).not.toBe(before);
      expect(bundleDigest(FILES.toSpliced(index, 1))).not.toBe(before);
    });
    // What moves from a path into a text, or from a file into the next, is another bundle.
    expect(bundleDigest([{ path: 'ab', text: 'c' }])).not.toBe(bundleDigest([{ path: 'a', text: 'bc' }]));
  });

  it('is what it was, for ever', () => {
    expect(bundleDigest([])).toBe('sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(bundleDigest([{ path: 'a', text: 'b' }])).toMatch(/^sha256:[0-9a-f]{64}$/);
  });
});
