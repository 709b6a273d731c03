import { WitanError } from '../errors.js';
import type { RegistryChange } from '../registry/change.js';
import type { RegisteredProduct, Registry } from '../registry/registry.js';
import type { NormalForm } from '../product/metadata.js';
import { metadataDigest } from '../product/digest.js';
import { publishEvaluation } from './compliance.js';
import type { Asking } from './decide.js';
import type { Answer, DecisionPoint } from './decision-point.js';
import { requireSteward } from './require-steward.js';

/** What products are registered and retired with. */
export interface RegistrationNeeds {
  readonly decisionPoint: DecisionPoint<RegistryChange>;
  readonly registry: Registry;
  /** Shows changes that are durable to all who read the registry. */
  readonly show: (changes: readonly RegistryChange[]) => Promise<void>;
}

export interface Registration {
  readonly answer: Answer;
  /** Whether the product was unknown before. */
  readonly created: boolean;
  /** Absent when the decision was deny; nothing is registered then. */
  readonly product?: RegisteredProduct;
}

/** What is asked to be done with a product, and the product as it is described for that. */
export interface RegistrationRequest {
  readonly id: string;
  /** One of the publish actions; `register` for an unknown product and `publish` for a known one unless given. */
  readonly action?: string;
  readonly metadata: NormalForm;
}

/**
 * Registers a product, or a new version of it. The product and the decision that permits it are committed together.
 * Who registers is steward of the domain that the descriptor names, and of the one where the product is registered now:
 * nobody takes a product from its owner, or gives one away.
 *
 * MUST be called one after the other (`product-lifecycle.ts`), so that each is compared with the version before it.
 */
export async function registerProduct(
  { decisionPoint, registry, show }: RegistrationNeeds,
  { id, action, metadata }: RegistrationRequest,
  asking: Asking,
): Promise<Registration> {
  if (metadata.product.id !== id) {
    throw new WitanError(
      'invalid_request',
      `the descriptor is that of \`${metadata.product.id ?? 'no product'}\`, not of \`${id}\``,
      {
        faults: [{ pointer: '/descriptor/id', message: `must be \`${id}\`` }],
      },
    );
  }
  const known = registry.product(id);
  requireSteward(asking, [metadata.product.domain, known?.domain]);
  const name = action ?? (known === undefined ? 'register' : 'publish');
  const evaluation = publishEvaluation(metadata, { type: 'service', id: asking.caller.id }, name);
  let registered: RegisteredProduct | undefined;
  const answer = await decisionPoint.decide(evaluation, { ...asking, metadata }, ({ entry }) => {
    const { domain } = metadata.product;
    registered = {
      id,
      ...(domain !== undefined && { domain }),
      product: metadata.product,
      contracts: metadata.contracts,
      digest: metadataDigest(metadata),
      registeredAt: known?.registeredAt ?? entry.record.time,
      updatedAt: entry.record.time,
    };
    return [{ kind: 'put_product', product: registered }];
  });
  if (registered !== undefined) await show([{ kind: 'put_product', product: registered }]);
  return { answer, created: known === undefined, ...(registered !== undefined && { product: registered }) };
}
