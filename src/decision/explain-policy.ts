import { canonicalJson } from '../document/json.js';
import type { Fault } from '../errors.js';
import type { PolicyInForce } from '../policy/in-force.js';
import type { LayerTrace, PolicyTrace, RuleTrace } from '../policy/trace-layer.js';
import type { Finding } from './decision.js';
import { hear, type Heard } from './evaluate.js';
import type { AskedLayer } from './judge.js';

/** One policy that was asked, with what it said; one that abstained without a word, too. */
export interface PolicyExplained extends Finding {
  readonly policy: string;
  readonly title: string;
  /** Whether it said anything. */
  readonly mattered: boolean;
  /** What each says, where the interpreter does not say what the module said. */
  readonly differs?: { readonly module: string; readonly interpreter: string };
  /** `<layer>/<path>`, and the row of its package; absent when the layer was not traced, as the rules are. */
  readonly file?: string;
  readonly row?: number;
  /** Where the interpreter's evaluation failed. */
  readonly failed_at?: Fault;
  /** Its own definitions, then those of libraries that it reached. */
  readonly rules: readonly RuleTrace[];
}

/** Puts together what a policy said to the module and to the interpreter. */
export function explainPolicy(
  policy: PolicyInForce,
  { layer, kind, input }: AskedLayer,
  findings: readonly Finding[],
  trace: LayerTrace | undefined,
): PolicyExplained {
  const found = findings.find(
    (finding) => finding.policy === policy.name && finding.layer === layer && finding.kind === kind,
  );
  const finding = found ?? abstention(policy, { layer, kind, input });
  const traced = trace?.policies.find(({ name }) => name === policy.name);
  const differs = traced === undefined ? undefined : difference(finding, interpreted(traced, input));
  return {
    ...finding,
    policy: policy.name,
    title: policy.title,
    mattered: found !== undefined,
    ...(differs !== undefined && { differs }),
    ...(traced !== undefined && { file: traced.file, row: traced.row }),
    ...(traced?.error !== undefined && { failed_at: traced.error }),
    rules: traced?.rules ?? [],
  };
}

/** A policy that says nothing leaves no finding in a decision. */
function abstention(policy: PolicyInForce, { layer, kind, input }: AskedLayer): Finding {
  const { enforcement, enforcedFrom } = policy;
  const enforced = enforcement === 'hard' || enforcement === 'soft';
  const pending = enforcedFrom !== undefined && Date.parse(input.now) < enforcedFrom.ms;
  return {
    layer,
    kind,
    enforcement,
    binding: enforced && !pending,
    outcome: 'abstain',
    ...(enforced && pending && { enforced_from: enforcedFrom.text }),
  };
}

function interpreted({ said, error }: PolicyTrace, input: AskedLayer['input']): Heard {
  return error === undefined ? hear(said, { value: input }) : { outcome: 'error', error: error.message };
}

/** Errors are worded differently by the two; that both are in error is the same. */
function difference(module: Heard, interpreter: Heard): PolicyExplained['differs'] {
  if (module.outcome === 'error' && interpreter.outcome === 'error') return undefined;
  if (meaning(module) === meaning(interpreter)) return undefined;
  return { module: inWords(module), interpreter: inWords(interpreter) };
}

/** What counts of what was heard; sets have no order. */
function meaning({ outcome, denials = [], obligations = [], advice = [] }: Heard): string {
  const sets = [denials, obligations, advice].map((items) => items.map(canonicalJson).sort());
  return canonicalJson([outcome, ...sets]);
}

const OUTCOMES = {
  error: 'it is in error',
  deny: 'it denies',
  permit: 'it permits',
  abstain: 'it abstains',
} as const;

function inWords({ outcome, error, denials = [], obligations = [], advice = [] }: Heard): string {
  const messages = [
    ...(error === undefined ? [] : [error]),
    ...denials.map(({ message }) => message),
    ...obligations.map(({ type, properties }) => `obligation ${type} ${canonicalJson(properties)}`),
    ...advice.map(({ message }) => `advice: ${message}`),
  ];
  return messages.length === 0 ? OUTCOMES[outcome] : `${OUTCOMES[outcome]}: ${messages.sort().join('; ')}`;
}
