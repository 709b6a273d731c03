import { isObject } from '../../document/json.js';
import type { Format } from './format.js';
import { readLf } from './lf-odps-product.js';
import { LANGUAGE, lfOdpsLegacySchema } from './lf-odps-schema.js';
import { objectAt } from './normal-form.js';
import { standard } from './standard.js';

const IS_LANGUAGE = new RegExp(LANGUAGE);

/** The Open Data Product Specification before version 4: the languages stand in `product` itself. */
export const lfOdpsLegacy: Format = {
  name: 'lf-odps-legacy',
  standard: standard('Open Data Product Specification', '2020-12', lfOdpsLegacySchema),
  read(document) {
    const members = Object.entries(objectAt(document, 'product'));
    const languages = members.filter(([name, value]) => IS_LANGUAGE.test(name) && isObject(value));
    return readLf(document, Object.fromEntries(languages));
  },
};
