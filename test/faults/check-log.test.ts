import { describe, expect, test } from 'vitest';
import { checkLog, readLog, recordsOf, type ShownRecord } from './check-log.js';
import { Ledger } from './ledger.js';

const IDS = ['a', 'b', 'c', 'd'];

/** Records as they are shown, with sequences from 0 unless they say otherwise. */
function shown(ids: readonly string[], decisionOf = (id: string) => id !== 'b'): readonly ShownRecord[] {
  return ids.map((id, sequence) => record(sequence, id, decisionOf(id)));
}

function record(sequence: number, id: string, decision: boolean): ShownRecord {
  return { sequence, id, decision, text: JSON.stringify({ sequence, record: { id, decision } }) };
}

/** A ledger in which two clients were told of four decisions, in the order of the log, and two were fetched. */
function ledgerOf(ids: readonly string[] = IDS): Ledger {
  const ledger = new Ledger();
  for (const [at, id] of ids.entries()) {
    ledger.noteAnswer(id, { decision: id !== 'b', client: at % 2, askedMs: at, heardMs: at + 1 });
  }
  for (const { id, text } of shown(IDS).slice(1, 3)) ledger.texts.set(id, text);
  return ledger;
}

const nothing = { lost: [], duplicates: [], changed: [], disorder: [] };

describe('a log is held against what clients were told', () => {
  test('one that keeps everything, also what nobody was told of', async () => {
    expect(await checkLog(ledgerOf(), shown([...IDS, 'e']))).toEqual({ records: 5, untold: 1, ...nothing });
  });

  test.each([
    ['lacks its last record', shown(['a', 'b', 'c']), { lost: ['d'] }],
    ['lacks all of its records', [], { lost: IDS }],
    [
      'lacks one in the middle',
      shown(IDS).filter(({ id }) => id !== 'b'),
      { lost: ['b'], disorder: ['sequence 2 stands where 1 should'] },
    ],
    ['lacks one and closed the gap', shown(['a', 'c', 'd']), { lost: ['b'], changed: ['c'] }],
    [
      'begins late',
      [record(7, 'a', true)],
      { lost: ['b', 'c', 'd'], disorder: ['sequence 7 stands where 0 should'] },
    ],
    [
      'has one twice',
      shown([...IDS, 'a']),
      { duplicates: ['a'], disorder: ['`c` was answered after record 4 and stands at 2'] },
    ],
    ['says another decision', shown(IDS, () => true), { changed: ['b'] }],
    [
      'has no decision where one was answered',
      shown(IDS).map(({ decision: _, ...rest }) => rest),
      { changed: IDS },
    ],
    [
      'has other bytes',
      shown(IDS).map((each) => (each.id === 'c' ? { ...each, text: `${each.text} ` } : each)),
      { changed: ['c'] },
    ],
    [
      'has other bytes where nobody looked',
      shown(IDS).map((each) => (each.id === 'a' ? { ...each, text: '{}' } : each)),
      {},
    ],
  ] satisfies [string, readonly ShownRecord[], object][])('one that %s', async (_, records, found) => {
    expect(await checkLog(ledgerOf(), records)).toMatchObject({ ...nothing, ...found });
  });

  test('one whose order is not that of the answers of one client', async () => {
    const ledger = ledgerOf(['c', 'b', 'a', 'd']);
    const { disorder } = await checkLog(ledger, shown(IDS));
    expect(disorder).toEqual(['`a` was answered after record 2 and stands at 0']);
  });

  test('an id that was given to two questions', async () => {
    const ledger = ledgerOf();
    ledger.noteAnswer('a', { decision: true, client: 2, askedMs: 9, heardMs: 9 });
    expect(await checkLog(ledger, shown(IDS))).toMatchObject({ duplicates: ['a'], lost: [] });
  });

  test('what is answered while the log is read need not be in it', async () => {
    const ledger = ledgerOf();
    async function* growing(): AsyncGenerator<ShownRecord> {
      yield* shown(IDS);
      ledger.noteAnswer('late', { decision: true, client: 0, askedMs: 5, heardMs: 6 });
      await Promise.resolve();
    }
    expect(await checkLog(ledger, growing())).toEqual({ records: 4, untold: 0, ...nothing });
  });
});

describe('a log is read page by page', () => {
  const page = (records: readonly string[], next?: string): string =>
    `{"records":[${records.join(',')}]${next === undefined ? '' : `,"next":"${next}"`}}`;
  const texts = [
    '{"sequence":0,"record":{"id":"a","note":"},{\\"✓"}}',
    '{"sequence":1,"record":{"id":"b","decision":false}}',
  ];

  test('each record has its own bytes', () => {
    expect(recordsOf(page(texts, 'x'))).toEqual([
      { sequence: 0, id: 'a', text: texts[0] },
      { sequence: 1, id: 'b', decision: false, text: texts[1] },
    ]);
    expect(recordsOf(page([]))).toEqual([]);
  });

  test('bytes that cannot be told apart are an error', () => {
    expect(() => recordsOf(page(['{"sequence":0,"record":{"id": "a"}}']))).toThrow(
      /record 0 cannot be told apart/,
    );
  });

  test('to its end', async () => {
    const asked: string[] = [];
    const get = (path: string) => {
      asked.push(path);
      const last = path.includes('cursor=x%2B1');
      return Promise.resolve({
        status: 200,
        text: last ? page(texts.slice(1)) : page(texts.slice(0, 1), 'x+1'),
      });
    };
    const ids: string[] = [];
    for await (const { id } of readLog(get)) ids.push(id);
    expect(ids).toEqual(['a', 'b']);
    expect(asked).toHaveLength(2);
  });

  test('an answer that is not the log is an error', async () => {
    const reading = readLog(() => Promise.resolve({ status: 503, text: 'no' })).next();
    await expect(reading).rejects.toThrow('the log cannot be read: 503 no');
  });
});
