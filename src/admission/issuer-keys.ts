import { createLocalJWKSet, errors, type CryptoKey, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { isObject } from '../document/json.js';
import { messageOf, WitanError } from '../errors.js';

/** Keys this old are looked at again, behind the answers. */
const FRESH_MS = 600_000;
/** Keys that could not be fetched again for so long no longer verify anything: they may have been withdrawn. */
const KEPT_MS = 86_400_000;
/** Between two fetches, whatever tokens ask for. */
const COOLDOWN_MS = 30_000;
const FETCH_MS_MAX = 5000;
const ANSWER_BYTES_MAX = 1 << 20;
const KEYS_MAX = 100;

/** The public keys of an identity provider, as JSON Web Keys (RFC 7517). */
export interface IssuerKeys {
  /**
   * The key that a token's header names. Keys that are known answer at once, whatever the provider does. A key that is
   * not known is fetched, at most once in 30 seconds for all tokens together.
   *
   * @throws WitanError `issuer_unavailable` when the keys cannot be fetched
   * @throws errors.JWKSNoMatchingKey when the provider has no such key
   * @throws errors.JWKSMultipleMatchingKeys with the candidates, for a header that names none
   */
  readonly keyOf: JWTVerifyGetKey<CryptoKey>;
  /** Breaks off what is being fetched. */
  close(): void;
}

interface Needs {
  readonly issuer: string;
  /** Where the keys are; where the issuer's own configuration says unless given. */
  readonly jwksUrl?: string;
  readonly nowMs: () => number;
  readonly warn: (message: string) => void;
}

type KeySet = ReturnType<typeof createLocalJWKSet>;

export function createIssuerKeys({ issuer, jwksUrl, nowMs, warn }: Needs): IssuerKeys {
  const closing = new AbortController();
  let known: { readonly keys: KeySet; readonly sinceMs: number } | undefined;
  let last: { readonly atMs: number; readonly failure?: WitanError } | undefined;
  let pending: Promise<void> | undefined;

  const fetchKeys = async (): Promise<void> => {
    const atMs = nowMs();
    try {
      const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(FETCH_MS_MAX)]);
      const keys = await keySetAt(jwksUrl ?? (await discoveredUrl(issuer, signal)), signal);
      known = { keys, sinceMs: atMs };
      last = { atMs };
    } catch (cause) {
      const failure = new WitanError(
        'issuer_unavailable',
        `the keys of \`${issuer}\` cannot be fetched, so tokens that they would verify are not accepted now: ${reasonOf(cause)}`,
        { cause },
      );
      last = { atMs, failure };
      warn(failure.message);
    } finally {
      pending = undefined;
    }
  };

  /** Fetches unless that was done just now; all who wait share one fetch. Never rejects. */
  const refresh = (): Promise<void> => {
    if (pending !== undefined) return pending;
    if (last !== undefined && nowMs() - last.atMs < COOLDOWN_MS) return Promise.resolve();
    pending = fetchKeys();
    return pending;
  };

  return {
    async keyOf(header, token) {
      const ageMs = known === undefined ? Number.POSITIVE_INFINITY : nowMs() - known.sinceMs;
      if (known !== undefined && ageMs < KEPT_MS) {
        if (ageMs >= FRESH_MS) void refresh();
        try {
          return await known.keys(header, token);
        } catch (thrown) {
          if (!(thrown instanceof errors.JWKSNoMatchingKey)) throw thrown;
        }
      }
      await refresh();
      if (last?.failure !== undefined) throw last.failure;
      // INVARIANT: a fetch that did not fail left keys.
      if (known === undefined) throw new errors.JWKSNoMatchingKey();
      return known.keys(header, token);
    },
    close() {
      closing.abort();
    },
  };
}

/** Where an issuer's configuration says that its keys are (OpenID Connect Discovery 1.0, section 4). */
async function discoveredUrl(issuer: string, signal: AbortSignal): Promise<string> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const configuration = await fetchJson(url, signal);
  if (!isObject(configuration) || configuration['issuer'] !== issuer) {
    throw new Error(`\`${url}\` is not the configuration of \`${issuer}\`: its \`issuer\` is another`);
  }
  const jwksUrl = configuration['jwks_uri'];
  if (typeof jwksUrl !== 'string' || !isSafeUrl(jwksUrl)) {
    throw new Error(`\`${url}\` has no \`jwks_uri\` that is an https:// URL`);
  }
  return jwksUrl;
}

async function keySetAt(url: string, signal: AbortSignal): Promise<KeySet> {
  const fetched = await fetchJson(url, signal);
  const keys = isObject(fetched) ? fetched['keys'] : undefined;
  if (!Array.isArray(keys)) throw new Error(`\`${url}\` answered no JSON Web Key Set`);
  if (keys.length > KEYS_MAX) throw new Error(`\`${url}\` has more than ${KEYS_MAX} keys`);
  // INVARIANT: jose checks what the members are.
  return createLocalJWKSet(fetched as object as JSONWebKeySet);
}

/** Redirects are not followed: what is configured is what is asked. */
async function fetchJson(url: string, signal: AbortSignal): Promise<unknown> {
  const response = await fetch(url, {
    signal,
    redirect: 'error',
    headers: { Accept: 'application/json, application/jwk-set+json' },
  });
  if (!response.ok || response.body === null) {
    await response.body?.cancel();
    throw new Error(`\`${url}\` answered ${response.status}`);
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > ANSWER_BYTES_MAX) throw new Error(`\`${url}\` answered more than ${ANSWER_BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch (cause) {
    throw new Error(`\`${url}\` answered no JSON`, { cause });
  }
}

/** Whether what is fetched from a URL can be trusted: https, or a server on this machine. */
export function isSafeUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  if (username !== '' || password !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.has(hostname));
}

const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

function reasonOf(thrown: unknown): string {
  if (thrown instanceof Error && thrown.name === 'TimeoutError') {
    return `there was no whole answer within ${FETCH_MS_MAX} milliseconds`;
  }
  // What `fetch` throws says why in its cause alone.
  const cause = thrown instanceof TypeError ? thrown.cause : undefined;
  return cause === undefined ? messageOf(thrown) : `${messageOf(thrown)} (${messageOf(cause)})`;
}
