import { checkCompliance } from '../decision/compliance.js';
import type { DecisionBasis } from '../decision/decide.js';
import { WitanError } from '../errors.js';
import { isDomainPath } from '../policy/layer.js';
import { assemble, type AssembledProduct } from '../product/assemble.js';
import type { CommandNeeds } from './command.js';
import { complianceAsGithub, complianceAsJson, complianceAsJunit } from './compliance-formats.js';
import type { Checked, ComplianceReport } from './compliance-report.js';
import { complianceAsTable } from './compliance-table.js';
import { readDescriptors } from './comply-inputs.js';
import { openMesh, type MeshOptions } from './offline-mesh.js';
import { progressOn, type Progress } from './progress.js';
import { complianceAsSarif } from './sarif.js';
import { styleOf } from './style.js';
import { EXIT, type ExitCode } from './terminal.js';

export const COMPLY_FORMATS = ['table', 'json', 'junit', 'sarif', 'github'] as const;

interface ComplyOptions extends MeshOptions {
  readonly files: readonly string[];
  /** The domain of products that name none. */
  readonly domain?: string | undefined;
  readonly format: (typeof COMPLY_FORMATS)[number];
  readonly verbose: boolean;
}

/** Says what `publish` would answer for every descriptor, offline and without a record. */
export async function runComply(options: ComplyOptions, needs: CommandNeeds): Promise<ExitCode> {
  const { files, domain, format, verbose } = options;
  if (files.length === 0) throw new WitanError('invalid_request', 'no descriptor was named');
  if (domain !== undefined && !isDomainPath(domain)) {
    throw new WitanError('invalid_request', `\`${domain}\` cannot be a domain's path`);
  }
  const progress = progressOn(needs.terminal);
  let report: ComplianceReport;
  try {
    report = await check(options, needs, progress);
  } finally {
    progress.end();
  }
  const { terminal } = needs;
  switch (format) {
    case 'table':
      terminal.out(complianceAsTable(report, styleOf(terminal), verbose));
      break;
    case 'json':
      terminal.out(complianceAsJson(report));
      break;
    case 'junit':
      terminal.out(complianceAsJunit(report));
      break;
    case 'sarif':
      terminal.out(complianceAsSarif(report, needs.version));
      break;
    case 'github':
      terminal.out(complianceAsGithub(report));
  }
  const fine = report.unreadable.length === 0 && report.checked.every(({ decision }) => decision.decision);
  return fine ? EXIT.fine : EXIT.no;
}

async function check(
  options: ComplyOptions,
  needs: CommandNeeds,
  progress: Progress,
): Promise<ComplianceReport> {
  const started = performance.now();
  progress.say('reading descriptors');
  const { files, unreadable, containers } = await readDescriptors(options.files, needs.stdin);
  if (files.length + unreadable.length === 0) {
    throw new WitanError('invalid_request', `no descriptor was found in ${options.files.join(', ')}`);
  }
  const products = assemble(files).map((product) => inDomain(product, options.domain));
  const read = performance.now();
  progress.say('compiling policies');
  const basis = await openMesh(options, needs);
  const compiled = performance.now();
  const checked = evaluate(basis, products, needs.nowMs(), progress);
  const evaluated = performance.now();
  return {
    descriptors: files.length + unreadable.length,
    checked,
    unreadable,
    policies: basis.policies,
    containers,
    steps: [
      { name: 'reading', ms: read - started },
      { name: 'compiling policies', ms: compiled - read },
      { name: 'evaluating', ms: evaluated - compiled },
    ],
  };
}

function evaluate(
  basis: DecisionBasis,
  products: readonly AssembledProduct[],
  nowMs: number,
  progress: Progress,
): readonly Checked[] {
  return products.map((product, index) => {
    progress.say('evaluating', index, products.length);
    const decision = checkCompliance(basis, product, nowMs);
    return { file: product.origin.product.file ?? '', product, decision };
  });
}

function inDomain(product: AssembledProduct, domain: string | undefined): AssembledProduct {
  if (domain === undefined || product.product.domain !== undefined) return product;
  return { ...product, product: { ...product.product, domain } };
}
