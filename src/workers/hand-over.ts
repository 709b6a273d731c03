import type { App } from '../app.js';
import { grantedWaiver } from '../council/waivers-in-force.js';
import type { Decider } from '../deciders.js';
import type { Change } from '../store/store.js';

type Held = Pick<App, 'registry' | 'council' | 'tokens' | 'quarantine' | 'nowMs'>;

/** Changes that are shown together. */
const CHANGES = 500;

/**
 * Shows all that decisions are made from to one that knows nothing yet and follows all changes already. What changes meanwhile
 * may be shown twice, never in the wrong order: each thing is looked up in the moment in which it is shown.
 */
export async function handOver(held: Held, decider: Decider): Promise<void> {
  let changes: Change[] = [];
  for (const lookUp of everythingIn(held)) {
    const change = lookUp();
    if (change !== undefined) changes.push(change);
    if (changes.length < CHANGES) continue;
    const shown = decider.show(changes);
    changes = [];
    await shown;
  }
  const shown = decider.show(changes);
  for (const quarantined of held.quarantine.list(held.nowMs())) decider.quarantine(quarantined);
  await shown;
}

/** How to look up each thing that is there now, and that may change or go at any time. */
function* everythingIn({ registry, council, tokens }: Held): Iterable<() => Change | undefined> {
  for (const { path } of [...registry.domains()]) {
    yield () => {
      const domain = registry.domain(path);
      return domain && { kind: 'put_domain', domain };
    };
  }
  for (const { type, id } of [...registry.entities()]) {
    yield () => {
      const entity = registry.entity(type, id);
      return entity && { kind: 'put_entity', entity };
    };
  }
  for (const { id } of [...registry.products()]) {
    yield () => {
      const product = registry.product(id);
      return product && { kind: 'put_product', product };
    };
  }
  for (const { id } of [...tokens.all()]) {
    yield () => {
      const token = tokens.byId(id);
      return token && { kind: 'put_token', token };
    };
  }
  for (const { id } of [...council.waivers()]) {
    yield () => {
      const waiver = council.waiver(id);
      return waiver && grantedWaiver(waiver) && { kind: 'put_waiver', waiver };
    };
  }
}
