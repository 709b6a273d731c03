import { saysSomething } from '../decision/combine.js';
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
import type { LayerInForce, PolicyInForce } from '../policy/in-force.js';
import type { Kind } from '../policy/kind.js';
import { bothRead, readsOf } from '../rego/reads.js';
import { isTold, type KeyPlaces, type ReadInput, type ReadNumbers } from './read-input.js';

/** Questions of one policy that are remembered, and answers to them; past either all are forgotten. */
const QUESTIONS_MAX = 65_536;
const ANSWERS_MAX = 4096;
/** Requests of which it is remembered what a layer finds; then all are forgotten. */
const SETTLED_MAX = 16_384;
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

/** After so many requests it is known which policies of a layer are asked the same again and again. */
const WATCHED_REQUESTS = 1024;
/** Those of whose questions more came before: where two laws have a policy, every other one does in any case. */
const OFTEN = 0.75;

interface Remembered {
  readonly answer: PolicyAnswer;
  /** What it comes to unless it is waived; absent where that depends on more of the request than the policy reads. */
  readonly finding?: Finding;
}

/**
 * What one policy, asked as one kind, answered by what it reads. Of two laws that both have it there is one memory. An
 * answer that was given to several questions is there once, so that many questions take little room.
 */
class PolicyMemory {
  readonly #byQuestion = new Map<string, Remembered>();
  readonly #byAnswer = new Map<string, Remembered>();
  #asked = 0;
  #recalled = 0;

  constructor(readonly places: KeyPlaces) {}

  recall(question: string): Remembered | undefined {
    const remembered = this.#byQuestion.get(question);
    this.#asked += 1;
    if (remembered !== undefined) this.#recalled += 1;
    return remembered;
  }

  /** @param text tells the answer apart from others, with all that its finding depends on */
  remember(question: string, text: string, make: () => Remembered): Remembered {
    if (this.#byQuestion.size >= QUESTIONS_MAX || this.#byAnswer.size >= ANSWERS_MAX) {
      this.#byQuestion.clear();
      this.#byAnswer.clear();
    }
    let remembered = this.#byAnswer.get(text);
    if (remembered === undefined) this.#byAnswer.set(text, (remembered = make()));
    this.#byQuestion.set(question, remembered);
    return remembered;
  }

  /** Whether it is asked the same again and again. */
  recalls(): boolean {
    return this.#recalled > this.#asked * OFTEN;
  }
}

/** A policy of a layer, with what is remembered of it. */
interface Asked {
  readonly policy: PolicyInForce;
  /** Its place among the policies of its layer and kind. */
  readonly at: number;
  readonly memory: PolicyMemory;
}

/** What a policy finds of one request. */
interface Found {
  readonly asked: Asked;
  readonly finding: Finding;
  /** Whether it is the same, and the same object, whenever the policy reads the same. */
  readonly lasting: boolean;
}

/** Policies that are remembered together, and all that they read. */
interface Together {
  readonly policies: ReadonlySet<Asked>;
  readonly places: KeyPlaces;
}

/** What a layer finds wherever its policies that are asked the same again and again read the same. */
interface Settled {
  /** Those that say something. */
  readonly findings: readonly Finding[];
  /** The policies that are looked at for each request all the same. */
  readonly open: readonly Asked[];
}

/**
 * A layer in force, whose policies are asked again only where what they read differs. Policies that are asked the same
 * again and again are remembered together, so that a request costs one look for them all.
 */
export class LayerMemory {
  readonly layer: LayerInForce;
  readonly policies: readonly Asked[];
  readonly #kind: Kind;
  readonly #numbers: ReadNumbers;
  #requests = 0;
  /** Absent until it is known. */
  #together: Together | undefined;
  readonly #settled = new Map<string, Settled>();

  /** @param twin the same layer of another law, and the policies that are the same in both (`samePolicies`) */
  constructor(
    layer: LayerInForce,
    kind: Kind,
    numbers: ReadNumbers,
    twin?: { readonly memory: LayerMemory; readonly same: ReadonlySet<string> },
  ) {
    const compiled = layer.module?.compiled;
    const reads = compiled === undefined ? undefined : readsOf(compiled.code);
    const shared = new Map(twin?.memory.policies.map(({ policy, memory }) => [policy.name, memory]));
    this.layer = layer;
    this.#kind = kind;
    this.#numbers = numbers;
    this.policies = layer.byKind[kind].map((policy, at) => {
      const { name } = policy;
      const known = twin?.same.has(name) === true ? shared.get(name) : undefined;
      const places = numbers.placesOf(reads?.get(`witan/policy/${name}`) ?? true);
      return { policy, at, memory: known ?? new PolicyMemory(places) };
    });
  }

  /** What the policies find that say something. Findings that depend on nothing but what is read are the same objects. */
  find(input: ReadInput, moment: EvaluationMoment): readonly Finding[] {
    if (this.layer.module === undefined) {
      const fault = askLayer(this.layer, this.#kind, input, moment);
      return isLayerError(fault) ? [fault] : [];
    }
    const together = this.#together ?? this.#watch();
    if (together === undefined) {
      const found = this.#look(this.policies, input, moment);
      return isLayerError(found) ? [found] : saying(found);
    }
    const key = input.keyOf(together.places);
    const before = this.#settled.get(key);
    const found = this.#look(before?.open ?? this.policies, input, moment);
    if (isLayerError(found)) return [found];
    if (before !== undefined)
      return found.length === 0 ? before.findings : [...before.findings, ...saying(found)];
    const settles = ({ asked, lasting }: Found): boolean => lasting && together.policies.has(asked);
    const [settled, open] = [found.filter(settles), found.filter((each) => !settles(each))];
    const findings = saying(settled);
    if (this.#settled.size >= SETTLED_MAX) this.#settled.clear();
    this.#settled.set(key, { findings, open: open.map(({ asked }) => asked) });
    return [...findings, ...saying(open)];
  }

  /** Tells the policies apart once it is known which are asked the same again and again. */
  #watch(): Together | undefined {
    this.#requests += 1;
    if (this.#requests < WATCHED_REQUESTS) return undefined;
    const policies = this.policies.filter(({ memory }) => memory.recalls());
    const reads = policies.map(({ memory }) => memory.places.reads).reduce(bothRead, {});
    return (this.#together = { places: this.#numbers.placesOf(reads), policies: new Set(policies) });
  }

  /** What some of the policies find. Those that nothing is remembered of are asked: alone where they are few, else all together. */
  #look(some: readonly Asked[], input: ReadInput, moment: EvaluationMoment): readonly Found[] | Finding {
    const recalled = some.map((asked) => {
      const question = input.keyOf(asked.memory.places);
      return { asked, question, remembered: asked.memory.recall(question) };
    });
    const unknown = recalled.reduce((count, each) => (each.remembered === undefined ? count + 1 : count), 0);
    const whole = unknown > ALONE_MAX ? this.#askAll(input, moment) : [];
    if (isLayerError(whole)) return whole;
    return recalled.map(({ asked, question, remembered }) =>
      remembered === undefined
        ? this.#learn(asked, question, whole[asked.at] ?? this.#askOne(asked, input, moment), input, moment)
        : this.#recall(asked, remembered, input, moment),
    );
  }

  #askAll(input: ReadInput, moment: EvaluationMoment): readonly Answer[] | Finding {
    const started = performance.now();
    const answers = askLayer(this.layer, this.#kind, input, moment);
    const ms = performance.now() - started;
    return isLayerError(answers) ? answers : answers.map((answer) => ({ answer, ms }));
  }

  #askOne({ policy }: Asked, input: ReadInput, moment: EvaluationMoment): Answer {
    const started = performance.now();
    const answer = askPolicy(this.layer, policy, this.#kind, input, moment);
    return { answer, ms: performance.now() - started };
  }

  #recall(asked: Asked, { answer, finding }: Remembered, input: ReadInput, moment: EvaluationMoment): Found {
    if (finding !== undefined && !mayBeWaived(finding)) return { asked, finding, lasting: true };
    const now = findingOf(this.layer, asked.policy, this.#kind, input, moment, answer);
    return { asked, finding: now.waiver === undefined ? (finding ?? now) : now, lasting: false };
  }

  #learn(
    asked: Asked,
    question: string,
    { answer, ms }: Answer,
    input: ReadInput,
    moment: EvaluationMoment,
  ): Found {
    const { policy, memory } = asked;
    const found = (): Finding => findingOf(this.layer, policy, this.#kind, input, moment, answer);
    const text = lastingText(answer, ms);
    if (text === undefined) return { asked, finding: found(), lasting: false };
    const required = requiredBy(answer);
    const isTheSame = required.every((pointer) => isTold(memory.places, pointer));
    // What it comes to depends on what is required as well.
    const remembered = memory.remember(question, required.length === 0 ? text : `${question} ${text}`, () => {
      const finding = found();
      const isPlain = isTheSame && finding.waiver === undefined;
      return { answer, ...(isPlain && { finding: recurring(finding) }) };
    });
    return this.#recall(asked, remembered, input, moment);
  }
}

interface Answer {
  readonly answer: PolicyAnswer;
  /** How long it took, in milliseconds. */
  readonly ms: number;
}

/** The text of an answer that would be the same for every input of which the policy reads the same. */
function lastingText(answer: PolicyAnswer, ms: number): string | undefined {
  if (ms > REMEMBERED_MS_MAX) return undefined;
  if ('error' in answer && EXHAUSTED.has(answer.error.code)) return undefined;
  const text = writeJson(answer);
  return text.length <= REMEMBERED_CHARS_MAX ? text : undefined;
}

function saying(found: readonly Found[]): readonly Finding[] {
  return found.map(({ finding }) => finding).filter(saysSomething);
}

function mayBeWaived({ outcome, enforcement }: Finding): boolean {
  return enforcement === 'soft' && (outcome === 'deny' || outcome === 'error');
}

/** What an answer requires of the request, as JSON pointers into the input. */
function requiredBy(answer: PolicyAnswer): readonly string[] {
  return 'said' in answer && typeof answer.said !== 'string' ? answer.said.requires : [];
}
