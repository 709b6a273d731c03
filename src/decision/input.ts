import type { Contract } from '../product/contract.js';
import { contractSchema } from '../product/contract.js';
import type { Product } from '../product/product.js';
import { productSchema } from '../product/product.js';
import { KINDS, type Kind } from '../policy/kind.js';

/** What the registry knows of a subject or resource; absent when it is not registered. */
export type Registered = Readonly<Record<string, unknown>>;

/** What a policy sees as `input`. The shape is fixed and described by {@link inputSchema}. */
export interface PolicyInput {
  readonly kind: Kind;
  /** RFC 3339, UTC; `time.now_ns()` answers the same moment. */
  readonly now: string;
  readonly subject: {
    readonly type: string;
    readonly id: string;
    readonly properties: object;
    readonly registered?: Registered | undefined;
  };
  readonly action: { readonly name: string; readonly properties: object };
  readonly resource: {
    readonly type: string;
    readonly id: string;
    readonly properties: object;
    readonly registered?: Registered | undefined;
  };
  readonly context: object;
  readonly product?: Product | undefined;
  readonly contracts?: readonly Contract[] | undefined;
  /** The registered version of the product, on publish. */
  readonly previous?: { readonly product: Product; readonly contracts: readonly Contract[] } | undefined;
  /** The owning domain. */
  readonly domain?: string | undefined;
  /** Delegated parameters as resolved for the owning domain (for `consume`: for the consuming domain). */
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** Members of the input that are the product's metadata: a module parses them by themselves. */
export const METADATA = ['product', 'contracts'] as const satisfies readonly (keyof PolicyInput)[];

const string = { type: 'string' } as const;
const open = { type: 'object', additionalProperties: true } as const;

const entity = {
  type: 'object',
  additionalProperties: false,
  properties: { type: string, id: string, properties: open, registered: open },
  required: ['type', 'id', 'properties'],
} as const;

/**
 * Where metadata are missing, the service has denied already or the resource is no data product, so that a policy
 * about products has nothing to judge. The linter takes it from here and does not ask policies to deny their absence.
 */
const nothingToJudge = { 'x-witan-missing': 'nothing_to_judge' } as const;

const contracts = { type: 'array', items: contractSchema, ...nothingToJudge } as const;

/** JSON Schema of `input`, against which every policy is type-checked. What is not required may be missing. */
export const inputSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    kind: { type: 'string', enum: KINDS },
    now: string,
    subject: entity,
    action: {
      type: 'object',
      additionalProperties: false,
      properties: { name: string, properties: open },
      required: ['name', 'properties'],
    },
    resource: entity,
    context: open,
    product: { ...productSchema, ...nothingToJudge },
    contracts,
    previous: {
      type: 'object',
      additionalProperties: false,
      properties: { product: productSchema, contracts },
      required: ['product', 'contracts'],
      ...nothingToJudge,
    },
    domain: string,
    parameters: open,
  },
  required: ['kind', 'now', 'subject', 'action', 'resource', 'context', 'parameters'],
} as const;
