import { describe, expect, it } from 'vitest';
import { assemble, placeInFiles, type ReadFile } from './assemble.js';
import { parseDocument } from '../document/parse.js';
import { readDescriptor } from './read.js';

function file(name: string, text: string): ReadFile {
  const { document, locate } = parseDocument(text, { file: name });
  return { file: name, locate, metadata: readDescriptor(document, { file: name, locate }) };
}

const odps = (id: string, ...contractIds: string[]): ReadFile =>
  file(
    `${id}.odps.yaml`,
    `apiVersion: v1.0.0\nkind: DataProduct\nid: ${id}\nstatus: active\noutputPorts:\n${contractIds
      .map((contract) => `  - name: ${contract}\n    version: 1.0.0\n    contractId: ${contract}\n`)
      .join('')}`,
  );

const odcs = (id: string, more = ''): ReadFile =>
  file(
    `${id}.odcs.yaml`,
    `apiVersion: v3.1.0\nkind: DataContract\nid: ${id}\nversion: 1.0.0\nstatus: active\n${more}schema:\n  - name: t\n    properties:\n      - name: c\n`,
  );

const summary = (files: ReadFile[]): unknown[] =>
  assemble(files).map(({ product, contracts }) => [product.id, contracts.map(({ id }) => id)]);

describe('products of files', () => {
  it.each<[string, ReadFile[], unknown[]]>([
    ['joins a contract that an output port names', [odps('p', 'a'), odcs('a')], [['p', ['a']]]],
    ['whatever the order of files', [odcs('a'), odps('p', 'a')], [['p', ['a']]]],
    ['in the order of files', [odcs('b'), odps('p', 'a', 'b'), odcs('a')], [['p', ['b', 'a']]]],
    [
      'to every product that names it',
      [odps('p', 'a'), odps('q', 'a'), odcs('a')],
      [
        ['p', ['a']],
        ['q', ['a']],
      ],
    ],
    [
      'leaves other contracts products of their own',
      [odps('p', 'a'), odcs('b')],
      [
        ['p', []],
        ['b', ['b']],
      ],
    ],
    [
      'takes contracts of one data product as ports of one',
      [odcs('a', 'dataProduct: sales\n'), odcs('b', 'dataProduct: sales\n'), odcs('c')],
      [
        ['sales', ['a', 'b']],
        ['c', ['c']],
      ],
    ],
    ['has nothing of nothing', [], []],
  ])('%s', (_, files, expected) => {
    expect(summary(files)).toEqual(expected);
  });

  it('gives one product one output port for each of its contracts', () => {
    const [product] = assemble([odcs('a', 'dataProduct: sales\n'), odcs('b', 'dataProduct: sales\n')]);
    expect(product?.product.outputPorts?.map(({ contractId }) => contractId)).toEqual(['a', 'b']);
  });
});

describe('where the input of a policy was read', () => {
  const [product] = assemble([odps('p', 'a', 'b'), odcs('b'), odcs('a')]);

  it.each([
    ['/product/outputPorts/1', { file: 'p.odps.yaml', row: 9, column: 5 }],
    ['/product/domain', { file: 'p.odps.yaml', row: 1, column: 1 }],
    ['/contracts/1/schema/0/properties/0', { file: 'a.odcs.yaml', row: 9, column: 9 }],
    ['/contracts/0', { file: 'b.odcs.yaml', row: 1, column: 1 }],
    ['/contracts/7', undefined],
    ['/subject', undefined],
  ])('%s', (path, place) => {
    expect(placeInFiles(product!, path)).toEqual(place);
  });
});
