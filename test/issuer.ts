import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK, type JWTPayload } from 'jose';

/** A key pair of an identity provider. */
export interface IssuerKey {
  readonly kid: string;
  readonly algorithm: string;
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
}

export async function newKey(kid: string, algorithm = 'ES256'): Promise<IssuerKey> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
  return {
    kid,
    algorithm,
    privateKey,
    jwk: { ...(await exportJWK(publicKey)), kid, alg: algorithm, use: 'sig' },
  };
}

/** A real identity provider on this machine: its configuration, its keys, and the tokens that it signs. */
export class Issuer {
  readonly #server: Server;
  /** What is published as JSON Web Keys. */
  keys: readonly IssuerKey[];
  /** Answers instead of the keys, where a test sets it. */
  answer: ((response: ServerResponse) => void) | undefined;
  /** How often the keys were asked for. */
  asked = 0;

  private constructor(keys: readonly IssuerKey[]) {
    this.keys = keys;
    this.#server = createServer((request, response) => {
      if (request.url === '/.well-known/openid-configuration') {
        response.end(JSON.stringify({ issuer: this.url, jwks_uri: `${this.url}/keys` }));
        return;
      }
      this.asked += 1;
      if (this.answer === undefined) response.end(JSON.stringify({ keys: this.keys.map(({ jwk }) => jwk) }));
      else this.answer(response);
    });
  }

  static async start(...keys: readonly IssuerKey[]): Promise<Issuer> {
    const issuer = new Issuer(keys);
    await new Promise<void>((resolve) => {
      issuer.#server.listen(0, '127.0.0.1', resolve);
    });
    return issuer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Signs with the first key, unless another is given. What is `undefined` in the claims is left out. */
  sign(
    claims: object,
    { key = this.keys[0], header = {} }: { readonly key?: IssuerKey; readonly header?: object } = {},
  ): Promise<string> {
    if (key === undefined) throw new Error('the issuer has no key');
    return new SignJWT(claims as JWTPayload)
      .setProtectedHeader({ alg: key.algorithm, kid: key.kid, typ: 'JWT', ...header })
      .sign(key.privateKey);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
