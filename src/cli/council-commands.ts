import type { Command } from 'commander';
import type { ProgramOptions } from './command-options.js';
import { addActivate } from './council/activate.js';
import { addComment } from './council/comment.js';
import { addEffective } from './council/effective.js';
import { addEntity } from './council/entity-commands.js';
import { addImpact } from './council/impact.js';
import { addLayers } from './council/list-layers.js';
import { addProposals } from './council/list-proposals.js';
import { addPropose } from './council/propose-command.js';
import { addRollback } from './council/rollback.js';
import { addShadow } from './council/shadow.js';
import { addProposal } from './council/show-proposal.js';
import { addVote } from './council/vote.js';
import { addWaiver } from './council/waiver-commands.js';
import { addWithdraw } from './council/withdraw.js';

/** The commands by which a change becomes law, in the order in which they are used. All of them ask a running service. */
export function addCouncil(program: Command, options: ProgramOptions): void {
  addLayers(program, options);
  addEffective(program, options);
  addPropose(program, options);
  addProposals(program, options);
  addProposal(program, options);
  addImpact(program, options);
  addComment(program, options);
  addVote(program, options);
  addWithdraw(program, options);
  addActivate(program, options);
  addShadow(program, options);
  addRollback(program, options);
  addWaiver(program, options);
  addEntity(program, options);
}
