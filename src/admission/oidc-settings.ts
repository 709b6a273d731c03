import { messageOf } from '../errors.js';
import type { ClaimsMapping } from '../identity/claims.js';
import { readGrant, writeGrant } from '../identity/grant.js';
import { isSafeUrl } from './issuer-keys.js';

/** How tokens of the organisation's identity provider are verified, and whom they speak of. */
export interface OidcSettings extends ClaimsMapping {
  /** As it stands in `iss`. */
  readonly issuer: string;
  /** One of those in `aud`. */
  readonly audience: string;
  /** Where the provider's keys are; where its own configuration says unless given. */
  readonly jwksUrl?: string;
  /** Of JSON Web Signatures (RFC 7518): public keys alone. */
  readonly algorithms: readonly string[];
}

export const OIDC_SETTINGS = [
  {
    name: 'WITAN_OIDC_ISSUER',
    default: 'none',
    description: 'issuer of the tokens, as `iss` names it; needed while `WITAN_AUTH` is `oidc`',
  },
  {
    name: 'WITAN_OIDC_AUDIENCE',
    default: 'none',
    description: 'what `aud` of the tokens has to name; needed while `WITAN_AUTH` is `oidc`',
  },
  {
    name: 'WITAN_OIDC_JWKS_URL',
    default: 'none',
    description:
      "where the issuer's keys are, https:// or on this machine; `none` asks the issuer's `/.well-known/openid-configuration`",
  },
  {
    name: 'WITAN_OIDC_ALGORITHMS',
    default: 'RS256,ES256',
    description:
      'algorithms that tokens may be signed with, of RS, PS and ES with 256, 384 or 512, and EdDSA',
  },
  {
    name: 'WITAN_OIDC_CALLER_CLAIM',
    default: 'sub',
    description: "claim with the caller's id: a name, names parted by dots, or a JSON pointer",
  },
  {
    name: 'WITAN_OIDC_ROLES_CLAIM',
    default: 'groups',
    description: 'claim with the values that `WITAN_OIDC_ROLES` maps, written in the same way',
  },
  {
    name: 'WITAN_OIDC_ROLES',
    default: 'none',
    description:
      'what the values grant, such as `data-governance=auditor,sales-stewards=steward:sales`; other values grant nothing',
  },
] as const;

type SettingName = (typeof OIDC_SETTINGS)[number]['name'];

interface Reading {
  /** The setting's text, or its default. */
  readonly text: (name: SettingName) => string;
  readonly fault: (name: SettingName, message: string) => void;
}

const ALGORITHMS: ReadonlySet<string> = new Set([
  ...['RS', 'PS', 'ES'].flatMap((family) => ['256', '384', '512'].map((bits) => `${family}${bits}`)),
  'EdDSA',
]);
const MAPPINGS_MAX = 1000;
const NAME_CHARS_MAX = 1024;

/** Reads the settings of `WITAN_AUTH=oidc`, and tells every fault. What is returned is of no use when there is one. */
export function readOidcSettings({ text, fault }: Reading): OidcSettings {
  const needed = (name: SettingName): string => {
    const value = text(name);
    if (value === 'none') fault(name, 'is needed while `WITAN_AUTH` is `oidc`');
    else if (value.length > NAME_CHARS_MAX) fault(name, `has more than ${NAME_CHARS_MAX} characters`);
    return value;
  };
  const issuer = needed('WITAN_OIDC_ISSUER');
  const audience = needed('WITAN_OIDC_AUDIENCE');
  const jwksUrl = text('WITAN_OIDC_JWKS_URL');
  if (jwksUrl !== 'none' && !isSafeUrl(jwksUrl)) {
    fault(
      'WITAN_OIDC_JWKS_URL',
      'is not an https:// URL without a password, or an http:// URL of this machine',
    );
  }
  if (jwksUrl === 'none' && issuer !== 'none' && !isSafeUrl(issuer)) {
    fault(
      'WITAN_OIDC_ISSUER',
      'is not an https:// URL without a password, or an http:// URL of this machine: it can only be asked for its keys when it is, or else say `WITAN_OIDC_JWKS_URL`',
    );
  }
  return {
    issuer,
    audience,
    ...(jwksUrl !== 'none' && { jwksUrl }),
    algorithms: readAlgorithms({ text, fault }),
    callerClaim: readClaim('WITAN_OIDC_CALLER_CLAIM', { text, fault }),
    rolesClaim: readClaim('WITAN_OIDC_ROLES_CLAIM', { text, fault }),
    roles: readMapping({ text, fault }),
  };
}

function readAlgorithms({ text, fault }: Reading): readonly string[] {
  const algorithms = text('WITAN_OIDC_ALGORITHMS')
    .split(',')
    .map((name) => name.trim());
  for (const name of algorithms.filter((each) => !ALGORITHMS.has(each))) {
    fault(
      'WITAN_OIDC_ALGORITHMS',
      `names \`${name}\`; expected some of ${[...ALGORITHMS].join(', ')}, which need a private key to sign`,
    );
  }
  return algorithms;
}

function readClaim(name: SettingName, { text, fault }: Reading): string {
  const path = text(name);
  const segments = path.startsWith('/') ? path.slice(1).split('/') : path.split('.');
  if (
    path.length > NAME_CHARS_MAX ||
    segments.includes('') ||
    /~(?![01])/.test(path.startsWith('/') ? path : '')
  ) {
    fault(
      name,
      `is \`${path}\`; expected a claim such as \`sub\`, \`realm_access.roles\` or \`/realm_access/roles\``,
    );
  }
  return path;
}

/** The value ends at the last `=`, since names of groups may have one. */
function readMapping({ text, fault }: Reading): ReadonlyMap<string, readonly string[]> {
  const roles = new Map<string, readonly string[]>();
  const written = text('WITAN_OIDC_ROLES');
  if (written === 'none') return roles;
  const entries = written.split(',').map((entry) => entry.trim());
  if (entries.length > MAPPINGS_MAX) {
    fault('WITAN_OIDC_ROLES', `has ${entries.length} entries; expected at most ${MAPPINGS_MAX}`);
    return roles;
  }
  for (const entry of entries) {
    const end = entry.lastIndexOf('=');
    const value = entry.slice(0, Math.max(0, end)).trim();
    if (value === '') {
      fault(
        'WITAN_OIDC_ROLES',
        `has the entry \`${entry}\`; expected \`value=role\` or \`value=role:domain\``,
      );
      continue;
    }
    try {
      const grant = writeGrant(readGrant(entry.slice(end + 1).trim()));
      roles.set(value, [...(roles.get(value) ?? []), grant]);
    } catch (thrown) {
      fault('WITAN_OIDC_ROLES', `has the entry \`${entry}\`: ${messageOf(thrown)}`);
    }
  }
  return roles;
}
