import { isObject } from '../../document/json.js';
import type { Contract } from '../contract.js';
import { inLanguage, mainLanguage } from './language.js';
import {
  contractOf,
  customProperties,
  objectAt,
  objectsAt,
  textAt,
  without,
  type Members,
} from './normal-form.js';
import { odcs, readContract } from './odcs.js';

/**
 * The contract of a Linux Foundation descriptor: the one in ODCS that stands inside of it; otherwise the service levels
 * and the first price that it states are one. A descriptor that states neither has none.
 */
export function lfContract(product: Members, details: Members): Contract | undefined {
  return inlineContract(product) ?? statedTerms(product, details);
}

function inlineContract(product: Members): Contract | undefined {
  const spec = objectAt(product, 'contract')['spec'];
  // What only claims to be ODCS stays in the custom property `contract`, for policies to find.
  if (!isObject(spec) || odcs.standard.faults(spec).length > 0) return undefined;
  return readContract(spec);
}

function statedTerms(product: Members, details: Members): Contract | undefined {
  const levels = dimensionsOf(product['SLA']);
  if (levels.length === 0) return undefined;
  const language = mainLanguage(details);
  const main = objectAt(details, language);
  const plan = plansOf(product['pricingPlans'], language)[0] ?? {};
  const amount = Number(plan['price']);
  return contractOf({
    id: textAt(objectAt(product, 'contract'), 'id') ?? textAt(main, 'productID'),
    name: textAt(main, 'name'),
    version: textAt(main, 'productVersion'),
    status: textAt(main, 'status'),
    dataProduct: textAt(main, 'name'),
    slaProperties: levels.map((level) => ({
      property: textAt(level, 'dimension'),
      value: level['objective'],
      unit: textAt(level, 'unit'),
      description: inLanguage(level['description'], language),
    })),
    price: {
      priceAmount: textAt(plan, 'price') === undefined || Number.isNaN(amount) ? undefined : amount,
      priceCurrency: textAt(plan, 'priceCurrency'),
      priceUnit: textAt(plan, 'unit'),
    },
    customProperties: customProperties({
      ...without(objectAt(product, 'contract'), ['id', 'spec']),
      dataQuality: product['dataQuality'],
    }),
  });
}

/** The dimensions of a list, or of the package `default` (else the first), directly or under `declarative`. */
function dimensionsOf(levels: unknown): readonly Members[] {
  if (Array.isArray(levels)) {
    const listed = (levels as unknown[]).filter(isObject);
    const direct = listed.filter(
      (level) => textAt(level, 'dimension') !== undefined && level['objective'] !== undefined,
    );
    return direct.length > 0 ? direct : dimensionsOf(listed[0]);
  }
  if (!isObject(levels)) return [];
  if (levels['declarative'] !== undefined) return dimensionsOf(levels['declarative']);
  if (Array.isArray(levels['dimensions'])) return dimensionsOf(objectsAt(levels, 'dimensions'));
  const [first] = Object.values(levels).filter(isObject);
  return isObject(levels['default'])
    ? dimensionsOf(levels['default'])
    : first === undefined
      ? []
      : dimensionsOf(first);
}

/** The plans of one language, directly or under `declarative`. */
function plansOf(plans: unknown, language: string): readonly Members[] {
  if (Array.isArray(plans)) return (plans as unknown[]).filter(isObject);
  if (!isObject(plans)) return [];
  return plans['declarative'] === undefined
    ? plansOf(plans[language], language)
    : plansOf(plans['declarative'], language);
}
