import { describe, expect, it } from 'vitest';
import { createBundle, type Bundle } from './bundle.js';
import { missingReferences, removedReferences } from './removed-references.js';

const bundleOf = (layer: string, files: Readonly<Record<string, string>>): Bundle =>
  createBundle(
    Object.entries({
      'manifest.yaml': `layer: ${layer}\nversion: 1.0.0\npolicies: {}\n`,
      ...files,
    }).map(([path, text]) => ({ path, text })),
  );
const LIB =
  'package mesh.global.lib.words\n\ndefault polite := false\n\npolite if greeting\n\ngreeting := "hello"\n\ngreet(name) := name\n';
const offered = bundleOf('global', {
  'lib/words.rego': LIB,
  'data/limits.json': '{"most": 3, "least-of": 1}',
});

describe('what a bundle no longer offers', () => {
  it('is every file and every name that is gone', () => {
    const less = bundleOf('global', {
      'lib/words.rego': LIB.replace('greeting := "hello"\n', ''),
      'data/limits.json': '{"most": 4}',
    });
    expect(removedReferences(offered, less)).toEqual([
      { reference: 'data.mesh.global.lib.words', path: 'lib/words.rego', name: 'greeting' },
      { reference: 'data.mesh.global.data.limits', path: 'data/limits.json', name: 'least-of' },
    ]);
    expect(removedReferences(offered, undefined).map(({ reference, name }) => [reference, name])).toEqual([
      ['data.mesh.global.lib.words', undefined],
      ['data.mesh.global.data.limits', undefined],
    ]);
    expect(removedReferences(offered, offered)).toEqual([]);
    expect(removedReferences(undefined, offered)).toEqual([]);
  });

  it('is nothing new where data are not JSON: that is refused as such', () => {
    const broken = bundleOf('global', { 'lib/words.rego': LIB, 'data/limits.json': '{' });
    expect(removedReferences(broken, offered)).toEqual([]);
  });
});

describe('where a layer uses what is gone', () => {
  const greeting = { reference: 'data.mesh.global.lib.words', path: 'lib/words.rego', name: 'greeting' };
  const { name: _, ...words } = greeting;
  it.each([
    ['import data.mesh.global.lib.words\n', words, [1]],
    ['import data.mesh.global.lib.words_of_others\n', words, []],
    ['# data.mesh.global.lib.words\n', words, []],
    ['x := data.mesh.global.lib.words.greeting\n', greeting, [1]],
    ['import data.mesh.global.lib.words\n\nx := words.greeting\n', greeting, [3]],
    ['import data.mesh.global.lib.words\n\nx := words.greetings\n', greeting, []],
    ['import data.mesh.global.lib.words\n\nx := words["greeting"]\n', greeting, [3]],
    ['import data.mesh.global.lib.words as w\n\nx := w.greeting\ny := words.greeting\n', greeting, [3]],
    ['import data.mesh.global.lib.words.greeting\n', greeting, [1]],
    ['x := words.greeting\n', greeting, []],
    ['import data.mesh.global.lib.words\n\nx := input.words.greeting\n', greeting, []],
  ])('%j', (rego, removed, rows) => {
    const inner = bundleOf('sales', { 'lib/own.rego': rego });
    const faults = missingReferences(inner, [removed]);
    expect(faults.map(({ row }) => row)).toEqual(rows);
    for (const fault of faults)
      expect(fault).toMatchObject({ file: 'sales/lib/own.rego', code: 'library_missing' });
  });

  it('is told with what it is', () => {
    const inner = bundleOf('sales', { 'lib/own.rego': 'x := data.mesh.global.lib.words.greeting\n' });
    expect(missingReferences(inner, [greeting])[0]?.message).toBe(
      '`sales` no longer works with this bundle: it uses `data.mesh.global.lib.words.greeting`, and `lib/words.rego` no longer has it',
    );
  });
});
