import type { NormalForm } from '../product/metadata.js';
import { decide, type DecisionBasis } from './decide.js';
import type { Decision } from './decision.js';
import { DATA_PRODUCT, type Evaluation } from './request.js';

/** The evaluation that asks whether a product, as described, may be published. */
export function publishEvaluation(
  { product }: NormalForm,
  subject: Evaluation['subject'],
  action = 'publish',
): Evaluation {
  return {
    subject,
    action: { name: action },
    resource: { type: DATA_PRODUCT, id: product.id ?? '(without id)', properties: {} },
  };
}

/** Nothing is recorded, so nothing is committed to. */
const NO_SALT = new Uint8Array(16);

/**
 * What `publish` would answer, without a record and without registering: for those who want to know before
 * they ask. It is no decision that anything may rest on.
 */
export function checkCompliance(basis: DecisionBasis, metadata: NormalForm, nowMs: number): Decision {
  const evaluation = publishEvaluation(metadata, { type: 'service', id: 'compliance' });
  return decide(basis, evaluation, {
    id: 'unrecorded',
    nowMs,
    caller: { id: 'compliance', roles: [] },
    metadata,
    salt: () => NO_SALT,
  }).decision;
}
