import type { Format } from './format.js';
import { productOf } from './normal-form.js';
import schema from './schemas/bitol-odps-1.0.0.json' with { type: 'json' };
import { standard } from './standard.js';

/** Bitol Open Data Product Standard 1.0 (and 0.9): the normal form itself. */
export const bitolOdps: Format = {
  name: 'bitol-odps',
  standard: standard('ODPS 1.0', '2019-09', schema),
  read: (document) => ({ product: productOf(document), contracts: [] }),
};
