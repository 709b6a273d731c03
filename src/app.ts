import { join } from 'node:path';
import { conveneCouncil, type ConvenedCouncil } from './convene-council.js';
import { startLaw, type Started } from './law/start-law.js';
import { unsealedActs } from './law/unsealed-acts.js';
import { uuidv7 } from './ids.js';
import { keptValues } from './audit/kept-values.js';
import type { Config } from './config.js';
import type { DecisionBasis } from './decision/decide.js';
import { createDecisionPoint, type DecisionPoint } from './decision/decision-point.js';
import { Gate } from './decision/gate.js';
import type { ActivationStep } from './activating/enact.js';
import { LOCAL_CALLER } from './identity/caller.js';
import { lawOf } from './law/law-on-record.js';
import { keepModulesOf, openToolchain } from './law/mesh.js';
import type { Opened } from './law/opened.js';
import { provenLawAt, provenModules } from './law/proven-modules.js';
import type { CompiledBefore } from './policy/compiled-before.js';
import { createCommit, createShow, type Commit, type Show } from './commit.js';
import { Deciders } from './deciders.js';
import type { InMemoryCouncil } from './council/in-memory-council.js';
import { InMemoryTokens } from './identity/in-memory-tokens.js';
import { inTurns, type InTurn } from './in-turn.js';
import type { CurrentPolicies } from './policy/current-policies.js';
import { createEvidenceActs, type EvidenceActs } from './evidence-acts.js';
import type { PoliciesInForce } from './policy/in-force.js';
import { createPoliciesOnRecord } from './law/policies-on-record.js';
import { pruneByTheClock } from './prune-by-the-clock.js';
import type { InMemoryRegistry } from './registry/in-memory-registry.js';
import { createQuarantine, type SharedQuarantine } from './decision/quarantine.js';
import { ModuleBytes } from './rego/module-bytes.js';
import { createOpaBuiltins } from './rego/opa-builtins.js';
import { openAdmission, type Admission } from './admission/admission.js';
import { createReplays, type Replays } from './replays.js';
import { random16Bytes } from './chance.js';
import { openStore } from './store/sqlite/open-store.js';
import { ModuleFiles } from './store/module-files.js';
import type { Change, Store } from './store/store.js';

/** The service without its network: everything that a request needs, put together. */
export interface App extends Admission, Omit<ConvenedCouncil, 'stop'> {
  readonly config: Config;
  readonly store: Store;
  readonly registry: InMemoryRegistry;
  /** What the council has before it and had. */
  readonly council: InMemoryCouncil;
  readonly tokens: InMemoryTokens;
  readonly current: CurrentPolicies;
  /** What the modules in force were made of; absent without workers. */
  readonly moduleBytes?: ModuleBytes;
  readonly commit: Commit;
  /** Shows what is durable to all who read from memory. */
  readonly show: Show;
  /** Who decides in other processes. */
  readonly deciders: Deciders;
  /** Acts of the council, and on tokens and the registry, come one after the other. */
  readonly councilTurn: InTurn;
  readonly policies: () => PoliciesInForce;
  /** What the next decision is made from. */
  readonly basis: () => DecisionBasis;
  readonly quarantine: SharedQuarantine;
  readonly decisionPoint: DecisionPoint<Change>;
  readonly replays: Replays;
  /** Acts on the log itself. */
  readonly acts: EvidenceActs;
  /** Unix time in milliseconds. */
  readonly nowMs: () => number;
  readonly newId: () => string;
  close(): Promise<void>;
}

interface AppOptions {
  readonly config: Config;
  /** The toolchain's reactor. */
  readonly toolchainPath: string;
  readonly nowMs: () => number;
  /** Told what start is doing, in words. */
  readonly progress?: (message: string) => void;
  /** Told what an operator should know of, in words. */
  readonly warn?: (message: string) => void;
  /** Told of each step of an activation; tests end the process there. */
  readonly step?: (step: ActivationStep) => void;
}

/**
 * Opens the store, seeds it when it is empty, and loads the policies in force.
 *
 * @throws WitanError of whatever stands in the way; nothing is left open then.
 */
export async function createApp({
  config,
  toolchainPath,
  nowMs,
  progress = () => undefined,
  warn = () => undefined,
  step = () => undefined,
}: AppOptions): Promise<App> {
  const toolchain = openToolchain(toolchainPath, config.toolchainMsMax);
  const opaBuiltins = createOpaBuiltins({ wasmPath: toolchainPath });
  const newId = uuidv7(nowMs);
  const store = await openStore({
    dataDir: config.dataDir,
    queueEntriesMax: config.auditQueueEntriesMax,
    warn,
    unsealed: unsealedActs({ nowMs, newId, warn }),
    ...(config.logOrigin !== undefined && { logOrigin: config.logOrigin }),
  });
  try {
    const modules = new ModuleFiles(join(config.dataDir, 'modules'), warn);
    const opened = {
      ...{ config, store, toolchain, opaBuiltins, modules, nowMs, newId, progress, warn, step },
      ...(config.workers > 0 && { moduleBytes: new ModuleBytes() }),
    };
    return await assemble(opened, await startLaw(opened));
  } catch (thrown) {
    opaBuiltins.close();
    await toolchain.close();
    await store.close();
    throw thrown;
  }
}

/** Puts together what was opened and started; it closes all of it. */
async function assemble(
  opened: Opened & Required<Pick<AppOptions, 'step'>>,
  { registry, current, council, toolchainIdentity }: Started,
): Promise<App> {
  const { config, store, toolchain, moduleBytes, nowMs, newId, progress, warn } = opened;
  const { audit } = store;
  const policies = (): PoliciesInForce => current.policies;
  const revision = (): number => policies().revision;
  const tokens = new InMemoryTokens(await store.tokens.load());
  await recordKey(store, { id: newId(), time: new Date(nowMs()).toISOString(), revision: revision() });
  const basis = (): DecisionBasis => ({
    policies: policies(),
    registry,
    waivers: council.waiversInForce(),
    quarantine,
  });
  const law = () => ({ revision: revision(), ...lawOf(policies(), toolchainIdentity) });
  const acts = createEvidenceActs({ ...store, policies, law, nowMs, newId });
  const deciders = new Deciders();
  const quarantine = createQuarantine((quarantined) => {
    deciders.quarantine(quarantined);
  });
  const show = createShow({ registry, council, tokens }, deciders);
  const commit = createCommit(audit, show);
  const shared = {
    registry,
    council,
    tokens,
    current,
    commit,
    show,
    deciders,
    councilTurn: inTurns(),
    nowMs,
    newId,
  };
  const admission = await openAdmission({ ...shared, config, audit, revision, progress, warn });
  const pruning = pruneByTheClock(acts, { progress, warn });
  const gate = new Gate();
  const { stop, ...convened } = await conveneCouncil(opened, { ...shared, gate, toolchainIdentity });
  const point = { basis, audit, nowMs, newId, salt: random16Bytes, warn, gate, observer: convened.shadows };
  return {
    ...shared,
    ...admission,
    ...convened,
    ...(moduleBytes !== undefined && { moduleBytes }),
    config,
    store,
    policies,
    basis,
    quarantine,
    decisionPoint: createDecisionPoint(point),
    replays: replaysOf(opened, policies),
    acts,
    async close() {
      await pruning.stop();
      const { ended } = await stop();
      opened.opaBuiltins.close();
      await toolchain.close();
      await ended;
      admission.oidc?.close();
      await admission.refusals.close();
      await store.close();
    },
  };
}

/** Evaluates decisions again, with the policies of their time. */
function replaysOf(
  {
    store,
    toolchain,
    opaBuiltins,
    modules,
    progress,
  }: Pick<Opened, 'store' | 'toolchain' | 'opaBuiltins' | 'modules' | 'progress'>,
  inForce: () => PoliciesInForce,
): Replays {
  const { records, evidence, bundles } = store;
  const compiledBefore = async (revision: number): Promise<CompiledBefore> => {
    const law = await provenLawAt(store, revision);
    const proven = provenModules(modules, { law, toolchain: await toolchain.digest() });
    return {
      ...proven,
      async keep(wasm) {
        await proven.keep(wasm);
        await keepModulesOf(inForce(), { modules });
      },
    };
  };
  return createReplays({
    records,
    maskedValues: keptValues(records, evidence),
    policiesOnRecord: createPoliciesOnRecord({
      bundles,
      toolchain,
      opaBuiltins,
      compiledBefore,
      inForce,
      progress,
    }),
    toolchain,
  });
}

/** A log whose key is not on record yet gets a record of it. */
async function recordKey(
  { tree, audit }: Store,
  head: { readonly id: string; readonly time: string; readonly revision: number },
): Promise<void> {
  const vkey = tree.signingKey;
  if (vkey === undefined || (await tree.keys()).length > 0) return;
  await audit.append({
    record: { ...head, kind: 'key', caller: LOCAL_CALLER, vkey },
    changes: [{ kind: 'put_key', vkey }],
  });
}
