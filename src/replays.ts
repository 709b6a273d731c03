import type { MaskedValues } from './audit/masked-values.js';
import type { RecordReader } from './audit/query.js';
import type { LawInForce } from './audit/record.js';
import type { Difference } from './decision/differences.js';
import { explain, type Explanation } from './decision/explanation.js';
import { inputSchema } from './decision/input.js';
import { maskedExplanation } from './decision/masked-explanation.js';
import { recordedDecision } from './decision/recorded-decision.js';
import { replay, type NotReplayable, type RecordedDecision, type Replayed } from './decision/replay.js';
import type { DecisionRecord } from './audit/record.js';
import { readJson } from './document/json.js';
import { WitanError } from './errors.js';
import type { PoliciesInForce } from './policy/in-force.js';
import type { Layer } from './policy/layer.js';
import { traceLayers } from './policy/trace-layer.js';
import type { Toolchain } from './rego/toolchain.js';
import type { PoliciesOnRecord } from './law/policies-on-record.js';

/** A module that the replay evaluated and that is not the one on record. */
export interface OtherModule {
  readonly layer: Layer;
  /** `sha256:<hex>` of the module that came into force then. */
  readonly recorded: string;
  /** `sha256:<hex>` of the module that the stored source makes now. */
  readonly replayed: string;
}

/** What came of evaluating a decision on record again. */
export interface ReplayReport {
  readonly id: string;
  /** Whether the replay makes the very bytes that are stored. */
  readonly equal: boolean;
  readonly differences: readonly Difference[];
  /** What the replay would have recorded; absent where that is what is recorded. */
  readonly replayed?: DecisionRecord;
  /** Whether the modules are those on record; `unknown` where no record of their coming into force is kept. */
  readonly toolchain: 'same' | 'different' | 'unknown';
  /** Those that are not; absent when there is none. */
  readonly modules?: readonly OtherModule[];
}

/** Why a decision on record was answered as it was, told by its replay. */
export interface RecordExplained {
  readonly id: string;
  /** Whether the replay, which is what is explained, makes the very bytes that are stored. */
  readonly equal: boolean;
  readonly explanation: Explanation;
}

/** Evaluates decisions on record again. Both throw WitanError `not_found`, and what loading policies throws. */
export interface Replays {
  readonly replay: (id: string) => Promise<ReplayReport | NotReplayable>;
  /** Masked values are shown as `<masked /pointer>`. */
  readonly explain: (
    id: string,
    progress?: (layer: Layer, traced: number, of: number) => void,
  ) => Promise<RecordExplained | NotReplayable>;
}

interface Needs {
  readonly records: RecordReader;
  readonly maskedValues: MaskedValues;
  readonly policiesOnRecord: PoliciesOnRecord;
  readonly toolchain: Toolchain;
}

/** What a record was decided by, and what came of it again. */
interface Made {
  readonly recorded: RecordedDecision;
  readonly policies: PoliciesInForce;
  readonly replayed: Replayed;
}

export function createReplays({ records, maskedValues, policiesOnRecord, toolchain }: Needs): Replays {
  const modules = modulesOnRecord(records);

  const make = async (id: string): Promise<Made | NotReplayable> => {
    const stored = await records.byId(id);
    if (stored === undefined) throw new WitanError('not_found', `there is no record \`${id}\``);
    const recorded = recordedDecision(stored.bytes.toString('utf8'));
    if ('replayable' in recorded) return recorded;
    const { record } = recorded;
    const policies = await policiesOnRecord.of(record);
    if ('replayable' in policies) return policies;
    const material = {
      policies,
      documents: await documentsOf(record, records),
      maskedValues: record.masked.length === 0 ? [] : await maskedValues.of(record.id),
    };
    const replayed = replay(recorded, material);
    return replayed.replayable ? { recorded, policies, replayed } : replayed;
  };

  return {
    async replay(id) {
      const made = await make(id);
      if ('replayable' in made) return made;
      const { equal, differences, record } = made.replayed;
      const compared = compareModules(made.policies, await modules(made.policies.revision));
      return { id, equal, differences, ...(!equal && { replayed: record }), ...compared };
    },
    async explain(id, progress) {
      const made = await make(id);
      if ('replayable' in made) return made;
      const { recorded, policies, replayed } = made;
      const bundles = await policiesOnRecord.bundlesOf(recorded.record);
      if ('replayable' in bundles) return bundles;
      const { asked, equal, masked } = replayed;
      const traces = await traceLayers(asked, bundles, { toolchain, inputSchema }, (layer, traced) => {
        progress?.(layer, traced, asked.length);
      });
      const explanation = explain(replayed, policies, traces);
      return { id, equal, explanation: maskedExplanation(explanation, masked) };
    },
  };
}

async function documentsOf(
  { metadata, previous_metadata }: DecisionRecord,
  records: RecordReader,
): Promise<ReadonlyMap<string, string>> {
  const documents = new Map<string, string>();
  for (const digest of new Set([metadata, previous_metadata])) {
    const text = digest === undefined ? undefined : await records.document(digest);
    if (digest !== undefined && text !== undefined) documents.set(digest, text);
  }
  return documents;
}

type Modules = ReadonlyMap<Layer, LawInForce['layers'][number]>;

/** Revisions whose modules are remembered; what is on record of them never changes. */
const REVISIONS_MAX = 256;
/** Kinds of record that say which bundles are in force from a revision on. */
const LAW_KINDS = ['seed', 'activation', 'pruning'] as const;

/** Which modules the log says came into force at a revision. */
function modulesOnRecord(records: RecordReader): (revision: number) => Promise<Modules> {
  const known = new Map<number, Modules>();
  return async (revision) => {
    const found = known.get(revision);
    if (found !== undefined) return found;
    const modules = new Map<Layer, LawInForce['layers'][number]>();
    for (const kind of LAW_KINDS) {
      const page = await records.query({ kind, revision, order: 'newest', limit: 1 });
      for (const { bytes } of page.records) {
        // INVARIANT: the query asked for kinds that say what is in force.
        const law = readJson(bytes.toString('utf8')) as LawInForce;
        for (const layer of law.layers) modules.set(layer.layer, layer);
      }
    }
    if (modules.size === 0) return modules;
    const [oldest] = known.keys();
    if (known.size >= REVISIONS_MAX && oldest !== undefined) known.delete(oldest);
    known.set(revision, modules);
    return modules;
  };
}

function compareModules(
  { layers }: PoliciesInForce,
  onRecord: Modules,
): Pick<ReplayReport, 'toolchain' | 'modules'> {
  let unknown = false;
  const differing: OtherModule[] = [];
  for (const { layer, digest, moduleDigest } of layers.values()) {
    if (moduleDigest === undefined) continue;
    const recorded = onRecord.get(layer);
    if (recorded?.digest !== digest || recorded.module === undefined) unknown = true;
    else if (recorded.module !== moduleDigest) {
      differing.push({ layer, recorded: recorded.module, replayed: moduleDigest });
    }
  }
  if (differing.length > 0) return { toolchain: 'different', modules: differing };
  return { toolchain: unknown ? 'unknown' : 'same' };
}
