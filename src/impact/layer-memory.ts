import type { Finding, FindingErrorCode } from '../decision/decision.js';
import {
  askLayer,
  askPolicy,
  findingOf,
  isLayerError,
  type EvaluationMoment,
  type PolicyAnswer,
} from '../decision/evaluate.js';
import { writeJson } from '../document/json.js';
import { recurring } from '../document/recurring.js';
import type { LayerInForce } from '../policy/in-force.js';
import type { Kind } from '../policy/kind.js';
import { readsOf } from '../rego/reads.js';
import type { KeyPlaces, ReadNumbers, ReadInput } from './read-input.js';

/** Answers of one policy that are remembered; then all are forgotten. */
const REMEMBERED_MAX = 4096;
/** Longer answers are not remembered. */
const REMEMBERED_CHARS_MAX = 4096;
/**
 * What took longer is not remembered, in milliseconds: how many steps an evaluation may take depends on the length of
 * the whole input (`stepsMax`), and what took no longer is within what every input may.
 */
const REMEMBERED_MS_MAX = 10;
/** Errors that depend on the length of the whole input. */
const EXHAUSTED: ReadonlySet<FindingErrorCode> = new Set(['budget_exhausted', 'memory_exhausted']);
/** More policies than these are asked together. */
const ALONE_MAX = 2;

interface Remembered {
  readonly answer: PolicyAnswer;
  /** What it comes to unless it is waived; absent where that depends on what the policy requires of the request. */
  readonly finding?: Finding;
}

/** What one policy, asked as one kind, answered by what it reads. Of two laws that both have it there is one memory. */
class PolicyMemory {
  readonly #places: KeyPlaces;
  readonly #remembered = new Map<string, Remembered>();

  constructor(places: KeyPlaces) {
    this.#places = places;
  }

  keyOf(input: ReadInput): string {
    return input.keyOf(this.#places);
  }

  recall(key: string): Remembered | undefined {
    return this.#remembered.get(key);
  }

  remember(key: string, remembered: Remembered): void {
    if (this.#remembered.size >= REMEMBERED_MAX) this.#remembered.clear();
    this.#remembered.set(key, remembered);
  }
}

/** A layer in force, whose policies are asked again only where what they read differs. */
export interface LayerMemory {
  readonly layer: LayerInForce;
  readonly kind: Kind;
  readonly memories: readonly PolicyMemory[];
}

/** @param twin the same layer of another law, and the policies that are the same in both (`samePolicies`) */
export function layerMemory(
  layer: LayerInForce,
  kind: Kind,
  numbers: ReadNumbers,
  twin?: { readonly memory: LayerMemory; readonly same: ReadonlySet<string> },
): LayerMemory {
  const compiled = layer.module?.compiled;
  const reads = compiled === undefined ? undefined : readsOf(compiled.code);
  const memories = layer.byKind[kind].map(({ name }) => {
    const at = twin?.memory.layer.byKind[kind].findIndex((policy) => policy.name === name) ?? -1;
    const shared = twin?.same.has(name) === true ? twin.memory.memories[at] : undefined;
    return shared ?? new PolicyMemory(numbers.placesOf(reads?.get(`witan/policy/${name}`) ?? true));
  });
  return { layer, kind, memories };
}

/** What the layer's policies find. Findings that depend on nothing but what the policies read are the same objects. */
export function findingsOf(
  memory: LayerMemory,
  input: ReadInput,
  moment: EvaluationMoment,
): readonly Finding[] {
  const { layer, kind, memories } = memory;
  if (layer.module === undefined) {
    const fault = askLayer(layer, kind, input, moment);
    return isLayerError(fault) ? [fault] : [];
  }
  const keys = memories.map((each) => each.keyOf(input));
  const known = memories.map((each, at) => each.recall(keys[at] ?? ''));
  const unknown = known.reduce((count, each) => (each === undefined ? count + 1 : count), 0);
  const answered = unknown === 0 ? [] : ask(memory, known, unknown, input, moment);
  if ('layer' in answered) return [answered];
  return layer.byKind[kind].map((policy, at) => {
    const fresh = answered[at];
    const remembered = known[at];
    if (remembered?.finding !== undefined && !mayBeWaived(remembered.finding)) return remembered.finding;
    // INVARIANT: what is not remembered was asked.
    const answer = (remembered?.answer ?? fresh?.answer) as PolicyAnswer;
    const finding = findingOf(layer, policy, kind, input, moment, answer);
    const isPlain = finding.waiver === undefined && !requiresInput(answer);
    if (remembered !== undefined) return isPlain ? (remembered.finding ?? finding) : finding;
    if (fresh?.lasting === true) {
      memories[at]?.remember(keys[at] ?? '', { answer, ...(isPlain && { finding: recurring(finding) }) });
    }
    return finding;
  });
}

interface Fresh {
  readonly answer: PolicyAnswer;
  /** Whether it would be the same for every input of which the policy reads the same. */
  readonly lasting: boolean;
}

/** Asks those policies of which nothing is remembered: alone where they are few, else the layer as a whole. */
function ask(
  { layer, kind }: LayerMemory,
  known: readonly (Remembered | undefined)[],
  unknown: number,
  input: ReadInput,
  moment: EvaluationMoment,
): readonly (Fresh | undefined)[] | Finding {
  if (unknown <= ALONE_MAX) {
    return layer.byKind[kind].map((policy, at) => {
      if (known[at] !== undefined) return undefined;
      const started = performance.now();
      const answer = askPolicy(layer, policy, kind, input, moment);
      return { answer, lasting: isLasting(answer, performance.now() - started) };
    });
  }
  const started = performance.now();
  const answers = askLayer(layer, kind, input, moment);
  const ms = performance.now() - started;
  return isLayerError(answers)
    ? answers
    : answers.map((answer) => ({ answer, lasting: isLasting(answer, ms) }));
}

function isLasting(answer: PolicyAnswer, ms: number): boolean {
  if (ms > REMEMBERED_MS_MAX) return false;
  if ('error' in answer && EXHAUSTED.has(answer.error.code)) return false;
  return writeJson(answer).length <= REMEMBERED_CHARS_MAX;
}

function mayBeWaived({ outcome, enforcement }: Finding): boolean {
  return enforcement === 'soft' && (outcome === 'deny' || outcome === 'error');
}

function requiresInput(answer: PolicyAnswer): boolean {
  return 'said' in answer && typeof answer.said !== 'string' && answer.said.requires.length > 0;
}
