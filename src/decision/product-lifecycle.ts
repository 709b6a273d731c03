import type { Asking } from './decide.js';
import {
  registerProduct,
  type Registration,
  type RegistrationNeeds,
  type RegistrationRequest,
} from './register-product.js';
import { retireProduct, type Retirement } from './retire-product.js';

/** How products come onto the mesh and leave it. */
export interface ProductLifecycle {
  register(request: RegistrationRequest, asking: Asking): Promise<Registration>;
  /** @throws WitanError `not_found`; `forbidden` */
  retire(request: { readonly id: string }, asking: Asking): Promise<Retirement>;
}

/** Products are registered and retired one after the other, so that each is compared with the version before it. */
export function productLifecycle(needs: RegistrationNeeds): ProductLifecycle {
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(act: () => Promise<T>): Promise<T> => {
    const turn = last.then(act);
    last = turn.catch(() => undefined);
    return turn;
  };
  return {
    register: (request, asking) => inTurn(() => registerProduct(needs, request, asking)),
    retire: (request, asking) => inTurn(() => retireProduct(needs, request, asking)),
  };
}
