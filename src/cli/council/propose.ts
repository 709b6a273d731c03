import { WitanError } from '../../errors.js';
import type { CommandNeeds } from '../command.js';
import { reportError } from '../fault-lines.js';
import { readText } from '../read-text.js';
import { count, plain } from '../style.js';
import { EXIT, type ExitCode } from '../terminal.js';
import { readFolder, type LayerAtHand } from './layers-at-hand.js';
import { bundleFiles } from './layer-bundles.js';
import {
  changedLayers,
  hiddenLayers,
  layersInForce,
  layersMissing,
  type LayersInForce,
} from './layers-in-force.js';
import { titleOf } from './proposal-title.js';
import { examined, exitCodeOf, showProposed, showUnread, type Proposed } from './proposed.js';
import type { Service } from './service.js';

export interface ProposeOptions {
  readonly folder: string;
  /** Made of what changed unless given. */
  readonly title: string | undefined;
  readonly descriptionFile: string | undefined;
  readonly breakGlass: boolean;
  readonly reason: string | undefined;
  /** Whether to wait until the proposal is checked and its impact is known. */
  readonly wait: boolean;
  readonly json: boolean;
}

/**
 * Proposes every bundle of a folder that is another than the one in force.
 *
 * @throws ServerError; WitanError `invalid_request` for flags that do not go together, `not_found` for a missing folder
 */
export async function runPropose(
  options: ProposeOptions,
  service: Service,
  needs: CommandNeeds,
): Promise<ExitCode> {
  const { terminal } = needs;
  requireFitting(options);
  const { layers, faults, whole } = await readFolder(options.folder);
  if (faults.length > 0) return showUnread(faults, options.json, needs);
  const inForce = await layersInForce(service);
  // A layer that was named alone is proposed in any case, so that the service says why not.
  const hidden = whole ? await hiddenLayers(layers, inForce, service) : new Set<string>();
  if (hidden.size > 0) {
    terminal.err(`not for you to read, so left as they are: ${plain([...hidden].join(', '))}\n`);
  }
  const readable = layers.filter(({ bundle }) => !hidden.has(bundle.layer));
  const changed = changedLayers(readable, inForce);
  const missing = whole ? layersMissing(layers, inForce) : [];
  if (missing.length > 0) {
    terminal.err(`not in the folder, so left as they are: ${plain(missing.join(', '))}\n`);
  }
  if (changed.length === 0) {
    const why =
      readable.length === 0
        ? 'there is no layer in the folder that you may read'
        : `${namesOf(readable)} ${readable.length === 1 ? 'stands' : 'stand'} as in revision ${inForce.revision}`;
    terminal.err(`nothing to propose: ${why}\n`);
    if (options.json) showProposed([], true, needs);
    return EXIT.no;
  }
  if (changed.length > 1) {
    terminal.err(
      `${count(changed.length, 'layer')} changed: ${namesOf(changed)}; each becomes a proposal of its own\n`,
    );
  }
  const description = await descriptionOf(options, needs);
  const proposed: Proposed[] = [];
  const codes: ExitCode[] = [];
  for (const layer of changed) {
    try {
      proposed.push(await propose(layer, inForce, { ...options, description }, service, needs));
    } catch (thrown) {
      // A layer that may not be proposed is no reason to leave out the others.
      if (!(thrown instanceof WitanError) || changed.length === 1) throw thrown;
      terminal.err(`${plain(layer.bundle.layer)} is not proposed:\n`);
      codes.push(reportError(terminal, thrown));
    }
  }
  showProposed(proposed, options.json, needs);
  return Math.max(...codes, ...proposed.map(exitCodeOf)) as ExitCode;
}

async function propose(
  { bundle, folder }: LayerAtHand,
  { digests }: LayersInForce,
  {
    title,
    description,
    breakGlass,
    reason,
    wait,
  }: Omit<ProposeOptions, 'descriptionFile'> & { readonly description: string | undefined },
  service: Service,
  needs: CommandNeeds,
): Promise<Proposed> {
  const digest = digests.get(bundle.layer);
  const before = digest === undefined ? undefined : await bundleFiles(service, bundle.layer, digest);
  const answer = await service.send('POST', 'v1/proposals', {
    layer: bundle.layer,
    title: title ?? titleOf(before, bundle, needs.nowMs()),
    ...(description !== undefined && { description }),
    files: bundle.files,
    ...(breakGlass && { break_glass: { reason } }),
  });
  return examined(answer, { folder, wait }, service, needs);
}

/** @throws WitanError `invalid_request` */
function requireFitting({ breakGlass, reason }: ProposeOptions): void {
  if (breakGlass === (reason !== undefined)) return;
  throw new WitanError(
    'invalid_request',
    '`--break-glass` and `--reason <text>` go together: an emergency is given its reason',
  );
}

async function descriptionOf(
  { descriptionFile }: ProposeOptions,
  { stdin }: CommandNeeds,
): Promise<string | undefined> {
  if (descriptionFile === undefined) return undefined;
  return descriptionFile === '-' ? stdin() : readText(descriptionFile, 'invalid_request');
}

function namesOf(layers: readonly LayerAtHand[]): string {
  return plain(layers.map(({ bundle }) => bundle.layer).join(', '));
}
