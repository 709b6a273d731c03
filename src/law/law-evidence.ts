import { openCheckpoint, type Checkpoint } from '../audit/checkpoint.js';
import { hashesOf, inclusionPlan, leafHash } from '../audit/merkle.js';
import { readVerifierKey } from '../audit/note-key.js';
import type { RecordFilter, RecordReader, StoredRecord } from '../audit/query.js';
import type { AuditRecord, RefusalRecord } from '../audit/record.js';
import type { LogTree } from '../audit/tree.js';
import { verifyInclusion } from '../audit/verify-merkle.js';
import type { LawRecord, OnRecord, ProposalOnRecord } from '../council/decided-law.js';
import { readJson } from '../document/json.js';
import { WitanError } from '../errors.js';
import { bundleDigest, createBundle } from '../policy/bundle.js';
import { outerLayers, type Layer } from '../policy/layer.js';
import type { Manifest } from '../policy/manifest.js';
import type { BundleReader } from '../store/store.js';

interface Needs {
  readonly records: RecordReader;
  readonly tree: Pick<LogTree, 'nodes'>;
  readonly bundles: Pick<BundleReader, 'byDigest'>;
}

/** Sequences: `from` ≤ sequence < `before`. */
type Tail = NonNullable<RefusalRecord['unsealed']>;
type Act = ProposalOnRecord['acts'][number]['record'];

/** Records of one page of a question. */
const PAGE = 1000;

/**
 * What the log says of how law was made, each record with whether it is proven to lie under a checkpoint: its bytes are
 * hashed again and lead to the root that was signed, whatever the database claims of them.
 */
export class LawEvidence {
  readonly #needs: Needs;
  readonly #checkpoint: Checkpoint | 'start_of_log' | undefined;
  #marks: Promise<readonly Tail[]> | undefined;
  readonly #manifests = new Map<string, Promise<Manifest | undefined>>();

  /**
   * @param checkpoint whose signature was verified; `undefined` proves nothing, and at the start of a log that was never
   * sealed the seed, its first record, is all that there is to believe
   */
  constructor(needs: Needs, checkpoint: Checkpoint | 'start_of_log' | undefined) {
    this.#needs = needs;
    this.#checkpoint = checkpoint;
  }

  /** Those that a filter finds, in the order of the log. @throws WitanError `store_*` */
  async find<R extends AuditRecord>(filter: RecordFilter): Promise<readonly OnRecord<R>[]> {
    const found: OnRecord<R>[] = [];
    let cursor: string | undefined;
    do {
      const page = await this.#needs.records.query({
        ...filter,
        order: 'oldest',
        limit: PAGE,
        ...(cursor !== undefined && { cursor }),
      });
      for (const stored of page.records) found.push(await this.#placed<R>(stored));
      cursor = page.next;
    } while (cursor !== undefined);
    return found;
  }

  /** The record at a place of the log, proven or not. */
  async at(sequence: number): Promise<OnRecord | undefined> {
    const stored = await this.#needs.records.bySequence(sequence);
    return stored && this.#placed(stored);
  }

  /**
   * A proposal's acts, with the manifests that were in force when it was decided.
   *
   * @param layer that it is for
   */
  async proposal(id: string, layer: Layer): Promise<ProposalOnRecord> {
    const found = await Promise.all(
      (['proposal', 'ballot', 'activation'] as const).map((kind) => this.find<Act>({ kind, proposal: id })),
    );
    const acts = found.flat().sort((a, b) => a.sequence - b.sequence);
    const known = new Map<number, ReadonlyMap<Layer, Manifest>>();
    for (const { record } of acts) {
      const decides = record.kind === 'proposal' && record.event === 'approved';
      if (!decides || known.has(record.revision)) continue;
      const manifests = await this.#manifestsAt(record.revision, layer);
      if (manifests !== undefined) known.set(record.revision, manifests);
    }
    return { acts, manifestsAt: (revision) => known.get(revision) };
  }

  /** A sealed record that says what was in force at a revision. */
  async lawAt(revision: number): Promise<OnRecord<LawRecord> | undefined> {
    const stated = await Promise.all(
      (['seed', 'activation', 'pruning'] as const).map((kind) => this.find<LawRecord>({ kind, revision })),
    );
    return stated.flat().find(({ sealed }) => sealed);
  }

  /**
   * Whether what a record says of modules may be relied on without compiling their bundles again: it lies under a signed
   * checkpoint, and was not found behind the last one by a start, which makes of an activation nothing but what decided
   * it.
   */
  async provesModules({ sequence, sealed }: OnRecord<LawRecord>): Promise<boolean> {
    return sealed && this.#checkpoint !== 'start_of_log' && !(await this.#isMarked(sequence));
  }

  /** The manifests of a layer and those above it at a revision, as a sealed record of the log names their bundles. */
  async #manifestsAt(revision: number, layer: Layer): Promise<ReadonlyMap<Layer, Manifest> | undefined> {
    const law = await this.lawAt(revision);
    if (law === undefined) return undefined;
    const manifests = new Map<Layer, Manifest>();
    const chain = [...outerLayers(layer), layer];
    for (const each of law.record.layers.filter((named) => chain.includes(named.layer))) {
      const manifest = await this.#manifest(each.digest);
      // A council must not be another one because a bundle is gone.
      if (manifest === undefined) return undefined;
      manifests.set(each.layer, manifest);
    }
    return manifests;
  }

  #manifest(digest: string): Promise<Manifest | undefined> {
    const known = this.#manifests.get(digest) ?? this.#readManifest(digest);
    this.#manifests.set(digest, known);
    return known;
  }

  async #readManifest(digest: string): Promise<Manifest | undefined> {
    const kept = await this.#needs.bundles.byDigest(digest);
    if (kept === undefined || bundleDigest(kept.files) !== digest) return undefined;
    return createBundle(kept.files).manifest;
  }

  async #placed<R extends AuditRecord>(stored: StoredRecord): Promise<OnRecord<R>> {
    const { sequence, bytes } = stored;
    // INVARIANT: what is sealed was written by this product; what is not is never believed without what is.
    const record = readJson(bytes.toString('utf8')) as R;
    const proven =
      this.#checkpoint === 'start_of_log'
        ? sequence === 0 && record.kind === 'seed'
        : this.#checkpoint !== undefined && (await this.#isSealed(stored, this.#checkpoint));
    return { sequence, record, sealed: proven && !(await this.#isVoid(sequence, record)) };
  }

  /** Whether a start found the record behind the last checkpoint, so that its being sealed later proves nothing. */
  async #isVoid(sequence: number, { kind }: AuditRecord): Promise<boolean> {
    if (kind === 'refusal' || kind === 'activation') return false;
    return this.#isMarked(sequence);
  }

  async #isMarked(sequence: number): Promise<boolean> {
    this.#marks ??= this.#readMarks();
    return (await this.#marks).some(({ from, before }) => sequence >= from && sequence < before);
  }

  /** What starts said of that. A mark that a later start found there itself does not count. */
  async #readMarks(): Promise<readonly Tail[]> {
    const refusals = await this.find<RefusalRecord>({ kind: 'refusal', code: 'law_not_decided' });
    const marks: Tail[] = [];
    for (const { sequence, record } of [...refusals].reverse()) {
      const { unsealed } = record;
      if (unsealed === undefined || unsealed.before !== sequence) continue;
      if (!marks.some(({ from, before }) => sequence >= from && sequence < before)) marks.push(unsealed);
    }
    return marks;
  }

  async #isSealed({ sequence, bytes }: StoredRecord, { size, root }: Checkpoint): Promise<boolean> {
    if (sequence >= size) return false;
    const plan = inclusionPlan(sequence, size);
    const subtrees = plan.flat();
    const nodes = await this.#needs.tree.nodes(subtrees);
    const hashes = new Map(subtrees.map(({ level, index }, at) => [`${level}/${index}`, nodes[at]]));
    const proof = hashesOf(plan, ({ level, index }) => hashes.get(`${level}/${index}`) ?? Buffer.alloc(0));
    return verifyInclusion({ index: sequence, size, leaf: leafHash(bytes), proof, root });
  }
}

/**
 * A checkpoint that the log's own key signed. Keys that the database has on record do not count: whoever can write it could
 * add one.
 *
 * @param vkey verifier key of the key that signs
 * @returns `undefined` where that key did not sign it
 */
export function ownCheckpoint(note: string, vkey: string): Checkpoint | undefined {
  try {
    return openCheckpoint(note, [readVerifierKey(vkey)]);
  } catch (thrown) {
    if (thrown instanceof WitanError && thrown.code === 'note_invalid') return undefined;
    throw thrown;
  }
}
