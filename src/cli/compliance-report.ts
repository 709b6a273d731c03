import type { Decision, Finding, Reason } from '../decision/decision.js';
import type { Fault } from '../errors.js';
import type { PoliciesInForce } from '../policy/in-force.js';
import { placeInFiles, type AssembledProduct } from '../product/assemble.js';
import type { Unreadable } from './comply-inputs.js';

/** One product with what `publish` would answer. */
export interface Checked {
  readonly file: string;
  readonly product: AssembledProduct;
  readonly decision: Decision;
}

/** Everything that `witan comply` found, whatever it is shown as. */
export interface ComplianceReport {
  readonly descriptors: number;
  readonly checked: readonly Checked[];
  readonly unreadable: readonly Unreadable[];
  readonly policies: PoliciesInForce;
  readonly containers: ReadonlyMap<string, string>;
  readonly steps: readonly { readonly name: string; readonly ms: number }[];
}

/** How often a policy was not kept. */
export interface PolicyCount {
  readonly policy: string;
  readonly enforcement: string;
  readonly binding: boolean;
  readonly products: number;
}

export interface HolderCount {
  readonly holder: string;
  readonly compliant: number;
  readonly faulty: number;
}

export interface Summary {
  readonly descriptors: number;
  readonly products: number;
  readonly compliant: number;
  readonly faulty: number;
  readonly unreadable: number;
  readonly policies: readonly PolicyCount[];
  readonly holders: readonly HolderCount[];
}

/** The rule that something comes from: `<layer>/<policy>`, or the layer as a whole. */
export function ruleOf({ layer, policy }: { readonly layer: string; readonly policy?: string }): string {
  return policy === undefined ? layer : `${layer}/${policy}`;
}

export function summaryOf({ checked, unreadable, descriptors }: ComplianceReport): Summary {
  const compliant = checked.filter(({ decision }) => decision.decision).length;
  return {
    descriptors,
    products: checked.length,
    compliant,
    faulty: checked.length - compliant,
    unreadable: unreadable.length,
    policies: policyCounts(checked),
    holders: holderCounts(checked),
  };
}

/** Most frequent first; those that bind before those that advise. */
function policyCounts(checked: readonly Checked[]): readonly PolicyCount[] {
  const counts = new Map<string, PolicyCount>();
  for (const { decision } of checked) {
    for (const [key, finding] of new Map(decision.findings.filter(isFault).map(keyed))) {
      const products = (counts.get(key)?.products ?? 0) + 1;
      const { enforcement, binding } = finding;
      counts.set(key, { policy: ruleOf(finding), enforcement, binding, products });
    }
  }
  return [...counts.values()].sort(
    (a, b) =>
      Number(b.binding) - Number(a.binding) || b.products - a.products || (a.policy < b.policy ? -1 : 1),
  );
}

function isFault({ outcome }: Finding): boolean {
  return outcome === 'deny' || outcome === 'error';
}

function keyed(finding: Finding): [string, Finding] {
  return [`${ruleOf(finding)} ${finding.enforcement} ${finding.binding}`, finding];
}

const NO_HOLDER = '(no team named)';

/** Those with most products first. */
function holderCounts(checked: readonly Checked[]): readonly HolderCount[] {
  const counts = new Map<string, HolderCount>();
  for (const { product, decision } of checked) {
    const holder = product.product.team?.name ?? NO_HOLDER;
    const { compliant, faulty } = counts.get(holder) ?? { compliant: 0, faulty: 0 };
    counts.set(holder, {
      holder,
      compliant: compliant + Number(decision.decision),
      faulty: faulty + Number(!decision.decision),
    });
  }
  const total = ({ compliant, faulty }: HolderCount): number => compliant + faulty;
  return [...counts.values()].sort((a, b) => total(b) - total(a) || (a.holder < b.holder ? -1 : 1));
}

/** What stands against a product as a fault: where in its files, which rule, and what to do. */
export function faultOfReason(
  report: ComplianceReport,
  { product, file }: Checked,
  reason: Pick<Reason, 'layer' | 'policy' | 'message' | 'path'>,
): Fault {
  const place = (reason.path && placeInFiles(product, reason.path)) || placeInFiles(product, '/product');
  const name = place?.file ?? file;
  return {
    ...place,
    file: report.containers.get(name) ?? name,
    ...(reason.path !== undefined && { pointer: reason.path }),
    code: ruleOf(reason),
    message: reason.message,
  };
}

/** Why a descriptor could not be read, by place; at least one. */
export function faultsOfUnreadable({ file, error }: Unreadable): readonly Fault[] {
  const faults = error.faults.length > 0 ? error.faults : [{ message: error.message }];
  return faults.map((fault) => ({ file, ...fault, code: fault.code ?? error.code }));
}
