import { Argument, type Command } from 'commander';
import { VOTES, type Vote } from '../../council/proposal.js';
import { WitanError } from '../../errors.js';
import type { ProgramOptions } from '../command-options.js';
import { showActedOn } from './act-on-proposal.js';
import { proposalIn } from './answers.js';
import { proposalPath } from './proposal-paths.js';
import { serviceOf, withService, type ServiceFlags } from '../service-flags.js';

/** Adds `vote`: a ballot names the bundle that it is for. */
export function addVote(program: Command, options: ProgramOptions): void {
  type Flags = ServiceFlags & { readonly comment?: string; readonly digest?: string };
  withService(
    program
      .command('vote')
      .description('vote on a proposal, as a member of the council that decides it')
      .argument('<id>', 'id of the proposal')
      .addArgument(new Argument('<vote>', 'how').choices(VOTES))
      .option('--comment <text>', 'why; it goes on record with the vote')
      .option('--digest <digest>', 'the bundle that you read; another one is not voted on'),
    options,
  )
    .addHelpText(
      'after',
      "\nExample: witan vote 12 reject --digest sha256:1a2b3c4d5e6f --comment 'healthcare cannot meet it'\n",
    )
    .action(async (id: string, vote: Vote, { comment, digest, json = false, ...flags }: Flags) => {
      const service = serviceOf(flags, options);
      const shown = proposalIn(await service.get(proposalPath(id)));
      if (digest !== undefined) requireSame(digest, shown.digest);
      const ballot = { vote, digest: shown.digest, ...(comment !== undefined && { comment }) };
      const answer = await service.send('POST', proposalPath(id, 'ballots'), ballot);
      options.ended(showActedOn(answer, json, options.needs));
    });
}

const HEX_CHARS_MIN = 8;

/** @throws WitanError `ballot_outdated` for another bundle; `invalid_request` for a text that names none */
function requireSame(given: string, digest: string): void {
  const hex = given.replace(/^sha256:/, '');
  if (!/^[0-9a-f]+$/.test(hex) || hex.length < HEX_CHARS_MIN) {
    throw new WitanError(
      'invalid_request',
      `\`--digest\` is \`${given}\`; expected \`sha256:\` and at least ${HEX_CHARS_MIN} hexadecimal digits`,
    );
  }
  if (!digest.startsWith(`sha256:${hex}`)) {
    throw new WitanError(
      'ballot_outdated',
      `the proposal is now for ${digest}, not for ${given}: read it again before you vote`,
    );
  }
}
