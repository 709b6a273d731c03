import type { ActivationRecord, LawInForce, PruningRecord, SeedRecord } from '../audit/record.js';
import {
  digestOnRecord,
  whyNotDecided,
  type LawRecord,
  type LayerLaw,
  type OnRecord,
} from '../council/decided-law.js';
import { emergencyOnRecord, type EmergencyOnRecord } from '../council/emergency-on-record.js';
import { WitanError } from '../errors.js';
import { LawEvidence, ownCheckpoint } from './law-evidence.js';
import { GLOBAL, type Layer } from '../policy/layer.js';
import type { CurrentRevision, Store } from '../store/store.js';

/** Layers whose bundle is not asked: why, in words, and which bundle the log says they have, if any. */
export type RefusedLaw = ReadonlyMap<Layer, { readonly why: string; readonly digest?: string }>;

/** What the log says of the law in force. */
export interface VerifiedLaw {
  readonly refused: RefusedLaw;
  /** Those in force, by proposal: when they end stands in the log alone. */
  readonly emergencies: readonly EmergencyOnRecord[];
  /** The last law on record whose modules need not be compiled again (`LawEvidence.provesModules`). */
  readonly modules: LawInForce | undefined;
}

/**
 * Finds out, before anything is loaded, which layers' bundles were decided as the rules say. The tables say what is in
 * force, and the log says why: each layer's digest must be the one of its last activation, which must follow from records
 * under the last checkpoint that was signed before this start. Whoever can write the database alone cannot make law.
 *
 * Not believed are the tables of revisions, proposals and bundles, keys that are on record, and records behind that
 * checkpoint. Believed are the log's signing key and the index that records are found by: hiding a record from it can keep
 * law from being found, or an earlier one in force, which the revision that the last sealed record carries tells.
 *
 * @returns layers to be refused: none of them is asked, so every decision under it is denied; and the emergencies in force
 * @throws WitanError `law_not_decided` when the revision itself, or the law of `global`, cannot be believed: everything is
 * built on it, so the service does not start; `store_*`
 */
export async function verifyLaw(
  store: Pick<Store, 'records' | 'tree' | 'bundles' | 'checkpointAtStart'>,
  current: CurrentRevision,
): Promise<VerifiedLaw> {
  const evidence = new LawEvidence(store, await checkpointBefore(store));
  const [seeds, prunings, activations] = await Promise.all([
    evidence.find<SeedRecord>({ kind: 'seed' }),
    evidence.find<PruningRecord>({ kind: 'pruning' }),
    evidence.find<ActivationRecord>({ kind: 'activation' }),
  ]);
  const base = [...seeds, ...prunings.filter(({ sealed }) => sealed)].reduce<
    OnRecord<SeedRecord | PruningRecord> | undefined
  >((last, each) => (last === undefined || each.sequence > last.sequence ? each : last), undefined);
  const since = activations.filter(({ sequence }) => base === undefined || sequence > base.sequence);
  const last: OnRecord<LawRecord> | undefined = since.at(-1) ?? base;
  await requireRevision(store, current, last, evidence);

  const inForce = new Map(current.layers.map(({ layer, digest }) => [layer, digest]));
  const named = [...(base?.record.layers ?? []), ...since.map(({ record }) => record)];
  const layers = new Set([...inForce.keys(), ...named.map(({ layer }) => layer)]);
  const refused = new Map<Layer, { why: string; digest?: string }>();
  const emergencies: EmergencyOnRecord[] = [];
  for (const layer of layers) {
    const law = await layerLaw(layer, { base, activations: since, evidence });
    const why = differs(law, inForce.get(layer)) ?? whyNotDecided(law);
    const emergency = emergencyOnRecord(law);
    if (emergency !== undefined) emergencies.push(emergency);
    if (why === undefined) continue;
    const digest = digestOnRecord(law);
    refused.set(layer, { why, ...(digest !== undefined && { digest }) });
  }
  const ofAll = refused.get(GLOBAL)?.why;
  if (ofAll !== undefined) {
    throw new WitanError(
      'law_not_decided',
      `the bundle of \`${GLOBAL}\` in the store was not decided: ${ofAll}; restore the database, or find out with \`witan audit verify\` who changed it`,
    );
  }
  const stated = base === undefined ? since : [base, ...since];
  return { refused, emergencies, modules: await lastProving(stated, evidence) };
}

async function lastProving(
  laws: readonly OnRecord<LawRecord>[],
  evidence: LawEvidence,
): Promise<LawInForce | undefined> {
  for (const law of [...laws].reverse()) if (await evidence.provesModules(law)) return law.record;
  return undefined;
}

/** The last checkpoint that was signed before this start; one that was due for a new key is as good. */
async function checkpointBefore({
  tree,
  checkpointAtStart,
}: Pick<Store, 'tree' | 'checkpointAtStart'>): Promise<ConstructorParameters<typeof LawEvidence>[1]> {
  if (checkpointAtStart === undefined) return 'start_of_log';
  const vkey = tree.signingKey ?? '';
  const own = ownCheckpoint(checkpointAtStart.note, vkey);
  if (own !== undefined) return own;
  const renewed = await tree.checkpoint();
  return renewed && ownCheckpoint(renewed.note, vkey);
}

/**
 * The revision of the tables must be the one that the log came to: that of its last law, and not less than that of its last
 * sealed record.
 */
async function requireRevision(
  { checkpointAtStart }: Pick<Store, 'checkpointAtStart'>,
  { revision }: CurrentRevision,
  last: OnRecord<LawRecord> | undefined,
  evidence: LawEvidence,
): Promise<void> {
  const sealed = checkpointAtStart === undefined ? undefined : await evidence.at(checkpointAtStart.size - 1);
  const found = [
    ...(last === undefined ? ['the log has no record of any law'] : []),
    ...(last !== undefined && last.record.revision !== revision
      ? [`the last law in the log is of revision ${last.record.revision}`]
      : []),
    ...(sealed !== undefined && sealed.record.revision > revision
      ? [`the last sealed record was made under revision ${sealed.record.revision}`]
      : []),
  ];
  const [first] = found;
  if (first === undefined) return;
  throw new WitanError(
    'law_not_decided',
    `the store says that revision ${revision} is in force, but ${first}: restore the database`,
  );
}

async function layerLaw(
  layer: Layer,
  {
    base,
    activations,
    evidence,
  }: Pick<LayerLaw, 'base' | 'activations'> & { readonly evidence: LawEvidence },
): Promise<LayerLaw> {
  const own = activations.filter(({ record }) => record.layer === layer);
  // Of an emergency that was taken back, what was in force before it counts.
  const ids = new Set(own.slice(-3).flatMap(({ record }) => record.proposal ?? []));
  const proposals = await Promise.all(
    [...ids].map(async (id) => [id, await evidence.proposal(id, layer)] as const),
  );
  return { layer, base, activations: own, proposals: new Map(proposals) };
}

function differs(law: LayerLaw, inForce: string | undefined): string | undefined {
  const digest = digestOnRecord(law);
  if (digest === inForce) return undefined;
  const named = (each: string | undefined): string => (each === undefined ? 'no bundle' : `\`${each}\``);
  return `the store names ${named(inForce)}, but the log says that ${named(digest)} is in force`;
}
