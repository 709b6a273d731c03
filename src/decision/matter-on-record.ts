import { createHash } from 'node:crypto';
import type { DecisionRecord } from '../audit/record.js';
import { isObject, readJson } from '../document/json.js';
import { GLOBAL, isLayer } from '../policy/layer.js';
import type { NormalForm } from '../product/metadata.js';
import type { Registered } from './input.js';
import { kindOf, type Evaluation } from './request.js';
import type { DigestedMetadata, SubjectMatter } from './subject-matter.js';

/** What a record of a decision tells of the request, without what came of it. */
export type RequestRecord = Pick<
  DecisionRecord,
  | 'id'
  | 'time'
  | 'evaluation'
  | 'domain'
  | 'consumer_domain'
  | 'metadata'
  | 'previous_metadata'
  | 'layers'
  | 'unknown'
  | 'masked'
>;

/**
 * What an evaluation was about, as its record tells: nothing is looked up again.
 *
 * @param evaluation as policies saw it, with what was masked
 * @param metadataOf the metadata that the record names by a digest, or why there are none (`metadataOnRecord`)
 * @returns why it cannot be told, in words, where the record is none or a document is gone
 */
export function matterOnRecord(
  record: RequestRecord,
  evaluation: Evaluation,
  metadataOf: (digest: string) => DigestedMetadata | string,
): SubjectMatter | string {
  const { subject, action, resource } = evaluation as Evaluation & Members;
  const metadata = record.metadata === undefined ? undefined : metadataOf(record.metadata);
  if (typeof metadata === 'string') return metadata;
  const previous = record.previous_metadata === undefined ? undefined : metadataOf(record.previous_metadata);
  if (typeof previous === 'string') return previous;
  const stranger = record.layers.find(({ layer }) => layer !== GLOBAL && !isLayer(layer));
  if (stranger !== undefined) return `it names the layer \`${stranger.layer}\`, which can be none`;
  const { domain, consumer_domain, layers, unknown } = record;
  return {
    kind: kindOf(action.name),
    ...(metadata !== undefined && { metadata }),
    ...(previous !== undefined && { previous }),
    ...(subject.registered !== undefined && { subjectRegistered: subject.registered }),
    ...(resource.registered !== undefined && { resourceRegistered: resource.registered }),
    ...(domain !== undefined && { domain }),
    ...(consumer_domain !== undefined && { consumerDomain: consumer_domain }),
    owningLayers: layers.filter(({ kind }) => kind !== 'consume').map(({ layer }) => layer),
    consumingLayers: layers.filter(({ kind }) => kind === 'consume').map(({ layer }) => layer),
    resourceProperties: resource.properties ?? {},
    unknown: unknown ?? [],
  };
}

/** What the registry knew stands beside what was claimed. */
interface Members {
  readonly subject: { readonly registered?: Registered };
  readonly resource: { readonly registered?: Registered };
}

/**
 * Metadata of a document that a record names.
 *
 * @param text the stored JSON text; `undefined` when it is gone
 * @returns in words, why it holds none
 */
export function metadataOnRecord(digest: string, text: string | undefined): DigestedMetadata | string {
  if (text === undefined) return `the document \`${digest}\` is gone`;
  const actual = `sha256:${createHash('sha256').update(text, 'utf8').digest('hex')}`;
  if (actual !== digest) return `the document \`${digest}\` was changed: it has the digest \`${actual}\``;
  const form = readJson(text);
  if (!isObject(form) || !isObject(form['product']) || !Array.isArray(form['contracts'])) {
    return `the document \`${digest}\` does not hold the metadata of a product`;
  }
  // INVARIANT: the text has the digest that was recorded for metadata in normal form.
  return { form: form as unknown as NormalForm, digest, text: () => text };
}
