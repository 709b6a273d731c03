import { WitanError } from '../errors.js';
import type { RegistryChange } from '../registry/change.js';
import type { RegisteredProduct, Registry } from '../registry/registry.js';
import { requireRole } from '../identity/grant.js';
import type { NormalForm } from '../product/metadata.js';
import { metadataDigest } from '../product/digest.js';
import { publishEvaluation } from './compliance.js';
import type { Asking } from './decide.js';
import type { Answer, DecisionPoint } from './decision-point.js';

interface Needs {
  readonly decisionPoint: DecisionPoint<RegistryChange>;
  readonly registry: Registry & { apply(change: RegistryChange): void };
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
 * Registers products one after the other, so that each is compared with the version before it. The product
 * and the decision that permits it are committed together. Who registers is steward of the domain that the descriptor
 * names, and of the one where the product is registered now: nobody takes a product from its owner, or gives one away.
 */
export function productRegistration({
  decisionPoint,
  registry,
}: Needs): (request: RegistrationRequest, asking: Asking) => Promise<Registration> {
  let last: Promise<unknown> = Promise.resolve();

  const register = async (
    { id, action, metadata }: RegistrationRequest,
    asking: Asking,
  ): Promise<Registration> => {
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
    if (registered !== undefined) registry.apply({ kind: 'put_product', product: registered });
    return { answer, created: known === undefined, ...(registered !== undefined && { product: registered }) };
  };

  return (request, asking) => {
    const turn = last.then(() => register(request, asking));
    last = turn.catch(() => undefined);
    return turn;
  };
}

/**
 * Refuses who is not steward of every domain that a product lies in.
 *
 * @param domains by its descriptor and by registration
 * @throws WitanError `forbidden`
 */
function requireSteward({ caller }: Asking, domains: readonly (string | undefined)[]): void {
  const named = new Set(domains.filter((domain) => domain !== undefined));
  if (named.size === 0) {
    throw new WitanError(
      'forbidden',
      `the product names no domain; expected one whose steward \`${caller.id}\` is`,
    );
  }
  for (const domain of named) requireRole(caller, 'steward', domain);
}
