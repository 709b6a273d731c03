import type { Question } from '../decision/combine.js';
import { combineAgain } from '../decision/combine-again.js';
import type { Decision, Finding } from '../decision/decision.js';
import { hearingsOf, questionOf, unknownLayers, withoutBundle, type Hearing } from '../decision/judge.js';
import type { Quarantine } from '../decision/quarantine.js';
import type { Evaluation } from '../decision/request.js';
import type { SubjectMatter } from '../decision/subject-matter.js';
import type { Waivers } from '../decision/waiver.js';
import { canonicalJson } from '../document/json.js';
import type { PoliciesInForce } from '../policy/in-force.js';
import type { Kind } from '../policy/kind.js';
import { GLOBAL, type Layer } from '../policy/layer.js';
import { LayerMemory } from './layer-memory.js';
import type { ComparedPolicies } from './portable-policies.js';
import { ReadNumbers, ReadInput } from './read-input.js';

/** Two decisions of one evaluation at one moment: by what is in force, and by what is proposed. */
export interface JudgedTwice {
  readonly was: Decision;
  readonly wouldBe: Decision;
}

export type JudgeTwice = (evaluation: Evaluation, matter: SubjectMatter) => JudgedTwice;

/** No policy is spared: of each request it is to be known what it says. */
export const NOBODY_HELD: Quarantine = {
  holdsAny: () => false,
  find: () => undefined,
  put: (offender, nowMs) => ({ ...offender, untilMs: nowMs }),
  list: () => [],
  takeNew: () => [],
};

const NONE: ReadonlySet<string> = new Set();

/** One law, as far as it was asked. */
interface Law {
  readonly policies: PoliciesInForce;
  readonly memories: Map<string, LayerMemory>;
}

/** What was put to a law, and what its layers found, in their order. */
interface Heard {
  readonly hearings: readonly Hearing[];
  readonly inputs: readonly ReadInput[];
  readonly findings: readonly (readonly (readonly Finding[])[])[];
}

/**
 * Judges by two laws, and says of each request what `judge` says of it by one and by the other. Nothing is evaluated
 * again that must come out as before: policies where all that they read is the same, layers and policies that both laws
 * have, and what the findings combine to. All of it is at one moment, with the same waivers.
 *
 * @param nowMs Unix time in milliseconds
 */
export function judgingTwice(
  compared: ComparedPolicies,
  { nowMs, waivers }: { readonly nowMs: number; readonly waivers: Waivers },
): JudgeTwice {
  const { replaced, same } = compared;
  const numbers = new ReadNumbers();
  const current: Law = { policies: compared.current, memories: new Map() };
  const proposed: Law = { policies: compared.proposed, memories: new Map() };
  const parametersDiffer = differing(current.policies, proposed.policies);

  const memoryOf = (law: Law, layer: Layer, kind: Kind): LayerMemory | undefined => {
    const key = `${kind} ${layer}`;
    const known = law.memories.get(key);
    const inForce = law.policies.layers.get(layer);
    if (known !== undefined || inForce === undefined) return known;
    const twin = law === proposed ? memoryOf(current, layer, kind) : undefined;
    const memory =
      twin?.layer === inForce
        ? twin
        : new LayerMemory(inForce, kind, numbers, twin && { memory: twin, same: same.get(layer) ?? NONE });
    law.memories.set(key, memory);
    return memory;
  };
  const ask = (law: Law, { kind, domain }: Hearing, layer: Layer, input: ReadInput): readonly Finding[] => {
    const memory = memoryOf(law, layer, kind);
    if (memory === undefined) return withoutBundle(law.policies, layer, kind);
    return memory.find(input, { nowMs, waivers, domain, quarantine: NOBODY_HELD });
  };
  const byCurrent = (evaluation: Evaluation, matter: SubjectMatter): Heard => {
    const hearings = hearingsOf(evaluation, matter, current.policies, nowMs);
    const inputs = hearings.map(({ input }) => new ReadInput(input, matter, numbers));
    const findings = hearings.map((hearing, at) =>
      // INVARIANT: each hearing has its input.
      hearing.layers.map((layer) => ask(current, hearing, layer, inputs[at] as ReadInput)),
    );
    return { hearings, inputs, findings };
  };
  /** What the proposed law finds: where it is asked the same, and is the same, it is not asked. */
  const byProposed = (
    evaluation: Evaluation,
    matter: SubjectMatter,
    question: Question,
    before: Heard,
  ): Heard['findings'] => {
    const isAskedOther = parametersDiffer(matter, question);
    const hearings = isAskedOther
      ? hearingsOf(evaluation, matter, proposed.policies, nowMs)
      : before.hearings;
    return hearings.map((hearing, at) => {
      const input = isAskedOther
        ? new ReadInput(hearing.input, matter, numbers)
        : (before.inputs[at] as ReadInput);
      return hearing.layers.map((layer, place) => {
        const isSame = !isAskedOther && !replaced.has(layer) && current.policies.layers.has(layer);
        return isSame ? (before.findings[at]?.[place] ?? []) : ask(proposed, hearing, layer, input);
      });
    });
  };

  return (evaluation, matter) => {
    const unknown = unknownLayers(matter);
    const question = questionOf(evaluation, matter);
    const heard = byCurrent(evaluation, matter);
    const found = [...unknown, ...heard.findings.flat(2)];
    const was = combineAgain(found, question);
    // Both ask the same layers, and only those and `global` set parameters for them.
    const asked = [GLOBAL, ...matter.owningLayers, ...matter.consumingLayers];
    if (!asked.some((layer) => replaced.has(layer))) return { was, wouldBe: was };
    const would = [...unknown, ...byProposed(evaluation, matter, question, heard).flat(2)];
    const isEqual = would.length === found.length && would.every((finding, at) => finding === found[at]);
    return { was, wouldBe: isEqual ? was : combineAgain(would, question) };
  };
}

/** Whether the layers that are asked are given other parameters by one law than by the other. */
function differing(
  current: PoliciesInForce,
  proposed: PoliciesInForce,
): (matter: SubjectMatter, question: Question) => boolean {
  const known = new Map<string, boolean>();
  const differ = (chain: readonly Layer[]): boolean => {
    const key = chain.join(' ');
    let answer = known.get(key);
    if (answer === undefined) {
      const [one, other] = [current, proposed].map((policies) => [...policies.parametersUnder(chain)]);
      answer = canonicalJson(one) !== canonicalJson(other);
      known.set(key, answer);
    }
    return answer;
  };
  return ({ consumingLayers }, { grantingLayers }) =>
    differ(grantingLayers) || (consumingLayers.length > 0 && differ([GLOBAL, ...consumingLayers]));
}
