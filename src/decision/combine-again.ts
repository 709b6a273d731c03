import { recurring, recurs } from '../document/recurring.js';
import { combine, type Question } from './combine.js';
import type { Decision, Finding } from './decision.js';

/** Where some lists of findings lead to, one after the other. Nothing is kept of lists that are gone. */
interface Place {
  readonly beyond: WeakMap<readonly Finding[], Place>;
  /** What they come to, by the question. */
  readonly decisions: { readonly question: Question; readonly decision: Decision }[];
}

/** Questions that are remembered at one place. */
const QUESTIONS_MAX = 16;
/** A longer name of an action is anybody's text, and is not remembered. */
const ACTION_CHARS_MAX = 128;

const start: Place = { beyond: new WeakMap(), decisions: [] };

/**
 * Combines the findings of each layer, as `combine` does. Where the same lists came before for the same question, the
 * decision is the same object as then: most layers say the same again and again, whoever asks.
 */
export function combineAgain(found: readonly (readonly Finding[])[], question: Question): Decision {
  if (question.action.length > ACTION_CHARS_MAX || !found.every(recurs))
    return combine(found.flat(), question);
  const { decisions } = found.reduce(beyond, start);
  const before = decisions.find((each) => isSame(each.question, question));
  if (before !== undefined) return before.decision;
  const decision = combine(found.flat(), question);
  for (const list of [decision.findings, decision.reasons, decision.obligations, decision.advice])
    recurring(list);
  if (decisions.length === QUESTIONS_MAX) decisions.length = 0;
  decisions.push({ question, decision });
  return decision;
}

function beyond({ beyond: places }: Place, findings: readonly Finding[]): Place {
  const known = places.get(findings);
  if (known !== undefined) return known;
  const place: Place = { beyond: new WeakMap(), decisions: [] };
  places.set(findings, place);
  return place;
}

function isSame(a: Question, b: Question): boolean {
  return a.kind === b.kind && a.action === b.action && a.grantingLayers === b.grantingLayers;
}
