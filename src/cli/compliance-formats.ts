import { faultLine } from './fault-lines.js';
import {
  faultOfReason,
  faultsOfUnreadable,
  ruleOf,
  summaryOf,
  type ComplianceReport,
} from './compliance-report.js';
import { annotation } from './github.js';
import { junit, type JunitCase } from './junit.js';

/** Everything, for programs. */
export function complianceAsJson(report: ComplianceReport): string {
  const { checked, unreadable, steps } = report;
  const products = [
    ...checked.map(({ file, product, decision: { decision, code, reasons, advice } }) => ({
      file,
      product: product.product.id,
      format: product.format,
      compliant: decision,
      code,
      reasons,
      advice,
    })),
    ...unreadable.map(({ file, error: { code, message, faults } }) => ({
      file,
      compliant: false,
      error: { code, message, faults },
    })),
  ];
  return `${JSON.stringify({ summary: { ...summaryOf(report), steps }, products }, undefined, 2)}\n`;
}

/** A test case for each product and each descriptor that could not be read. */
export function complianceAsJunit(report: ComplianceReport): string {
  const cases = report.checked.map((one): JunitCase => {
    const { reasons, decision } = one.decision;
    const name = one.product.product.id ?? one.file;
    if (decision) return { suite: one.file, name };
    const details = reasons.map((reason) => faultLine(faultOfReason(report, one, reason))).join('\n');
    return {
      suite: one.file,
      name,
      outcome: { kind: 'failure', message: [...new Set(reasons.map(ruleOf))].join(', '), details },
    };
  });
  const broken = report.unreadable.map((one): JunitCase => {
    const details = faultsOfUnreadable(one).map(faultLine).join('\n');
    return {
      suite: one.file,
      name: one.file,
      outcome: { kind: 'error', message: one.error.message, details },
    };
  });
  return junit('witan comply', [...cases, ...broken]);
}

/** Annotations at the lines of descriptors: what binds as errors, advice as warnings. */
export function complianceAsGithub(report: ComplianceReport): string {
  const lines = report.unreadable.flatMap((one) =>
    faultsOfUnreadable(one).map((fault) => annotation('error', fault)),
  );
  for (const one of report.checked) {
    const { reasons, advice } = one.decision;
    for (const reason of reasons) lines.push(annotation('error', faultOfReason(report, one, reason)));
    for (const word of advice) lines.push(annotation('warning', faultOfReason(report, one, word)));
  }
  return lines.join('');
}
