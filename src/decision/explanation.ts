import type { PoliciesInForce } from '../policy/in-force.js';
import type { Kind } from '../policy/kind.js';
import type { Layer } from '../policy/layer.js';
import type { LayerTrace } from '../policy/trace-layer.js';
import type { Decided } from './decide.js';
import type { DecisionCode, Finding } from './decision.js';
import { decisiveRules, type DecisiveRule } from './decisive-rules.js';
import { explainPolicy, type PolicyExplained } from './explain-policy.js';
import { summaryOf } from './explanation-summary.js';

/**
 * Why a decision is as it is: in one sentence, then the lines that decided it, then every policy that was asked.
 * The decision is the module's; the lines are told by OPA's interpreter, which evaluates the same input again.
 */
export interface Explanation {
  readonly decision: boolean;
  readonly code: DecisionCode;
  /** One sentence, without full stop. */
  readonly summary: string;
  /** Whether, for some policy, the interpreter says something else than the module that decided: see `differs` there. */
  readonly differs: boolean;
  /** Whether a trace was cut, since it was too long: lines that are `not_reached` may have been reached. */
  readonly truncated: boolean;
  /** What decided it, the most telling first. */
  readonly decisive: readonly DecisiveRule[];
  /** In the order in which they were asked; layers that could not be asked come last. */
  readonly layers: readonly LayerExplained[];
}

export interface LayerExplained {
  readonly layer: Layer;
  readonly kind: Kind;
  /** Why the layer as a whole cannot vouch for anything. */
  readonly errors: readonly string[];
  /** Why no line can be told, although there are policies. */
  readonly untraced?: string;
  /** Those that mattered first: in error, denying, permitting, obliging or advising, abstaining. */
  readonly policies: readonly PolicyExplained[];
}

/**
 * Explains a decision.
 *
 * @param decided what `decide` made
 * @param policies those that it was decided with
 * @param traces of the layers that were asked, in any order; a layer without bundle has none
 */
export function explain(
  { decision, asked, question }: Pick<Decided, 'decision' | 'asked' | 'question'>,
  policies: PoliciesInForce,
  traces: readonly LayerTrace[],
): Explanation {
  const layers = [
    ...asked.map(({ layer, kind, input }) => {
      const trace = traces.find((each) => each.layer === layer && each.kind === kind);
      return {
        layer,
        kind,
        errors: errorsOf(decision.findings, layer, kind),
        ...(trace?.untraced !== undefined && { untraced: trace.untraced }),
        policies: (policies.layers.get(layer)?.byKind[kind] ?? [])
          .map((policy) => explainPolicy(policy, { layer, kind, input }, decision.findings, trace))
          .sort((a, b) => rank(a) - rank(b)),
      };
    }),
    ...layersNotAsked(decision.findings, asked),
  ];
  const asking = layers.flatMap((layer) => layer.policies);
  const decisive = decisiveRules(decision, question, asking);
  return {
    decision: decision.decision,
    code: decision.code,
    summary: summaryOf(decision, question, asking.length, decisive),
    differs: asking.some(({ differs }) => differs !== undefined),
    truncated: traces.some(({ truncated }) => truncated),
    decisive,
    layers,
  };
}

function errorsOf(findings: readonly Finding[], layer: Layer, kind: Kind): readonly string[] {
  return findings
    .filter((finding) => finding.policy === undefined && finding.layer === layer && finding.kind === kind)
    .map(({ error }) => error ?? 'could not be evaluated');
}

/** Domains that nobody registered: they are in error, and there was nothing to ask. */
function layersNotAsked(
  findings: readonly Finding[],
  asked: readonly { readonly layer: Layer; readonly kind: Kind }[],
): readonly LayerExplained[] {
  const others = findings.filter(
    ({ layer, kind }) => !asked.some((each) => each.layer === layer && each.kind === kind),
  );
  const places = new Map(others.map(({ layer, kind }) => [`${kind} ${layer}`, { layer, kind }]));
  return [...places.values()].map(({ layer, kind }) => ({
    layer,
    kind,
    errors: errorsOf(findings, layer, kind),
    policies: [],
  }));
}

const RANKS = { error: 0, deny: 1, permit: 2, abstain: 3 } as const;

function rank({ outcome, mattered }: PolicyExplained): number {
  return outcome === 'abstain' && !mattered ? RANKS.abstain + 1 : RANKS[outcome];
}
