import { expect, test } from 'vitest';
import { Tally } from './tally.js';
import { table, verdict } from './verdict.js';

const found = { records: 3, untold: 0, lost: [], duplicates: [], changed: [], disorder: [] };

function tallyOf(findings: object): Tally {
  const tally = new Tally();
  tally.add({ ...found, ...findings });
  return tally;
}

test.each([
  ['nothing', {}, []],
  ['a loss', { lost: ['a'] }, ['kill: lost: a']],
  ['a duplicate', { duplicates: ['a'] }, ['kill: duplicates: a']],
  ['a change', { changed: ['a', 'b'] }, ['kill: changed: a, b']],
  [
    'a gap',
    { disorder: ['sequence 2 stands where 1 should'] },
    ['kill: disorder: sequence 2 stands where 1 should'],
  ],
])('a scenario in which %s was found', (_, findings, faults) => {
  expect(verdict([{ title: 'kill', mustLose: false, tally: tallyOf(findings) }])).toEqual(faults);
});

test('a control has to lose', () => {
  const losing = new Tally();
  losing.lost = 7;
  expect(verdict([{ title: 'control', mustLose: true, tally: losing }])).toEqual([]);
  expect(verdict([{ title: 'control', mustLose: true, tally: new Tally() }])).toEqual([
    'control: lost nothing, so the power loss is none and proves nothing',
  ]);
});

test('a scenario that broke off is a fault, one that was skipped is none', () => {
  expect(verdict([{ title: 'kill', mustLose: false, failed: 'no service' }])).toEqual(['kill: no service']);
  expect(verdict([{ title: 'control', mustLose: true, skipped: 'needs root' }])).toEqual([]);
});

test('the table', () => {
  const tally = tallyOf({ lost: ['a'] });
  tally.rounds = 20;
  tally.answered = 12_345;
  tally.remarks.push('a remark');
  const lines = [
    { title: 'kill -9', mustLose: false, tally, seconds: 1.26 },
    { title: 'power', mustLose: false, skipped: 'needs root' },
  ];
  expect(table(lines).split('\n')).toEqual([
    'scenario  rounds  answered  503s  lost  duplicates  changed  seconds',
    'kill -9       20     12345     0     1           0        0      1.3',
    'power     skipped: needs root',
    'kill -9: a remark',
  ]);
});
