import { WitanError } from '../errors.js';
import type { Caller } from '../identity/caller.js';
import { hasRole, requireRole } from '../identity/grant.js';
import { GLOBAL } from '../policy/layer.js';
import { seatOf, type Council } from './council.js';
import { isEmergency } from './coming-into-force.js';
import type { Proposal } from './proposal.js';

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
  if (caller.id === proposal.author || hasSeat(caller, council)) return;
  throw new WitanError(
    'forbidden',
    `\`${caller.id}\` is neither the author of proposal ${proposal.id} nor a member of the council of \`${council.of}\``,
  );
}

function hasSeat(caller: Caller, council: Council): boolean {
  const seat = seatOf(council, caller.id);
  if (seat === undefined) return false;
  return council.of === GLOBAL
    ? hasRole(caller, 'representative', seat.id)
    : hasRole(caller, 'steward', council.of);
}
