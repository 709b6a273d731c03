import { inclusionPlan, hashesOf } from './merkle.js';
import { writeProof } from './proof.js';
import type { StoredRecord } from './query.js';
import type { LogTree } from './tree.js';

/**
 * A file that proves that a record is in the log (C2SP tlog-proof), against the last checkpoint, or against a new one
 * when the last does not cover the record yet.
 *
 * @throws what `LogTree.seal` throws
 */
export async function proveRecord(tree: LogTree, { sequence, bytes }: StoredRecord): Promise<string> {
  const { size, note } = await tree.seal(sequence + 1);
  const plan = inclusionPlan(sequence, size);
  const subtrees = plan.flat();
  const nodes = await tree.nodes(subtrees);
  const hashes = new Map(subtrees.map(({ level, index }, at) => [`${level}/${index}`, nodes[at]]));
  return writeProof({
    record: bytes,
    index: sequence,
    hashes: hashesOf(plan, ({ level, index }) => {
      const hash = hashes.get(`${level}/${index}`);
      // INVARIANT: the tree gave a hash for every subtree of the plan.
      if (hash === undefined) throw new Error(`no hash of subtree ${level}/${index}`);
      return hash;
    }),
    checkpoint: note,
  });
}
