import { keptValues } from '../audit/kept-values.js';
import type { RecordReader } from '../audit/query.js';
import { isObject, readJson } from '../document/json.js';
import { notReplayable, type NotReplayable } from '../decision/replay.js';
import { WitanError } from '../errors.js';
import { createPoliciesOnRecord } from '../law/policies-on-record.js';
import { createOpaBuiltins } from '../rego/opa-builtins.js';
import { createReplays, type RecordExplained, type ReplayReport, type Replays } from '../replays.js';
import { openStore } from '../store/sqlite/open-store.js';
import { refusal, requestServer, ServerError, type Server, type ServerAnswer } from './ask-server.js';
import { withToolchain, type CommandNeeds } from './command.js';

/** Where records are evaluated again: in the folder of a store, or by a running service. */
export interface ReplayPlace {
  readonly dataDir: string;
  /** A running service; the folder is not read then. */
  readonly server?: Server | undefined;
}

/** Evaluates records again, wherever that is done. */
export interface ReplaySource extends Replays {
  /** Ids of the last decisions, the newest first. */
  lastDecisions(count: number): Promise<readonly string[]>;
}

const PAGE_MAX = 1000;
/** A service compiles what it does not have loaded before it answers. */
const ANSWER_MS_MAX = 120_000;

/** Lends a source of replays to `use`, and closes it whatever happens. `progress` is told what is compiled. */
export async function withReplays<T>(
  { dataDir, server }: ReplayPlace,
  needs: CommandNeeds,
  progress: (message: string) => void,
  use: (source: ReplaySource) => Promise<T>,
): Promise<T> {
  if (server !== undefined) return use(replaysOf(server));
  const store = await openStore({ dataDir, queueEntriesMax: 1, readOnly: true });
  try {
    return await withToolchain(needs, async (toolchain) => {
      const opaBuiltins = createOpaBuiltins({ wasmPath: toolchain.wasmPath });
      try {
        const policiesOnRecord = createPoliciesOnRecord({
          bundles: store.bundles,
          toolchain,
          opaBuiltins,
          progress,
        });
        const replays = createReplays({
          records: store.records,
          maskedValues: keptValues(store.records, store.evidence),
          policiesOnRecord,
          toolchain,
        });
        return await use({ ...replays, lastDecisions: (count) => lastIn(store.records, count) });
      } finally {
        opaBuiltins.close();
      }
    });
  } finally {
    await store.close();
  }
}

async function lastIn(records: RecordReader, count: number): Promise<readonly string[]> {
  return pages(count, async (limit, cursor) => {
    const page = await records.query({
      kind: 'decision',
      order: 'newest',
      limit,
      ...(cursor !== undefined && { cursor }),
    });
    const ids = page.records.map(({ bytes }) => idOf(readJson(bytes.toString('utf8'))));
    return { ids, ...(page.next !== undefined && { next: page.next }) };
  });
}

function replaysOf(server: Server): ReplaySource {
  const asked = async <T>(path: string, method: string, isAnswer: (body: unknown) => boolean) => {
    const answered = await requestServer(server, path, undefined, { method, answerMsMax: ANSWER_MS_MAX });
    // INVARIANT: `isAnswer` looked at what is shown of it.
    if (answered.ok && isAnswer(answered.body)) return answered.body as T;
    return notReplayed(server, answered);
  };
  return {
    replay: (id) => asked<ReplayReport>(`v1/records/${encodeURIComponent(id)}/replay`, 'POST', isReport),
    explain: (id) =>
      asked<RecordExplained>(`v1/records/${encodeURIComponent(id)}/explanation`, 'GET', isExplained),
    lastDecisions: (count) =>
      pages(count, async (limit, cursor) => {
        const query = new URLSearchParams({
          kind: 'decision',
          order: 'newest',
          limit: String(limit),
          ...(cursor !== undefined && { cursor }),
        });
        const answered = await requestServer(server, `v1/records?${query.toString()}`);
        const { body } = answered;
        if (!answered.ok || !isObject(body) || !Array.isArray(body['records'])) {
          throw refusal(server, answered);
        }
        const ids = body['records'].map((stored) => idOf(isObject(stored) ? stored['record'] : undefined));
        return { ids, ...(typeof body['next'] === 'string' && { next: body['next'] }) };
      }),
  };
}

async function pages(
  count: number,
  read: (
    limit: number,
    cursor?: string,
  ) => Promise<{ readonly ids: readonly string[]; readonly next?: string }>,
): Promise<readonly string[]> {
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await read(Math.min(PAGE_MAX, count - ids.length), cursor);
    ids.push(...page.ids);
    cursor = page.next;
  } while (cursor !== undefined && ids.length < count);
  return ids;
}

function idOf(record: unknown): string {
  if (isObject(record) && typeof record['id'] === 'string') return record['id'];
  throw new ServerError('a record came without an id');
}

/** Throws what is no answer about this record. */
function notReplayed(server: Server, answered: ServerAnswer): NotReplayable {
  const { body } = answered;
  const problem = isObject(body) && typeof body['detail'] === 'string' ? body : undefined;
  if (problem?.['code'] === 'not_replayable') {
    return notReplayable(String(problem['detail']).replace(/^cannot be replayed: /, ''));
  }
  if (problem?.['code'] === 'not_found') throw new WitanError('not_found', String(problem['detail']));
  throw refusal(server, answered);
}

function isReport(body: unknown): boolean {
  return (
    isObject(body) &&
    typeof body['equal'] === 'boolean' &&
    typeof body['toolchain'] === 'string' &&
    Array.isArray(body['differences'])
  );
}

function isExplained(body: unknown): boolean {
  if (!isObject(body) || typeof body['equal'] !== 'boolean') return false;
  const { explanation } = body;
  return (
    isObject(explanation) && ['decisive', 'layers'].every((member) => Array.isArray(explanation[member]))
  );
}
