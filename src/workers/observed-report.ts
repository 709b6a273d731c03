import type { DecisionBasis } from '../decision/decide.js';
import type { Observed } from '../decision/decision-point.js';
import type { DigestedMetadata, SubjectMatter } from '../decision/subject-matter.js';
import type { Layer } from '../policy/layer.js';
import { metadataText } from '../product/metadata.js';

/** A decision of a worker that is on record, for who looks at it in the main process. */
export interface ObservedReport extends Pick<Observed, 'evaluation' | 'nowMs'> {
  readonly decision: Observed['decided']['decision'];
  readonly revision: number;
  readonly matter: Omit<SubjectMatter, 'metadata' | 'previous'>;
  readonly metadata?: ReportedMetadata;
  readonly previous?: ReportedMetadata;
  readonly asked: readonly Layer[];
  readonly record: Observed['decided']['entry']['record'];
}

type ReportedMetadata = Omit<DigestedMetadata, 'text'>;

export function observedReport({ evaluation, nowMs, decided }: Observed): ObservedReport {
  const { decision, revision, asked } = decided;
  const { metadata, previous, ...matter } = decided.matter;
  const { id, caller } = decided.entry.record;
  return {
    evaluation,
    nowMs,
    decision,
    revision,
    matter,
    ...(metadata !== undefined && { metadata: { form: metadata.form, digest: metadata.digest } }),
    ...(previous !== undefined && { previous: { form: previous.form, digest: previous.digest } }),
    asked: asked.map(({ layer }) => layer),
    record: { id, caller },
  };
}

/** @param basis that of the main process; the waivers and the quarantine are those of now, a moment after the decision */
export function observedOf(report: ObservedReport, basis: DecisionBasis): Observed {
  const { evaluation, nowMs, decision, revision, matter, metadata, previous, asked, record } = report;
  return {
    evaluation,
    nowMs,
    basis,
    decided: {
      decision,
      revision,
      matter: {
        ...matter,
        ...(metadata !== undefined && { metadata: digested(metadata) }),
        ...(previous !== undefined && { previous: digested(previous) }),
      },
      asked: asked.map((layer) => ({ layer })),
      entry: { record },
    },
  };
}

function digested({ form, digest }: ReportedMetadata): DigestedMetadata {
  return { form, digest, text: () => metadataText(form) };
}
