import type { Acting } from '../audit/act.js';
import type { AuditEntry } from '../audit/log.js';
import type { ActivationRecord, RecordHead, ToolchainIdentity } from '../audit/record.js';
import type { Commit } from '../commit.js';
import { councilHead } from '../proposing/council-needs.js';
import { activationRecord, type Activation } from '../council/coming-into-force.js';
import type { CouncilChange } from '../council/council-change.js';
import type { InMemoryCouncil } from '../council/in-memory-council.js';
import type { Deciders } from '../deciders.js';
import type { Gate } from '../decision/gate.js';
import { messageOf, WitanError, type ErrorCode } from '../errors.js';
import { lawOf } from '../law/law-on-record.js';
import { LawEvidence, ownCheckpoint } from '../law/law-evidence.js';
import { keepModulesOf, nextLaw, type MeshNeeds } from '../law/mesh.js';
import type { Bundle } from '../policy/bundle.js';
import type { CurrentLaw, CurrentPolicies } from '../policy/current-policies.js';
import type { Layer } from '../policy/layer.js';
import type { Registry } from '../registry/registry.js';
import type { Change, Store } from '../store/store.js';

/** Steps of a change that comes into force, as they are reached. */
export const ACTIVATION_STEPS = [
  'compiled', // the new law is loaded beside the one in force
  'seconded', // of an emergency: that the second operator agrees is on record
  'sealing', // what decides is about to be sealed
  'sealed',
  'at_gate', // decisions that come from now on wait
  'committed', // the new revision is durable
  'swapped', // decisions are made from it
] as const;
export type ActivationStep = (typeof ACTIVATION_STEPS)[number];

export interface EnactNeeds {
  readonly store: Pick<Store, 'records' | 'tree' | 'bundles'>;
  readonly registry: Registry;
  readonly council: InMemoryCouncil;
  readonly current: CurrentPolicies;
  readonly commit: Commit;
  readonly gate: Gate;
  /** Who decides in other processes. */
  readonly deciders: Pick<Deciders, 'prepare' | 'whileHeld'>;
  readonly mesh: MeshNeeds;
  readonly toolchainIdentity: ToolchainIdentity;
  /** Unix time in milliseconds. */
  readonly nowMs: () => number;
  /** UUIDv7. */
  readonly newId: () => string;
  readonly warn: (message: string) => void;
  /** Told when other law is in force. */
  readonly moved: () => void;
  /** Told of each step; tests end the process there. */
  readonly step: (step: ActivationStep) => void;
}

/** What comes into force, and what that makes of proposals. */
export interface Enactment {
  readonly law: CurrentLaw;
  readonly activation: Activation;
  readonly changes: (head: RecordHead) => readonly CouncilChange[];
}

/** Brings law into force; MUST be called within the council's turn. */
export interface Enactor {
  /**
   * Compiles, measures and loads what the change of a layer makes of the law.
   *
   * @throws WitanError `revision_moved` with the faults when it does not load on what is in force; the toolchain's own errors
   */
  load(layer: Layer, bundle: Bundle | undefined): Promise<CurrentLaw>;
  /** Has everything on record sealed, and answers what the log says. @throws WitanError `store_*` */
  sealed(): Promise<LawEvidence>;
  /**
   * Commits the new revision and swaps the policies. Decisions that come meanwhile wait, so that in the log no decision
   * by the law before follows the record.
   *
   * @throws WitanError `audit_unavailable`, `overloaded`: nothing has changed then
   */
  enact(enactment: Enactment, acting: Acting): Promise<void>;
}

/** What a bundle that passed its checks may still fail with on other layers than it was checked with. */
const FAULTY: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'bundle_invalid',
  'parameter_out_of_bounds',
  'policy_too_slow',
  'evaluation_failed',
]);

export function createEnactor(needs: EnactNeeds): Enactor {
  const { store, registry, current, gate, deciders, mesh, toolchainIdentity, warn, moved, step } = needs;
  const seal = async (): Promise<string> => {
    const { note } = await store.tree.seal(await store.records.size());
    return note;
  };
  return {
    async load(layer, bundle) {
      try {
        const law = await nextLaw(current.law, { layer, bundle }, registry, mesh);
        step('compiled');
        return law;
      } catch (thrown) {
        if (!(thrown instanceof WitanError) || !FAULTY.has(thrown.code)) throw thrown;
        const { message, faults } = thrown;
        throw new WitanError('revision_moved', `it does not load on what is in force now: ${message}`, {
          faults,
          cause: thrown,
        });
      }
    },
    async sealed() {
      step('sealing');
      const note = await seal();
      step('sealed');
      // INVARIANT: a store that is served signs its log.
      return new LawEvidence(store, ownCheckpoint(note, store.tree.signingKey ?? ''));
    },
    async enact({ law, activation, changes }, acting) {
      const { revision, layers } = law.policies;
      const head = { ...councilHead(needs, acting), revision };
      const record = activationRecord(head, activation, lawOf(law.policies, toolchainIdentity));
      const digests = new Map([...layers].map(([layer, { digest }]) => [layer, digest]));
      const comeIntoForce = async (): Promise<void> => {
        await commitSurely(needs, {
          record,
          changes: [{ kind: 'activate', revision, layers: digests }, ...changes(head)],
        });
        step('committed');
        current.replace(law);
      };
      await deciders.prepare(law.policies);
      step('at_gate');
      await gate.whileClosed(() => deciders.whileHeld(comeIntoForce, () => current.policies));
      step('swapped');
      moved();
      await keepModulesOf(law.policies, mesh);
      try {
        await seal();
      } catch (thrown) {
        // The new revision is in force, and the log seals it as soon as it can.
        warn(`revision ${revision} is in force, but not sealed yet: ${messageOf(thrown)}`);
      }
    },
  };
}

/**
 * Commits, also where the log does not say whether it did: a writer that died may have written before. Going on by the law
 * before would then contradict the log.
 */
async function commitSurely(
  { commit, council, store, warn }: Pick<EnactNeeds, 'commit' | 'council' | 'store' | 'warn'>,
  entry: AuditEntry<Change> & { readonly record: ActivationRecord },
): Promise<void> {
  try {
    await commit(entry);
  } catch (thrown) {
    const { id, revision } = entry.record;
    const written = await store.records.byId(id).catch((cause: unknown) => {
      warn(`whether revision ${revision} was committed cannot be read: ${messageOf(cause)}`);
      return undefined;
    });
    if (written === undefined) throw thrown;
    for (const change of entry.changes ?? []) if (change.kind === 'put_proposal') council.apply(change);
  }
}
