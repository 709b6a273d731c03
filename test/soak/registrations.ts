import type { Ask } from './asker.js';
import { evaluationOf, faultOf } from './question.js';

const PRODUCTS = 50;

/**
 * Registers products of sales and retires them again, one after the other, and asks for them in between: what is
 * registered is decided on at once, and what is retired is known no more.
 */
export class Registrations {
  count = 0;
  readonly #ask: Ask;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  async next(): Promise<void> {
    const name = `soak-${this.count % PRODUCTS}`;
    const id = `urn:mesh:sales:${name}`;
    const path = `/v1/products/${encodeURIComponent(id)}`;
    const question = { reader: 1, product: id, purpose: 'ops', region: 'eu', hasContract: true };
    const decide = (): Promise<any> =>
      this.#ask('/access/v1/evaluation', [200], { body: JSON.parse(evaluationOf(question)) });
    await this.#ask(path, [201], { method: 'PUT', as: 'ana', body: described(id, name) });
    const fault = faultOf(question, await decide());
    if (fault !== undefined) throw new Error(fault);
    await this.#ask(path, [200], { method: 'DELETE', as: 'ana' });
    const { decision } = await decide();
    if (decision !== false) throw new Error(`\`${id}\` is retired, and may be read`);
    this.count += 1;
  }
}

function described(id: string, name: string): object {
  return {
    descriptor: {
      apiVersion: 'v1.0.0',
      kind: 'DataProduct',
      id,
      name,
      version: '1.0.0',
      status: 'active',
      domain: 'sales',
      customProperties: [{ property: 'region', value: 'eu' }],
      outputPorts: [{ name, version: '1.0.0', contractId: name }],
      team: { name: 'sales', members: [{ username: 'ana' }] },
    },
    contracts: [
      {
        apiVersion: 'v3.1.0',
        kind: 'DataContract',
        id: name,
        version: '1.0.0',
        status: 'active',
        schema: [
          {
            name,
            properties: [
              { name: 'order_id', classification: 'internal' },
              { name: 'email', classification: 'pii' },
            ],
          },
        ],
      },
    ],
  };
}
