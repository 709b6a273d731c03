import type { Format } from './format.js';
import { readLf } from './lf-odps-product.js';
import { lfOdpsSchema } from './lf-odps-schema.js';
import { objectAt } from './normal-form.js';
import { standard } from './standard.js';

/** Open Data Product Specification 4 (Linux Foundation): the languages stand in `product.details`. */
export const lfOdps: Format = {
  name: 'lf-odps',
  standard: standard('Open Data Product Specification 4', '2020-12', lfOdpsSchema),
  read: (document) => readLf(document, objectAt(objectAt(document, 'product'), 'details')),
};
