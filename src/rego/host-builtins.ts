import { wrongOperand, type Builtin, type Builtins } from './builtin.js';
import { arithmeticBuiltins } from './builtins/numbers/arithmetic.js';
import { arrayBuiltins } from './builtins/collections/arrays.js';
import { bitBuiltins } from './builtins/numbers/bits.js';
import { castBuiltins } from './builtins/numbers/casts.js';
import { collectionBuiltins } from './builtins/collections/collections.js';
import { digestBuiltins } from './builtins/bytes/digests.js';
import { globBuiltins } from './builtins/patterns/globs.js';
import { jsonPatchBuiltins } from './builtins/documents/json-patch.js';
import { jsonPathBuiltins } from './builtins/documents/json-paths.js';
import { jsonBuiltins } from './builtins/documents/json.js';
import { jwtSignBuiltins } from './builtins/tokens/jwt-sign.js';
import { jwtBuiltins } from './builtins/tokens/jwt.js';
import { networkBuiltins } from './builtins/networks/networks.js';
import { numberBuiltins } from './builtins/numbers/numbers.js';
import { objectBuiltins } from './builtins/collections/objects.js';
import { regexBuiltins } from './builtins/patterns/regex.js';
import { semverBuiltins } from './builtins/text/semver.js';
import { itemsOperand } from './builtins/operand.js';
import { formatBuiltins } from './builtins/text/sprintf.js';
import { stringBuiltins } from './builtins/text/strings.js';
import { textBuiltins } from './builtins/text/texts.js';
import { timeBuiltins } from './builtins/time/time.js';
import { toNumberBuiltins } from './builtins/numbers/to-number.js';
import { unitBuiltins } from './builtins/numbers/units.js';
import { urlBuiltins } from './builtins/networks/urls.js';
import { uuidBuiltins } from './builtins/text/uuid.js';
import { yamlBuiltins } from './builtins/documents/yaml.js';
import type { OpaBuiltins } from './opa-builtins.js';
import type { RegoValue } from './value.js';

/** Built-ins that OPA's own code computes, since few policies use them and much depends on their details. */
const OPA_BUILTINS = [
  'crypto.parse_private_keys',
  'crypto.x509.parse_and_verify_certificates',
  'crypto.x509.parse_and_verify_certificates_with_options',
  'crypto.x509.parse_certificate_request',
  'crypto.x509.parse_certificates',
  'crypto.x509.parse_keypair',
  'crypto.x509.parse_rsa_private_key',
  'graphql.is_valid',
  'graphql.parse',
  'graphql.parse_and_verify',
  'graphql.parse_query',
  'graphql.parse_schema',
  'graphql.schema_is_valid',
  'json.match_schema',
  'json.verify_schema',
  'providers.aws.sign_req',
  'regex.globs_match',
  'rego.parse_module',
  'strings.render_template',
  'yaml.is_valid',
  'yaml.unmarshal',
] as const;

/** A call takes about a millisecond. */
const OPA_CALL_STEPS = 50_000;

/** The extremes of nothing are undefined, which is no failure; the module alone cannot tell the two apart. */
const extreme: Builtin = (collection: RegoValue | undefined) => {
  if (itemsOperand(collection, 1).length === 0) return undefined;
  throw wrongOperand(collection, 1, 'array', 'set');
};

/** What depends on nothing but its operands. */
const PURE_BUILTINS: Builtins = {
  ...arithmeticBuiltins,
  ...arrayBuiltins,
  ...bitBuiltins,
  ...castBuiltins,
  ...collectionBuiltins,
  ...digestBuiltins,
  ...formatBuiltins,
  ...globBuiltins,
  ...jsonBuiltins,
  ...jsonPatchBuiltins,
  ...jsonPathBuiltins,
  ...jwtSignBuiltins,
  ...networkBuiltins,
  ...numberBuiltins,
  ...objectBuiltins,
  ...regexBuiltins,
  ...semverBuiltins,
  ...stringBuiltins,
  ...textBuiltins,
  ...toNumberBuiltins,
  ...unitBuiltins,
  ...urlBuiltins,
  ...uuidBuiltins,
  ...yamlBuiltins,
  max: extreme,
  min: extreme,
  trace: () => true,
};

/**
 * Everything that a module may ask of its host. What the module computes itself is here only where its answer is not
 * the whole one.
 *
 * @param nowNs the moment that every clock answers, in nanoseconds since 1970
 */
export function hostBuiltins(nowNs: () => bigint, opa: OpaBuiltins | undefined): Builtins {
  const own = { ...PURE_BUILTINS, ...timeBuiltins(nowNs), ...jwtBuiltins(nowNs) };
  if (opa === undefined) return own;
  const fromOpa = OPA_BUILTINS.map((name): [string, Builtin] => {
    const call = (...operands: RegoValue[]): RegoValue | undefined => opa.call(name, operands, nowNs());
    return [name, Object.assign(call, { steps: OPA_CALL_STEPS })];
  });
  return { ...Object.fromEntries(fromOpa), ...own };
}
