import { WitanError } from '../errors.js';
import type { Caller } from '../identity/caller.js';
import { requireRole } from '../identity/grant.js';
import type { Council } from './council.js';
import { isEmergency } from './coming-into-force.js';
import type { Proposal } from './proposal.js';
import { votingSeat } from './visible.js';

/**
 * Who may put a proposal in force: its author, or a member of the council that decides it; an emergency another
 * operator than the one who handed it in.
 *
 * @throws WitanError `forbidden`
 */
export function requireMayActivate(caller: Caller, proposal: Proposal, council: Council): void {
  if (isEmergency(proposal)) {
    requireRole(caller, 'operator');
    // INVARIANT: an emergency names who handed it in.
    if (caller.id === proposal.break_glass?.operator || caller.id === proposal.author) {
      throw new WitanError(
        'forbidden',
        `\`${caller.id}\` handed in proposal ${proposal.id}: another operator has to put it in force`,
      );
    }
    return;
  }
  if (caller.id === proposal.author || votingSeat(caller, council) !== undefined) return;
  throw new WitanError(
    'forbidden',
    `\`${caller.id}\` is neither the author of proposal ${proposal.id} nor a member of the council of \`${council.of}\``,
  );
}
