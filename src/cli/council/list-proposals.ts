import type { Command } from 'commander';
import { Option } from 'commander';
import { PROPOSAL_STATES, type ProposalState } from '../../council/proposal.js';
import { writeJson } from '../../document/json.js';
import type { CommandNeeds } from '../command.js';
import type { ProgramOptions } from '../command-options.js';
import { count, styleOf } from '../style.js';
import { EXIT, type ExitCode } from '../terminal.js';
import { proposalsIn, type ListedProposal } from './answers.js';
import { paintedTable, paintWord } from './painted-table.js';
import { paintState } from './proposal-state.js';
import { headOf } from './sections.js';
import type { Service } from './service.js';
import { serviceOf, withService, type ServiceFlags } from '../service-flags.js';

interface ListOptions {
  readonly state?: ProposalState | undefined;
  readonly layer?: string | undefined;
  readonly limit: string;
  readonly cursor?: string | undefined;
  readonly json: boolean;
}

const TITLE_CHARS_MAX = 60;
const COLUMNS = ['id', 'state', 'layer', 'title', 'author', 'what is needed'].map((title) => ({ title }));

/** Adds `proposals`. */
export function addProposals(program: Command, options: ProgramOptions): void {
  type Flags = ServiceFlags & Omit<ListOptions, 'json'>;
  withService(
    program
      .command('proposals')
      .description('list proposals, the newest first')
      .addOption(new Option('--state <state>', 'only those in this state').choices(PROPOSAL_STATES))
      .option('--layer <layer>', '`global`, or the path of a domain')
      .option('--limit <number>', 'how many at most', '50')
      .option('--cursor <cursor>', 'go on after an earlier page'),
    options,
  )
    .addHelpText('after', '\nExample: witan proposals --state open\n')
    .action(async ({ state, layer, limit, cursor, json = false, ...flags }: Flags) => {
      const asked = { state, layer, limit, cursor, json };
      options.ended(await runProposals(asked, serviceOf(flags, options), options.needs));
    });
}

/** Lists proposals as a table, one row for each. */
export async function runProposals(
  { json, ...filter }: ListOptions,
  service: Service,
  { terminal }: Pick<CommandNeeds, 'terminal'>,
): Promise<ExitCode> {
  const given = Object.entries(filter).filter((each): each is [string, string] => each[1] !== undefined);
  const answer = await service.get(`v1/proposals?${new URLSearchParams(given).toString()}`);
  const { proposals, next } = proposalsIn(answer);
  if (json) {
    terminal.out(`${writeJson(answer, 2)}\n`);
    return EXIT.fine;
  }
  const style = styleOf(terminal);
  terminal.out(
    paintedTable(COLUMNS, proposals.map(rowOf), style, (line, at) => {
      const state = proposals[at]?.state;
      return state === undefined ? line : paintWord(line, state, (word) => paintState(state, style, word));
    }),
  );
  terminal.err(
    next === undefined ? `${count(proposals.length, 'proposal')}\n` : `more follow: --cursor ${next}\n`,
  );
  return EXIT.fine;
}

function rowOf({ id, state, layer, title, author, summary }: ListedProposal): readonly string[] {
  return [id, state, layer, headOf(title, TITLE_CHARS_MAX), author, summary];
}
