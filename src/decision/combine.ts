import { canonicalJson } from '../document/json.js';
import type { Kind } from '../policy/kind.js';
import { compareLayers, GLOBAL } from '../policy/layer.js';
import type { Advice, Decision, DecisionCode, Finding, Obligation, Reason, Said } from './decision.js';
import { mergeObligations } from './obligations.js';

/** What is being decided, as far as the combination needs to know. */
export interface Question {
  readonly kind: Exclude<Kind, 'consume'>;
  readonly action: string;
  /** The layers that can grant: `global` and the chain of the owning domain. A domain that is only claimed can refuse, not grant. */
  readonly grantingLayers: readonly string[];
}

/**
 * Combines the findings of all layers into one decision: a truth table, in this order. The order of the
 * findings never matters.
 */
export function combine(found: readonly Finding[], question: Question): Decision {
  const findings = found.filter(saysSomething).sort(byPlace);
  const blocking = findings.filter((finding) => finding.binding && finding.waiver === undefined);
  const errors = blocking.filter(({ outcome }) => outcome === 'error');
  const denials = blocking.filter(({ outcome }) => outcome === 'deny');
  const refusals = [...errors, ...denials].sort(byPlace).flatMap(reasonsOf);

  // A rule that could not be evaluated cannot vouch for anything.
  if (errors.length > 0) return deny('policy_error', refusals, findings);
  // Whoever forbids, forbids: global or domain.
  if (denials.length > 0) return deny('forbidden', refusals, findings);
  // Access needs someone of the owning chain to grant it; silence is not consent.
  if (question.kind === 'access' && !blocking.some((finding) => grants(finding, question))) {
    return deny('not_permitted', [nobodyPermits(question)], findings);
  }
  return {
    decision: true,
    code: 'permitted',
    reasons: [],
    obligations: mergeObligations(findings.filter(({ binding }) => binding).flatMap(obligationsOf)),
    advice: adviceOf(findings),
    findings,
  };
}

/** A consuming domain can deny, oblige and advise; only the owning chain can grant. */
function grants({ outcome, kind, layer }: Finding, { grantingLayers }: Question): boolean {
  return outcome === 'permit' && kind === 'access' && grantingLayers.includes(layer);
}

function deny(code: DecisionCode, reasons: readonly Reason[], findings: readonly Finding[]): Decision {
  return {
    decision: false,
    code,
    reasons,
    obligations: [],
    advice: adviceOf(findings),
    findings,
  };
}

/** Abstentions without a word are left out: the bundle's digest tells which policies were asked. */
export function saysSomething(finding: Finding): boolean {
  return finding.outcome !== 'abstain' || finding.obligations !== undefined || finding.advice !== undefined;
}

function nobodyPermits({ action, grantingLayers }: Question): Reason {
  const names = grantingLayers.map((layer) => `\`${layer}\``).join(', ');
  return {
    layer: grantingLayers.at(-1) ?? GLOBAL,
    enforcement: 'hard',
    message: `no policy of ${names} permits \`${action}\` here`,
  };
}

function reasonsOf(finding: Finding): readonly Reason[] {
  const { policy, layer, enforcement } = finding;
  const place = { ...(policy !== undefined && { policy }), layer, enforcement };
  return refusalsOf(finding).map((said) => ({ ...place, ...said }));
}

/** The denials of a finding, or its error, with the policy's remedy where the denial names none. */
function refusalsOf({
  outcome,
  error,
  denials,
  remedy,
}: Finding): readonly Omit<Reason, 'layer' | 'enforcement'>[] {
  const said = outcome === 'error' ? [{ message: error ?? 'could not be evaluated' }] : (denials ?? []);
  return [...said]
    .sort((a, b) => compareText(canonicalJson(a), canonicalJson(b)))
    .map((item) => inOrder(remedy === undefined ? item : { remedy, ...item }));
}

/** Members in the order in which people read them. */
function inOrder({ message, path, code, remedy }: Said): Said {
  return {
    message,
    ...(path !== undefined && { path }),
    ...(code !== undefined && { code }),
    ...(remedy !== undefined && { remedy }),
  };
}

function obligationsOf({ obligations }: Finding): readonly Obligation[] {
  return obligations ?? [];
}

const NONE: readonly never[] = [];

/** What is reported and does not block: advice itself, and refusals that are advisory, waived or not yet in force. Shadow is silent. */
function adviceOf(findings: readonly Finding[]): readonly Advice[] {
  return findings.flatMap((finding): readonly Advice[] => {
    const { policy, layer, enforcement, waiver, enforced_from } = finding;
    const lifted = !finding.binding || waiver !== undefined;
    const refused = lifted && (finding.outcome === 'deny' || finding.outcome === 'error');
    if (enforcement === 'shadow' || (!refused && finding.advice === undefined)) return NONE;
    const place = { ...(policy !== undefined && { policy }), layer };
    const why = {
      enforcement,
      ...(waiver !== undefined && { waiver }),
      ...(enforced_from !== undefined && { enforced_from }),
    };
    return [
      ...(refused ? refusalsOf(finding).map((said) => ({ ...place, ...why, ...said })) : []),
      ...[...(finding.advice ?? [])]
        .sort((a, b) => compareText(canonicalJson(a), canonicalJson(b)))
        .map((said) => ({ ...place, ...inOrder(said) })),
    ];
  });
}

/** Global first, then outer domains, then inner ones; owners before consumers; then by name. */
function byPlace(a: Finding, b: Finding): number {
  return (
    compareText(a.kind, b.kind) ||
    compareLayers(a.layer, b.layer) ||
    compareText(a.policy ?? '', b.policy ?? '') ||
    compareText(a.error ?? '', b.error ?? '')
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
