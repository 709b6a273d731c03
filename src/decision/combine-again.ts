import { ByObjects } from '../document/by-objects.js';
import { recurring, recurs } from '../document/recurring.js';
import { combine, type Question } from './combine.js';
import type { Decision, Finding } from './decision.js';

/** What lists of findings come to, for each action that is asked for. */
const decisions = new ByObjects<Map<string, Decision>>(4096);
/** Actions that are remembered with the same lists. */
const ACTIONS_MAX = 16;
/** A longer name of an action is anybody's text, and is not remembered. */
const ACTION_CHARS_MAX = 128;

/**
 * Combines the findings of each layer, as `combine` does. Where the same lists came before for the same question, the
 * decision is the same object as then: most layers say the same again and again, whoever asks.
 */
export function combineAgain(found: readonly (readonly Finding[])[], question: Question): Decision {
  const { kind, action, grantingLayers } = question;
  if (action.length > ACTION_CHARS_MAX || !found.every(recurs)) return combine(found.flat(), question);
  const byAction = decisions.of([grantingLayers, ...found], () => new Map<string, Decision>());
  const asked = `${kind} ${action}`;
  const before = byAction.get(asked);
  if (before !== undefined) return before;
  const decision = combine(found.flat(), question);
  recurring(decision.findings);
  if (byAction.size === ACTIONS_MAX) byAction.clear();
  byAction.set(asked, decision);
  return decision;
}
