import { WitanError } from '../errors.js';
import type { RegistryChange } from '../registry/change.js';
import type { RegisteredProduct } from '../registry/registry.js';
import { publishEvaluation } from './compliance.js';
import type { Asking } from './decide.js';
import type { Answer } from './decision-point.js';
import type { RegistrationNeeds } from './register-product.js';
import { requireSteward } from './require-steward.js';

/** What became of a wish to take a product off the mesh. */
export interface Retirement {
  readonly answer: Answer;
  readonly product: RegisteredProduct;
  /** Whether it is gone; it stays where the decision was deny. */
  readonly retired: boolean;
}

/**
 * Takes a product off the mesh where policies permit to retire it. The decision and what it changes are committed
 * together.
 *
 * @throws WitanError `not_found`; `forbidden` for who is no steward of its domain; what deciding throws
 */
export async function retireProduct(
  { decisionPoint, registry, show }: RegistrationNeeds,
  { id }: { readonly id: string },
  asking: Asking,
): Promise<Retirement> {
  const product = registry.product(id);
  if (product === undefined)
    throw new WitanError('not_found', `the data product \`${id}\` is not registered`);
  requireSteward(asking, [product.domain, product.product.domain]);
  const metadata = { product: product.product, contracts: product.contracts };
  const evaluation = publishEvaluation(metadata, { type: 'service', id: asking.caller.id }, 'retire');
  const change: RegistryChange = { kind: 'delete_product', id };
  const answer = await decisionPoint.decide(evaluation, { ...asking, metadata }, () => [change]);
  const retired = answer.decision.decision;
  if (retired) await show([change]);
  return { answer, product, retired };
}
