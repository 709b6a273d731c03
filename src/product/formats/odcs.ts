import type { Contract } from '../contract.js';
import type { Product } from '../product.js';
import type { Format } from './format.js';
import { contractOf, productOf, type Members } from './normal-form.js';
import schema from './schemas/odcs-3.1.0.json' with { type: 'json' };
import { standard } from './standard.js';

/**
 * Bitol Open Data Contract Standard 3.0 and 3.1: contracts are its normal form. A contract on its own stands for
 * the product that it describes.
 */
export const odcs: Format = {
  name: 'odcs',
  standard: standard('ODCS 3.1', '2019-09', schema),
  read(document) {
    const contract = readContract(document);
    return { product: productOfContract(contract), contracts: [contract] };
  },
};

/** Until ODCS 3.0 a team was the list of its members; since 3.1 it is an object that holds them. */
export function readContract(document: Members): Contract {
  const { team } = document;
  return contractOf({ ...document, team: Array.isArray(team) ? { members: team as unknown[] } : team });
}

/** The product that a contract describes when no product descriptor does: its id is the contract's `dataProduct`, else the contract's own. */
function productOfContract(contract: Contract): Product {
  const { dataProduct, id, name, version, status, domain, tenant, description, tags, team, support } =
    contract;
  return productOf({
    id: dataProduct ?? id,
    name: dataProduct ?? name,
    version,
    status,
    domain,
    tenant,
    description,
    tags,
    team,
    support,
    authoritativeDefinitions: contract.authoritativeDefinitions,
    customProperties: contract.customProperties,
    outputPorts: [{ name: name ?? id, version, contractId: id, description: description?.purpose }],
  });
}
