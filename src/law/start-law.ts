import type { ToolchainIdentity } from '../audit/record.js';
import { LOCAL_CALLER } from '../identity/caller.js';
import { lawOf } from './law-on-record.js';
import { loadDecided } from './load-decided.js';
import { putInForce } from './mesh.js';
import type { Opened } from './opened.js';
import { CurrentPolicies } from '../policy/current-policies.js';
import { withEmergency, type EmergencyOnRecord } from '../council/emergency-on-record.js';
import { InMemoryCouncil } from '../council/in-memory-council.js';
import { readBundles } from '../policy/read-bundles.js';
import { InMemoryRegistry } from '../registry/in-memory-registry.js';
import { readSeed, type Seed } from '../registry/seed.js';
import type { Change } from '../store/store.js';

/** What a service starts with: what it knows, and what is in force. */
export interface Started {
  readonly registry: InMemoryRegistry;
  readonly current: CurrentPolicies;
  /** What the council has before it and had. */
  readonly council: InMemoryCouncil;
  /** What compiles from now on. */
  readonly toolchainIdentity: ToolchainIdentity;
}

/**
 * Loads what is registered and the bundles in force, where the log says that they were decided; an empty store is seeded
 * first.
 *
 * @throws WitanError what `loadDecided`, `readBundles`, `readSeed` and `putInForce` throw
 */
export async function startLaw(opened: Opened): Promise<Started> {
  const { config, store } = opened;
  const found = await store.bundles.current();
  if (found === undefined) return seed(opened);
  const registry = new InMemoryRegistry(await store.registry.load());
  const { evaluationMsMax } = config;
  const { law, emergencies, toolchain } = await loadDecided(store, found, {
    ...opened,
    evaluationMsMax,
    registry,
  });
  const council = await loadCouncil(opened, emergencies);
  return { registry, current: new CurrentPolicies(law), council, toolchainIdentity: toolchain };
}

/** Of emergencies in force the log is believed, not the rows of their proposals: whoever edits one cannot make it last. */
async function loadCouncil(
  { store, warn }: Pick<Opened, 'store' | 'warn'>,
  emergencies: readonly EmergencyOnRecord[],
): Promise<InMemoryCouncil> {
  const { proposals, waivers } = await store.council.load();
  const believed = proposals.map((proposal) => {
    const emergency = emergencies.find((each) => each.proposal === proposal.id);
    const told = emergency === undefined ? proposal : withEmergency(proposal, emergency);
    if (told !== proposal) {
      warn(
        `the row of proposal ${proposal.id} says another thing of its emergency than the log, which is believed`,
      );
    }
    return told;
  });
  return new InMemoryCouncil({ proposals: believed, waivers });
}

/** An empty store becomes revision 1 in one commit: bundles, domains, people and products with the record that says so. */
async function seed({
  config,
  store,
  toolchain,
  opaBuiltins,
  modules,
  moduleBytes,
  nowMs,
  newId,
  progress,
}: Opened): Promise<Started> {
  const time = new Date(nowMs()).toISOString();
  progress(
    `an empty store: seeding it from ${config.policies}${config.seed === undefined ? '' : ` and ${config.seed}`}`,
  );
  const bundles = await readBundles(config.policies);
  const content: Seed =
    config.seed === undefined
      ? { domains: [], entities: [], products: [] }
      : await readSeed(config.seed, time);
  const registry = new InMemoryRegistry(content);
  progress(`compiling ${bundles.length} bundles`);
  const policies = await putInForce(bundles, registry, {
    toolchain,
    opaBuiltins,
    modules,
    ...(moduleBytes !== undefined && { moduleBytes }),
    revision: 1,
    evaluationMsMax: config.evaluationMsMax,
  });
  const toolchainIdentity = await toolchain.identity();
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
      ...lawOf(policies, toolchainIdentity),
    },
    changes,
  });
  const byLayer = new Map(bundles.map((bundle) => [bundle.layer, bundle]));
  return {
    registry,
    current: new CurrentPolicies({ policies, bundles: byLayer }),
    council: new InMemoryCouncil(),
    toolchainIdentity,
  };
}
