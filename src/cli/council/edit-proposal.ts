import { WitanError } from '../../errors.js';
import type { CommandNeeds } from '../command.js';
import { plain } from '../style.js';
import { EXIT, type ExitCode } from '../terminal.js';
import { proposalIn } from './answers.js';
import { readFolder } from './layers-at-hand.js';
import { proposalPath } from './proposal-paths.js';
import type { ProposeOptions } from './propose.js';
import { examined, exitCodeOf, showProposed, showUnread } from './proposed.js';
import type { Service } from './service.js';

/**
 * Puts the bundle of a folder in the place of a proposal's.
 *
 * @throws ServerError; WitanError `invalid_request` for what only a new proposal is given, or a folder without its layer
 */
export async function runEdit(
  options: ProposeOptions & { readonly id: string },
  service: Service,
  needs: CommandNeeds,
): Promise<ExitCode> {
  const { id, folder, wait, json } = options;
  if (
    options.breakGlass ||
    [options.title, options.descriptionFile, options.reason].some((each) => each !== undefined)
  ) {
    throw new WitanError(
      'invalid_request',
      '`--edit` replaces the bundle alone: title, description and reason stay',
    );
  }
  const { layers, faults } = await readFolder(folder);
  if (faults.length > 0) return showUnread(faults, json, needs);
  const { layer, digest } = proposalIn(await service.get(proposalPath(id)));
  const found = layers.find(({ bundle }) => bundle.layer === layer);
  if (found === undefined) {
    throw new WitanError(
      'invalid_request',
      `proposal ${id} is for \`${layer}\`, of which there is no bundle in \`${folder}\``,
    );
  }
  if (found.bundle.digest === digest) {
    needs.terminal.err(`nothing to edit: proposal ${plain(id)} is for this very bundle\n`);
    if (json) showProposed([], true, needs);
    return EXIT.no;
  }
  const answer = await service.send('PUT', proposalPath(id, 'bundle'), { files: found.bundle.files });
  const proposed = await examined(answer, { folder: found.folder, wait }, service, needs);
  showProposed([proposed], json, needs);
  return exitCodeOf(proposed);
}
