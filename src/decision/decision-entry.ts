import type { AuditEntry } from '../audit/log.js';
import { redactTexts, secretsOf, textRedaction, type RedactText } from '../audit/masked-texts.js';
import { redact, type Redacted } from '../audit/redaction.js';
import type { DecisionRecord } from '../audit/record.js';
import type { PoliciesInForce } from '../policy/in-force.js';
import type { Decision, Finding, Said } from './decision.js';
import type { Judged } from './judge.js';
import type { SubjectMatter } from './subject-matter.js';

/** What a record says beside what was judged. */
export interface RecordedCall {
  /** UUIDv7. */
  readonly id: string;
  readonly caller: DecisionRecord['caller'];
  readonly correlation?: DecisionRecord['correlation'];
  /** 16 random bytes for the masked value at a pointer. */
  readonly salt: (pointer: string) => Uint8Array;
}

/** What of a record may tell a masked value. */
type Told = Pick<DecisionRecord, 'unknown'> &
  Pick<Decision, 'findings' | 'reasons' | 'obligations' | 'advice'>;

/** The entry of a decision, with everything taken out that the global manifest masks. */
export function decisionEntry(
  matter: SubjectMatter,
  { decision, input, layers }: Judged,
  { id, caller, correlation, salt }: RecordedCall,
  { revision, mask }: PoliciesInForce,
): AuditEntry & { readonly record: DecisionRecord } {
  const { metadata, previous, domain, consumerDomain, unknown } = matter;
  const { subject, action, resource, context } = input;
  const redacted = redact({ subject, action, resource, context }, mask, salt);
  const told = withoutMasked(unknown.length === 0 ? decision : { ...decision, unknown }, redacted);
  const record: DecisionRecord = {
    id,
    time: input.now,
    kind: 'decision',
    caller,
    correlation,
    revision,
    decision_kind: matter.kind,
    evaluation: redacted.evaluation,
    domain,
    consumer_domain: consumerDomain,
    metadata: metadata?.digest,
    previous_metadata: previous?.digest,
    parameters: input.parameters,
    layers,
    unknown: told.unknown,
    findings: told.findings,
    decision: decision.decision,
    code: decision.code,
    reasons: told.reasons,
    obligations: told.obligations,
    advice: told.advice,
    masked: redacted.pointers,
  };
  const documents = [metadata, previous].filter((document) => document !== undefined);
  return {
    record,
    ...(documents.length > 0 && {
      documents: new Map(documents.map((document) => [document.digest, () => document.text()])),
    }),
    ...(redacted.masked.length > 0 && { masked: redacted.masked }),
  };
}

/**
 * What policies said, without what is masked. Names of layers and policies stay: they are the mesh's own words, and
 * a record cannot do without them.
 */
function withoutMasked(told: Told, { masked }: Redacted): Told {
  if (masked.length === 0) return told;
  const { findings, reasons, obligations, advice, unknown } = told;
  const redactText = textRedaction(secretsOf(masked), [findings, reasons, obligations, advice, unknown]);
  if (redactText === undefined) return told;
  const said = <T extends Said>(item: T): T => saidWithout(item, redactText);
  return {
    findings: findings.map((finding) => findingWithout(finding, redactText)),
    reasons: reasons.map(said),
    obligations: redactTexts(obligations, redactText) as Told['obligations'],
    advice: advice.map(said),
    ...(unknown !== undefined && {
      unknown: unknown.map((item) => ({ ...item, message: redactText(item.message) })),
    }),
  };
}

function findingWithout(finding: Finding, redactText: RedactText): Finding {
  const { error, error_code, denials, obligations, advice, remedy } = finding;
  // What is said of a quarantine holds nothing of the evaluation, and a replay reads it.
  const told = error !== undefined && error_code !== 'quarantined';
  return {
    ...finding,
    ...(told && { error: redactText(error) }),
    ...(denials !== undefined && { denials: denials.map((item) => saidWithout(item, redactText)) }),
    ...(obligations !== undefined && {
      obligations: redactTexts(obligations, redactText) as Finding['obligations'] & object,
    }),
    ...(advice !== undefined && { advice: advice.map((item) => saidWithout(item, redactText)) }),
    ...(remedy !== undefined && { remedy: redactText(remedy) }),
  };
}

function saidWithout<T extends Said>(said: T, redactText: RedactText): T {
  const { message, path, code, remedy } = said;
  return {
    ...said,
    message: redactText(message),
    ...(path !== undefined && { path: redactText(path) }),
    ...(code !== undefined && { code: redactText(code) }),
    ...(remedy !== undefined && { remedy: redactText(remedy) }),
  };
}
