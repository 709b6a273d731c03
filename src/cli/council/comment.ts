import type { Command } from 'commander';
import type { ProgramOptions } from '../command-options.js';
import { writeJson } from '../../document/json.js';
import { styleOf } from '../style.js';
import { EXIT } from '../terminal.js';
import { proposalIn } from './answers.js';
import { proposalPath } from './proposal-paths.js';
import { commentsSection } from './proposal-text.js';
import { serviceOf, withService, type ServiceFlags } from '../service-flags.js';

/** Adds `comment`. */
export function addComment(program: Command, options: ProgramOptions): void {
  withService(
    program
      .command('comment')
      .description('say something about a proposal, for everyone who reads it')
      .argument('<id>', 'id of the proposal')
      .argument('<text>', 'what to say, or - for standard input'),
    options,
  )
    .addHelpText('after', "\nExample: witan comment 12 'why not for finance as well?'\n")
    .action(async (id: string, said: string, { json = false, ...flags }: ServiceFlags) => {
      const { terminal, stdin } = options.needs;
      const text = said === '-' ? await stdin() : said;
      const answer = await serviceOf(flags, options).send('POST', proposalPath(id, 'comments'), { text });
      const { comments } = proposalIn(answer);
      terminal.out(
        json ? `${writeJson(answer, 2)}\n` : commentsSection(comments, styleOf(terminal)).slice(1),
      );
      options.ended(EXIT.fine);
    });
}
