/**
 * What questions about the audit log cost: writes a log of many decisions straight into SQLite, indexes it, and asks
 * by every sort of filter. Prints how long the answers took and how SQLite reads the index.
 *
 *   npm run bench:audit -- [--records 1000000] [--rounds 40] [--folder <kept folder>]
 */
import Database from 'better-sqlite3';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { numberStream, decisionRecord, PICK } from './bench/audit-records.mjs';
import { INDEX_READS } from '../dist/store/sqlite/record-index/index-reader.js';
import { LOG_READS } from '../dist/store/sqlite/record-index/log-reader.js';
import { openStore } from '../dist/store/sqlite/open-store.js';

const option = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`);
  return at === -1 ? fallback : process.argv[at + 1];
};
const records = Number(option('records', 1_000_000));
const rounds = Number(option('rounds', 40));
const kept = option('folder');
const TRANSACTION_RECORDS = 20_000;

const dataDir = kept ?? mkdtempSync(join(tmpdir(), 'witan-bench-audit-'));
mkdirSync(dataDir, { recursive: true });
try {
  await writeLog();
  await indexLog();
  await ask();
  plans();
} finally {
  if (kept === undefined) rmSync(dataDir, { recursive: true, force: true });
}

async function writeLog() {
  await (await openStore({ dataDir, queueEntriesMax: 1 })).close();
  const db = new Database(join(dataDir, 'witan.db'));
  const first = db.prepare('SELECT coalesce(max(sequence) + 1, 0) FROM records').pluck().get();
  const put = db.prepare('INSERT INTO records (sequence, id, body) VALUES (?, ?, ?)');
  db.pragma('synchronous = OFF');
  const started = performance.now();
  const next = numberStream(first + 1);
  let bytes = 0;
  for (let n = first; n < records;) {
    db.exec('BEGIN');
    for (const end = Math.min(records, n + TRANSACTION_RECORDS); n < end; n += 1) {
      const record = decisionRecord(n, next);
      const body = Buffer.from(JSON.stringify(record));
      bytes += body.length;
      put.run(n, record.id, body);
    }
    db.exec('COMMIT');
    progress('writing', n, records);
  }
  db.pragma('wal_checkpoint(TRUNCATE)');
  db.close();
  if (records > first) {
    line(
      `wrote ${records - first} records of ${Math.round(bytes / (records - first))} bytes in ${seconds(started)} s`,
    );
  }
}

async function indexLog() {
  const started = performance.now();
  const store = await openStore({ dataDir, queueEntriesMax: 1 });
  const { total } = await store.records.count({});
  const ms = performance.now() - started;
  await store.close();
  const size = existsSync(join(dataDir, 'record-index.db'))
    ? statSync(join(dataDir, 'record-index.db')).size
    : 0;
  line(
    `indexed ${total} records in ${(ms / 1000).toFixed(1)} s, ${((ms * 1000) / total).toFixed(1)} µs a record, ${(size / total).toFixed(0)} bytes a record`,
  );
}

async function ask() {
  line(`load of the machine: ${loadavg()[0].toFixed(1)} on ${cpus().length} cores`);
  const store = await openStore({ dataDir, queueEntriesMax: 1 });
  const next = numberStream(7);
  const at = (share) => new Date(Date.UTC(2026, 0, 1) + share * records * 250).toISOString();
  const page = (filter, more = {}) => ({
    run: () => store.records.query({ order: 'newest', limit: 100, ...filter(), ...more }),
    found: (answer) => `${answer.records.length}${answer.next === undefined ? '' : '+'}`,
  });
  const count = (filter, by) => ({
    run: () => store.records.count(filter(), by),
    found: (answer) => `${answer.total}${by === undefined ? '' : ` in ${answer.by.values_total}`}`,
  });
  const deep = async (filter) => {
    let cursor;
    for (let pages = 0; pages < 20; pages += 1) {
      const answer = await store.records.query({
        order: 'newest',
        limit: 1000,
        ...filter,
        ...(cursor && { cursor }),
      });
      if (answer.next === undefined) break;
      cursor = answer.next;
    }
    return cursor;
  };
  const deepCursor = await deep({ decision: false });
  const shapes = {
    'newest 100': page(() => ({})),
    'oldest 100': page(() => ({}), { order: 'oldest' }),
    'newest 1000': page(() => ({}), { limit: 1000 }),
    'one subject': page(() => ({ subject: PICK.subject(next) })),
    'one resource': page(() => ({ resource: PICK.resource(next) })),
    'one domain': page(() => ({ domain: PICK.domain(next) })),
    denied: page(() => ({ decision: false })),
    'denied, page 21 of 1000': {
      ...page(() => ({})),
      run: () => store.records.query({ order: 'newest', limit: 1000, decision: false, cursor: deepCursor }),
    },
    'a subject unknown': page(() => ({ subject: 'nobody' })),
    'subject and resource (rare)': page(() => ({
      subject: PICK.subject(next),
      resource: PICK.resource(next),
    })),
    'domain, denied, export': page(() => ({ domain: PICK.domain(next), decision: false, action: 'export' })),
    'permitted and forbidden (never together)': page(() => ({ decision: true, code: 'forbidden' })),
    'rare domain, rare code': page(() => ({ domain: 'domain_199', code: 'policy_error' })),
    policy: page(() => ({ policy: 'retention' })),
    'policy denied': page(() => ({ policy: 'retention', outcome: 'deny' })),
    'policy in error, soft (rare)': page(() => ({
      policy: 'residency',
      outcome: 'error',
      enforcement: 'soft',
    })),
    'any domain policy denied, soft': page(() => ({ enforcement: 'soft', outcome: 'deny' })),
    'layer denied, of a subject': page(() => ({
      layer: PICK.domain(next),
      outcome: 'deny',
      subject: PICK.subject(next),
    })),
    waiver: page(() => ({ waiver: 'waiver-3' })),
    'text, common words': page(() => ({ text: 'retention days' })),
    'text, a rare word': page(() => ({ text: `ticket ${1000 + next(9000)}` })),
    'text and domain': page(() => ({ text: 'purpose missing', domain: PICK.domain(next) })),
    'an hour': page(() => ({ from: at(0.5), to: new Date(Date.parse(at(0.5)) + 3_600_000).toISOString() })),
    'an hour, denied, of a domain': page(() => ({
      from: at(0.5),
      to: new Date(Date.parse(at(0.5)) + 3_600_000).toISOString(),
      decision: false,
      domain: PICK.domain(next),
    })),
    'before all': page(() => ({ to: '2020-01-01T00:00:00Z' })),
    'count all': count(() => ({})),
    'count denied': count(() => ({ decision: false })),
    'count of a subject': count(() => ({ subject: PICK.subject(next) })),
    'count by decision': count(() => ({}), 'decision'),
    'count by domain': count(() => ({}), 'domain'),
    'count denied by policy': count(() => ({ outcome: 'deny' }), 'policy'),
    'count denied by subject': count(() => ({ decision: false }), 'subject'),
    'count by resource, of a domain': count(() => ({ domain: PICK.domain(next) }), 'resource'),
    'count soft denials by layer': count(() => ({ enforcement: 'soft', outcome: 'deny' }), 'layer'),
    'sample 100 of the denied': {
      run: () =>
        store.records.sample({ decision: false }, { seed: String(next(1e9)), size: 100, upTo: records }),
      found: (answer) => `${answer.records.length} of ${answer.population}`,
    },
  };
  line(
    `\n${'question'.padEnd(44)}${'found'.padStart(22)}${'p50 ms'.padStart(9)}${'p95 ms'.padStart(9)}${'max ms'.padStart(9)}${'cpu ms'.padStart(9)}`,
  );
  for (const [name, { run, found }] of Object.entries(shapes)) {
    const times = [];
    let answer = await run();
    const used = process.cpuUsage();
    for (let round = 0; round < rounds; round += 1) {
      const started = performance.now();
      answer = await run();
      times.push(performance.now() - started);
    }
    // Of all threads; on a machine that does other things too it says more than the clock.
    const { user, system } = process.cpuUsage(used);
    const cpu = ((user + system) / 1000 / rounds).toFixed(1).padStart(9);
    times.sort((a, b) => a - b);
    const figure = (share) =>
      times[Math.min(times.length - 1, Math.floor(times.length * share))].toFixed(1).padStart(9);
    line(`${name.padEnd(44)}${found(answer).padStart(22)}${figure(0.5)}${figure(0.95)}${figure(1)}${cpu}`);
  }
  await beside(store);
  await scanAll(store);
  await store.close();
}

/** Pages while a count and a scan of everything are under way. */
async function beside(store) {
  let isOver = false;
  const long = (async () => {
    while (!isOver) await store.records.count({ decision: false }, 'subject');
  })();
  const scan = (async () => {
    while (!isOver) {
      for await (const batch of store.records.scan({}, { upTo: records }))
        if (isOver || batch.length === 0) break;
    }
  })();
  const times = [];
  for (let round = 0; round < rounds * 4; round += 1) {
    const started = performance.now();
    await store.records.query({ order: 'newest', limit: 10, decision: false });
    times.push(performance.now() - started);
  }
  isOver = true;
  await Promise.all([long, scan]);
  times.sort((a, b) => a - b);
  line(
    `\na page of 10 beside a count and a scan of everything: p50 ${times[times.length >> 1].toFixed(1)} ms, p95 ${times[Math.floor(times.length * 0.95)].toFixed(1)} ms, max ${times.at(-1).toFixed(1)} ms`,
  );
}

async function scanAll(store) {
  const started = performance.now();
  let scanned = 0;
  for await (const batch of store.records.scan({}, { upTo: records })) scanned += batch.length;
  line(
    `scanned ${scanned} records in ${seconds(started)} s, ${Math.round(process.memoryUsage.rss() / 1e6)} MB of memory in the end`,
  );
}

function plans() {
  line('\nhow SQLite reads');
  for (const [file, reads] of [
    ['record-index.db', INDEX_READS],
    ['witan.db', LOG_READS],
  ]) {
    const db = new Database(join(dataDir, file), { readonly: true });
    for (const [name, sql] of Object.entries(reads)) {
      const plan = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...[...sql.matchAll(/\?/g)].map(() => 1));
      line(`  ${name.padEnd(12)}${plan.map(({ detail }) => detail).join('; ')}`);
    }
    db.close();
  }
}

function seconds(started) {
  return ((performance.now() - started) / 1000).toFixed(1);
}

function line(text) {
  process.stdout.write(`${text}\n`);
}

function progress(what, done, of) {
  if (process.stderr.isTTY) process.stderr.write(`\r${what} ${done}/${of}${done === of ? '\n' : ''}`);
}
