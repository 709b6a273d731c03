import type { FromSchema } from 'json-schema-to-ts';
import { validatorOf } from '../schema.js';

/**
 * One evaluation as asked: OpenID AuthZEN Authorization API 1.0, section 5 (information model).
 * Unknown members are ignored, as the specification demands.
 */
const properties = { type: 'object' } as const;
const name = { type: 'string', minLength: 1, maxLength: 1024 } as const;

export const entityReferenceSchema = {
  type: 'object',
  properties: { type: name, id: name, properties },
  required: ['type', 'id'],
} as const;

export const actionSchema = {
  type: 'object',
  properties: { name, properties },
  required: ['name'],
} as const;

export const evaluationSchema = {
  type: 'object',
  properties: {
    subject: entityReferenceSchema,
    action: actionSchema,
    resource: entityReferenceSchema,
    context: { type: 'object' },
  },
  required: ['subject', 'action', 'resource'],
} as const;

export type Evaluation = FromSchema<typeof evaluationSchema>;

export const evaluationValidator = validatorOf<Evaluation>(evaluationSchema);

/** AuthZEN 1.0, section 7: several evaluations in one request; members of the top level are defaults of every item. */
export const EVALUATIONS_SEMANTICS = ['execute_all', 'deny_on_first_deny', 'permit_on_first_permit'] as const;
export type EvaluationsSemantic = (typeof EVALUATIONS_SEMANTICS)[number];

export const PUBLISH_ACTIONS: ReadonlySet<string> = new Set(['register', 'publish', 'deprecate', 'retire']);

/** The kind of decision that an action asks for. `consume` is never asked for by name: it accompanies an access across domains. */
export function kindOf(actionName: string): 'publish' | 'access' {
  return PUBLISH_ACTIONS.has(actionName) ? 'publish' : 'access';
}

/** The resource type that data products have. */
export const DATA_PRODUCT = 'data_product';
