import type { Builtin, Builtins } from './builtin.js';
import { wrongOperand } from './builtin.js';
import type { OpaBuiltins } from './opa-builtins.js';
import { RegoSet, type RegoValue } from './value.js';

/** Built-ins that OPA's own code computes, since few policies use them and much depends on their details. */
const OPA_BUILTINS = [
  'base64url.encode_no_pad',
  'cast_array',
  'cast_boolean',
  'cast_null',
  'cast_object',
  'cast_set',
  'cast_string',
  'crypto.hmac.equal',
  'crypto.hmac.md5',
  'crypto.hmac.sha1',
  'crypto.hmac.sha256',
  'crypto.hmac.sha512',
  'crypto.md5',
  'crypto.parse_private_keys',
  'crypto.sha1',
  'crypto.sha256',
  'crypto.x509.parse_and_verify_certificates',
  'crypto.x509.parse_and_verify_certificates_with_options',
  'crypto.x509.parse_certificate_request',
  'crypto.x509.parse_certificates',
  'crypto.x509.parse_keypair',
  'crypto.x509.parse_rsa_private_key',
  'glob.quote_meta',
  'graph.reachable_paths',
  'graphql.is_valid',
  'graphql.parse',
  'graphql.parse_and_verify',
  'graphql.parse_query',
  'graphql.parse_schema',
  'graphql.schema_is_valid',
  'hex.decode',
  'hex.encode',
  'indexof_n',
  'io.jwt.decode',
  'io.jwt.decode_verify',
  'io.jwt.encode_sign',
  'io.jwt.encode_sign_raw',
  'io.jwt.verify_eddsa',
  'io.jwt.verify_es256',
  'io.jwt.verify_es384',
  'io.jwt.verify_es512',
  'io.jwt.verify_hs256',
  'io.jwt.verify_hs384',
  'io.jwt.verify_hs512',
  'io.jwt.verify_ps256',
  'io.jwt.verify_ps384',
  'io.jwt.verify_ps512',
  'io.jwt.verify_rs256',
  'io.jwt.verify_rs384',
  'io.jwt.verify_rs512',
  'json.marshal_with_options',
  'json.match_schema',
  'json.patch',
  'json.verify_schema',
  'net.cidr_contains_matches',
  'net.cidr_expand',
  'net.cidr_is_valid',
  'net.cidr_merge',
  'numbers.range_step',
  'object.subset',
  'providers.aws.sign_req',
  'regex.find_n',
  'regex.globs_match',
  'regex.replace',
  'regex.split',
  'regex.template_match',
  'rego.parse_module',
  'semver.compare',
  'semver.is_valid',
  'sprintf',
  'strings.any_prefix_match',
  'strings.any_suffix_match',
  'strings.count',
  'strings.render_template',
  'strings.split_n',
  'time.add_date',
  'time.clock',
  'time.date',
  'time.diff',
  'time.format',
  'time.now_ns',
  'time.parse_duration_ns',
  'time.parse_ns',
  'time.parse_rfc3339_ns',
  'time.weekday',
  'units.parse',
  'units.parse_bytes',
  'uri.is_valid',
  'uri.parse',
  'urlquery.decode',
  'urlquery.decode_object',
  'urlquery.encode',
  'urlquery.encode_object',
  'uuid.parse',
  'yaml.is_valid',
  'yaml.marshal',
  'yaml.unmarshal',
] as const;

/** The extremes of nothing are undefined, which is no failure; the module alone cannot tell the two apart. */
const extreme: Builtin = (collection: RegoValue | undefined) => {
  const items = collection instanceof RegoSet ? collection.items : collection;
  if (Array.isArray(items) && items.length === 0) return undefined;
  throw wrongOperand(collection, 1, 'array', 'set');
};

/**
 * Everything that a module may ask of its host. What the module computes itself is here only where its answer is not
 * the whole one.
 *
 * @param nowNs the moment that every clock answers, in nanoseconds since 1970
 */
export function hostBuiltins(nowNs: () => bigint, opa: OpaBuiltins | undefined): Builtins {
  const own: Builtins = { max: extreme, min: extreme, trace: () => true };
  if (opa === undefined) return own;
  const fromOpa = OPA_BUILTINS.map((name): [string, Builtin] => [
    name,
    (...operands) => opa.call(name, operands, nowNs()),
  ]);
  return { ...Object.fromEntries(fromOpa), ...own };
}
