import type { Advice, Reason } from '../decision/decision.js';
import type { Fault } from '../errors.js';
import type { PoliciesInForce, PolicyInForce } from '../policy/in-force.js';
import { faultOfReason, faultsOfUnreadable, ruleOf, type ComplianceReport } from './compliance-report.js';

/** Static Analysis Results Interchange Format 2.1.0: the policies as rules, what they say of descriptors as results. */
export function complianceAsSarif(report: ComplianceReport, version: string): string {
  const rules = rulesOf(report.policies);
  const results: SarifResult[] = [];
  const add = (ruleId: string, level: SarifResult['level'], fault: Fault): void => {
    if (!rules.has(ruleId)) rules.set(ruleId, { id: ruleId });
    const ruleIndex = [...rules.keys()].indexOf(ruleId);
    results.push(resultOf(ruleId, ruleIndex, level, fault));
  };
  for (const one of report.unreadable) {
    for (const fault of faultsOfUnreadable(one)) add(one.error.code, 'error', fault);
  }
  for (const one of report.checked) {
    const say = (said: Reason | Advice, level: SarifResult['level']): void => {
      const remedy = said.remedy === undefined ? '' : ` (${said.remedy})`;
      const fault = faultOfReason(report, one, said);
      add(ruleOf(said), level, { ...fault, message: `${said.message}${remedy}` });
    };
    for (const reason of one.decision.reasons) say(reason, 'error');
    for (const word of one.decision.advice) say(word, word.enforcement === undefined ? 'note' : 'warning');
  }
  const driver = { name: 'witan', semanticVersion: version, rules: [...rules.values()] };
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [{ tool: { driver }, columnKind: 'utf16CodeUnits', results }],
  };
  return `${JSON.stringify(log, undefined, 2)}\n`;
}

interface SarifResult {
  readonly ruleId: string;
  readonly ruleIndex: number;
  readonly level: 'error' | 'warning' | 'note';
  readonly message: { readonly text: string };
  readonly locations: readonly object[];
}

function rulesOf({ layers }: PoliciesInForce): Map<string, object> {
  const rules = new Map<string, object>();
  for (const { layer, policies } of layers.values()) {
    for (const policy of policies.values()) {
      if (policy.appliesTo.has('publish')) rules.set(`${layer}/${policy.name}`, ruleOfPolicy(layer, policy));
    }
  }
  return rules;
}

function ruleOfPolicy(layer: string, policy: PolicyInForce): object {
  const { name, title, description, remedy, enforcement, controls } = policy;
  return {
    id: `${layer}/${name}`,
    shortDescription: { text: title },
    fullDescription: { text: description },
    ...(remedy !== undefined && { help: { text: remedy } }),
    defaultConfiguration: { level: enforcement === 'advisory' ? 'warning' : 'error' },
    properties: { tags: [...controls] },
  };
}

function resultOf(
  ruleId: string,
  ruleIndex: number,
  level: SarifResult['level'],
  { file, row, column, pointer, message }: Fault,
): SarifResult {
  const region = row === undefined ? undefined : { startLine: row, ...(column && { startColumn: column }) };
  const physicalLocation = {
    artifactLocation: { uri: uriOf(file ?? '') },
    ...(region !== undefined && { region }),
  };
  const logicalLocations =
    pointer === undefined || pointer === '' ? undefined : [{ fullyQualifiedName: pointer }];
  return {
    ruleId,
    ruleIndex,
    level,
    message: { text: message },
    locations: [{ physicalLocation, ...(logicalLocations !== undefined && { logicalLocations }) }],
  };
}

/** A path as a URI reference. */
function uriOf(file: string): string {
  const path = file.split('/').map(encodeURIComponent).join('/');
  return path.startsWith('/') ? `file://${path}` : path;
}
