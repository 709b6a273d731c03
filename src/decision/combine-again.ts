import { ByObjects } from '../document/by-objects.js';
import { recurring, recurs } from '../document/recurring.js';
import { combine, saysSomething, type Question } from './combine.js';
import type { Decision, Finding } from './decision.js';

const DECISIONS_MAX = 16_384;
const QUESTIONS_MAX = 4096;
/** A longer name of an action is anybody's text, and is not remembered. */
const ACTION_CHARS_MAX = 128;

/** By the question, and the findings that say something. */
const decisions = new ByObjects<Decision>(DECISIONS_MAX);
const questions = new Map<string, Question>();

/**
 * Combines findings as `combine` does. Where the same ones came before for the same question, the decision is the same
 * object as then: most layers say the same again and again, whoever asks.
 */
export function combineAgain(found: readonly Finding[], question: Question): Decision {
  const findings = found.filter(saysSomething);
  if (question.action.length > ACTION_CHARS_MAX || !findings.every(recurs)) return combine(found, question);
  return decisions.of([askedBefore(question), ...findings], () => {
    const decision = combine(found, question);
    recurring(decision.findings);
    return decision;
  });
}

/** The same object for the same question. */
function askedBefore(question: Question): Question {
  const { kind, action, grantingLayers } = question;
  const text = `${kind} ${grantingLayers.join(' ')} ${action}`;
  const before = questions.get(text);
  if (before !== undefined) return before;
  if (questions.size === QUESTIONS_MAX) questions.clear();
  questions.set(text, question);
  return question;
}
