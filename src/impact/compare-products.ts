import { Stopped, type Comparison } from './compare-records.js';
import { ProductImpact } from '../council/product-impact.js';
import { publishEvaluation } from '../decision/compliance.js';
import { DATA_PRODUCT } from '../decision/request.js';
import { gather } from '../decision/subject-matter.js';
import type { Domain, RegisteredProduct, RegistryLookup } from '../registry/registry.js';

const LOOK_EVERY = 64;
const COMPLIANCE = { type: 'service', id: 'compliance' } as const;

/** Asks of every registered product whether it may be published, by what is in force and by what is proposed. */
export function compareProducts(comparison: Comparison): ProductImpact {
  const { reader, progress, stopped } = comparison;
  const impact = new ProductImpact();
  const domains = new Map(reader.domains().map((domain) => [domain.path, domain]));
  const of = reader.productCount();
  let done = 0;
  for (const registered of reader.products()) {
    if (done % LOOK_EVERY === 0) {
      if (stopped()) throw new Stopped();
      progress({ done, of: Math.max(of, done), step: 'products' });
    }
    done += 1;
    const evaluation = {
      ...publishEvaluation(registered, COMPLIANCE),
      resource: { type: DATA_PRODUCT, id: registered.id, properties: {} },
    };
    const matter = gather(evaluation, registryOf(registered, domains));
    impact.add({
      product: registered.id,
      ...(registered.domain !== undefined && { domain: registered.domain }),
      ...comparison.judgeTwice(evaluation, matter),
    });
  }
  return impact;
}

/** What the mesh knows, as far as one product is concerned. */
function registryOf(product: RegisteredProduct, domains: ReadonlyMap<string, Domain>): RegistryLookup {
  return {
    domain: (path) => domains.get(path),
    entity: () => undefined,
    product: (id) => (id === product.id ? product : undefined),
  };
}
