import { createActivation, type Activation, type ActivationNeeds } from './activation.js';
import { randomBytes } from 'node:crypto';
import { createBundleCheck, type BundleCheck } from './check-bundle.js';
import { uuidv7 } from './ids.js';
import { keptValues } from './audit/kept-values.js';
import type { Config } from './config.js';
import type { DecisionBasis } from './decision/decide.js';
import { createDecisionPoint, type DecisionPoint } from './decision/decision-point.js';
import { Gate } from './decision/gate.js';
import type { ActivationStep } from './enact.js';
import { LOCAL_CALLER } from './identity/caller.js';
import { lawOf } from './law-on-record.js';
import { loadDecided } from './load-decided.js';
import { openToolchain, putInForce } from './mesh.js';
import { createCommit, type Commit } from './commit.js';
import { createCouncilActs, type CouncilActs } from './council-acts.js';
import { councilByTheClock } from './council-by-the-clock.js';
import type { Examiner } from './council/examiner.js';
import { InMemoryCouncil } from './council/in-memory-council.js';
import { InMemoryTokens } from './identity/in-memory-tokens.js';
import { giveFirstTokens } from './first-tokens.js';
import { inTurns, type InTurn } from './in-turn.js';
import { CurrentPolicies } from './policy/current-policies.js';
import { createEvidenceActs, type EvidenceActs } from './evidence-acts.js';
import type { Bundle } from './policy/bundle.js';
import type { PoliciesInForce } from './policy/in-force.js';
import { createPoliciesOnRecord } from './policies-on-record.js';
import { pruneByTheClock } from './prune-by-the-clock.js';
import { readBundles } from './policy/read-bundles.js';
import { InMemoryRegistry, type RegistryContent } from './registry/in-memory-registry.js';
import { readSeed } from './registry/seed.js';
import { createQuarantine } from './decision/quarantine.js';
import { createOpaBuiltins, type OpaBuiltins } from './rego/opa-builtins.js';
import type { Toolchain } from './rego/toolchain.js';
import { createTokenActs, type TokenActs } from './tokens.js';
import { createImpacts } from './impacts.js';
import { createProposalImpacts, type ProposalImpacts } from './proposal-impacts.js';
import { createReplays, type Replays } from './replays.js';
import { randomSalt } from './salt.js';
import { createShadowRuns, type ShadowRuns } from './shadow-runs.js';
import { unsealedActs } from './unsealed-acts.js';
import { openStore } from './store/sqlite/open-store.js';
import type { Change, CurrentRevision, Store } from './store/store.js';

/** The service without its network: everything that a request needs, put together. */
export interface App {
  readonly config: Config;
  readonly store: Store;
  readonly registry: InMemoryRegistry;
  /** What the council has before it and had. */
  readonly council: InMemoryCouncil;
  readonly tokens: InMemoryTokens;
  /** Gives tokens, and takes them back. */
  readonly tokenActs: TokenActs;
  readonly current: CurrentPolicies;
  readonly commit: Commit;
  /** Acts of the council come one after the other. */
  readonly councilTurn: InTurn;
  /** Acts on proposals. */
  readonly councilActs: CouncilActs;
  readonly policies: () => PoliciesInForce;
  /** What the next decision is made from. */
  readonly basis: () => DecisionBasis;
  readonly decisionPoint: DecisionPoint<Change>;
  readonly activation: Activation;
  readonly shadows: ShadowRuns;
  readonly replays: Replays;
  /** Checks by machine of bundles that may become law. */
  readonly bundleCheck: BundleCheck;
  /** What proposals would change. */
  readonly proposalImpacts: ProposalImpacts;
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
    const current = await store.bundles.current();
    const started =
      current === undefined
        ? await seed(config, store, { toolchain, opaBuiltins, nowMs, newId, progress })
        : await resume(config, store, current, { toolchain, opaBuiltins, progress, warn });
    const opened = { config, store, toolchain, opaBuiltins, nowMs, newId, progress, warn, step };
    return await assemble(opened, started);
  } catch (thrown) {
    opaBuiltins.close();
    await toolchain.close();
    await store.close();
    throw thrown;
  }
}

interface Opened extends Required<Pick<AppOptions, 'config' | 'nowMs' | 'progress' | 'warn' | 'step'>> {
  readonly store: Store;
  readonly toolchain: Toolchain;
  readonly opaBuiltins: OpaBuiltins;
  readonly newId: () => string;
}

/** Puts together what was opened and started; it closes all of it. */
async function assemble(opened: Opened, { registry, current }: Started): Promise<App> {
  const { config, store, toolchain, opaBuiltins, nowMs, newId, progress, warn, step } = opened;
  const policies = (): PoliciesInForce => current.policies;
  const council = new InMemoryCouncil(await store.council.load());
  const tokens = new InMemoryTokens(await store.tokens.load());
  const quarantine = createQuarantine();
  await recordKey(store, {
    id: newId(),
    time: new Date(nowMs()).toISOString(),
    revision: policies().revision,
  });
  const basis = (): DecisionBasis => ({ policies: policies(), registry, waivers: [], quarantine });
  const toolchainIdentity = await toolchain.identity();
  const acts = createEvidenceActs({
    ...store,
    law: () => ({ revision: policies().revision, ...lawOf(policies(), toolchainIdentity) }),
    ...{ policies, nowMs, newId },
  });
  const commit = createCommit(store.audit, { registry, council, tokens });
  const tokenActs = createTokenActs({
    tokens,
    commit,
    nowMs,
    newId,
    randomBytes,
    revision: () => policies().revision,
  });
  await giveFirstTokens({ config, registry, tokens, tokenActs, nowMs, progress });
  const pruning = pruneByTheClock(acts, { progress, warn });
  const councilTurn = inTurns();
  const shared = { registry, council, tokens, current, commit, councilTurn, nowMs, newId };
  const bundleCheck = createBundleCheck({ ...config, toolchain, registry, current, nowMs });
  const proposalImpacts = impactsOf(opened, { ...shared, basis });
  const examiner = examinerOf(bundleCheck, proposalImpacts);
  const [gate, mesh] = [new Gate(), { toolchain, opaBuiltins, evaluationMsMax: config.evaluationMsMax }];
  const parts = { ...store, ...shared, store, gate, mesh, toolchainIdentity, warn, step, examiner };
  const { councilActs, councilClock, activation, shadows } = await putCouncilTogether(parts);
  const { observe } = shadows;
  const { audit } = store;
  const point = { basis, audit, nowMs, newId, salt: randomSalt, warn, gate, observe };
  return {
    ...shared,
    config,
    store,
    tokenActs,
    councilActs,
    policies,
    basis,
    decisionPoint: createDecisionPoint(point),
    activation,
    shadows,
    replays: replaysOf({ store, toolchain, opaBuiltins, progress }, policies),
    bundleCheck,
    proposalImpacts,
    acts,
    async close() {
      await Promise.all([pruning.stop(), councilClock.stop()]);
      await shadows.stop();
      const checked = councilActs.stop();
      await proposalImpacts.close();
      opaBuiltins.close();
      await toolchain.close();
      await checked;
      await store.close();
    },
  };
}

function replaysOf(
  {
    store,
    toolchain,
    opaBuiltins,
    progress,
  }: Pick<Opened, 'store' | 'toolchain' | 'opaBuiltins' | 'progress'>,
  inForce: () => PoliciesInForce,
): Replays {
  const { records, evidence, bundles } = store;
  return createReplays({
    records,
    maskedValues: keptValues(records, evidence),
    policiesOnRecord: createPoliciesOnRecord({ bundles, toolchain, opaBuiltins, inForce, progress }),
    toolchain,
  });
}

type CouncilParts = Omit<ActivationNeeds, 'shadows' | 'moved'> &
  Pick<Store, 'audit' | 'records' | 'bundles'> & { readonly examiner: Examiner };

type CouncilRoom = Pick<App, 'councilActs' | 'activation' | 'shadows'> & {
  readonly councilClock: { readonly stop: () => Promise<void> };
};

/** What law is made with: proposals, votes, and coming into force; shadow runs that were going on go on. */
async function putCouncilTogether(parts: CouncilParts): Promise<CouncilRoom> {
  const { nowMs, warn } = parts;
  const councilActs = createCouncilActs(parts);
  const shadows = createShadowRuns(parts);
  const activation = createActivation({
    ...parts,
    shadows,
    moved: () => {
      void shadows.reload();
    },
  });
  await shadows.reload();
  const clocked = [
    { name: 'proposals', ...councilActs },
    { name: 'activations', ...activation },
  ];
  const councilClock = councilByTheClock(clocked, { nowMs, warn });
  return { councilActs, councilClock, activation, shadows };
}

function examinerOf(checks: BundleCheck, impacts: ProposalImpacts): Examiner {
  return {
    check: (bundle) => checks.check(bundle),
    impact: (proposal, bundle) => impacts.impact(proposal, bundle),
  };
}

function impactsOf(
  { config, store, toolchain, opaBuiltins, nowMs, newId, warn }: Opened,
  parts: Pick<App, 'council' | 'current' | 'basis' | 'commit' | 'councilTurn'>,
): ProposalImpacts {
  const { dataDir } = config;
  const impacts = createImpacts({ dataDir, toolchain, opaBuiltins, nowMs, warn, ...parts });
  return createProposalImpacts({ impacts, store, nowMs, newId, warn, ...parts });
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

interface Started {
  readonly registry: InMemoryRegistry;
  readonly current: CurrentPolicies;
}

type SeedNeeds = { toolchain: Toolchain; opaBuiltins: OpaBuiltins } & Required<
  Pick<AppOptions, 'nowMs' | 'progress'>
> & {
    newId: () => string;
  };

/** An empty store becomes revision 1 in one commit: bundles, domains, people and products with the record that says so. */
async function seed(
  config: Config,
  store: Store,
  { toolchain, opaBuiltins, nowMs, newId, progress }: SeedNeeds,
): Promise<Started> {
  const time = new Date(nowMs()).toISOString();
  progress(
    `an empty store: seeding it from ${config.policies}${config.seed === undefined ? '' : ` and ${config.seed}`}`,
  );
  const bundles = await readBundles(config.policies);
  const content: RegistryContent =
    config.seed === undefined
      ? { domains: [], entities: [], products: [] }
      : await readSeed(config.seed, time);
  const registry = new InMemoryRegistry(content);
  progress(`compiling ${bundles.length} bundles`);
  const policies = await putInForce(bundles, registry, {
    toolchain,
    opaBuiltins,
    revision: 1,
    evaluationMsMax: config.evaluationMsMax,
  });
  const layers = new Map(bundles.map(({ layer, digest }) => [layer, digest]));
  const changes: Change[] = [
    ...content.domains.map((domain) => ({ kind: 'put_domain' as const, domain })),
    ...content.entities.map((entity) => ({ kind: 'put_entity' as const, entity })),
    ...content.products.map((product) => ({ kind: 'put_product' as const, product })),
    ...bundles.map(({ digest, layer, files }) => ({ kind: 'put_bundle' as const, digest, layer, files })),
    { kind: 'activate', revision: 1, layers },
  ];
  await store.audit.append({
    record: {
      id: newId(),
      time,
      kind: 'seed',
      caller: LOCAL_CALLER,
      revision: 1,
      ...lawOf(policies, await toolchain.identity()),
    },
    changes,
  });
  return { registry, current: currentOf(policies, bundles) };
}

async function resume(
  config: Config,
  store: Store,
  found: CurrentRevision,
  {
    toolchain,
    opaBuiltins,
    progress,
    warn,
  }: Pick<SeedNeeds, 'toolchain' | 'opaBuiltins' | 'progress'> & Required<Pick<AppOptions, 'warn'>>,
): Promise<Started> {
  const registry = new InMemoryRegistry(await store.registry.load());
  const { evaluationMsMax } = config;
  const needs = { toolchain, opaBuiltins, evaluationMsMax, registry, progress, warn };
  return { registry, current: new CurrentPolicies(await loadDecided(store, found, needs)) };
}

function currentOf(policies: PoliciesInForce, bundles: readonly Bundle[]): CurrentPolicies {
  return new CurrentPolicies({ policies, bundles: new Map(bundles.map((bundle) => [bundle.layer, bundle])) });
}
