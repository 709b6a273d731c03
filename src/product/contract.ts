import type { FromSchema } from 'json-schema-to-ts';
import {
  authoritativeDefinitionsSchema,
  customPropertiesSchema,
  descriptionSchema,
  supportSchema,
  teamSchema,
} from './building-blocks.js';

/**
 * A data contract in normal form: the field names of Bitol ODCS 3.1, with both team forms folded into one.
 * The schema below is what policies are type-checked against, so it is closed: a name that is not here
 * is a mistake in the policy. What a standard lets its users add freely stands in `customProperties`.
 */
const string = { type: 'string' } as const;
const boolean = { type: 'boolean' } as const;
const strings = { type: 'array', items: string } as const;

const qualitySchema = {
  type: 'array',
  items: {
    type: 'object',
    additionalProperties: true,
    properties: {
      name: string,
      description: string,
      type: string,
      metric: string,
      dimension: string,
      severity: string,
      unit: string,
      query: string,
      engine: string,
    },
  },
} as const;

const elementProperties = {
  id: string,
  name: string,
  businessName: string,
  description: string,
  tags: strings,
  customProperties: customPropertiesSchema,
  authoritativeDefinitions: authoritativeDefinitionsSchema,
  logicalType: string,
  physicalType: string,
  physicalName: string,
  quality: qualitySchema,
  relationships: { type: 'array', items: {} },
} as const;

const columnProperties = {
  ...elementProperties,
  logicalTypeOptions: { type: 'object', additionalProperties: true },
  primaryKey: boolean,
  primaryKeyPosition: { type: 'integer' },
  required: boolean,
  unique: boolean,
  partitioned: boolean,
  partitionKeyPosition: { type: 'integer' },
  classification: string,
  encryptedName: string,
  transformSourceObjects: strings,
  transformLogic: string,
  transformDescription: string,
  examples: { type: 'array', items: {} },
  criticalDataElement: boolean,
  items: {},
} as const;

const nestedColumnSchema = {
  type: 'object',
  additionalProperties: false,
  properties: { ...columnProperties, properties: { type: 'array', items: {} } },
} as const;

const columnSchema = {
  type: 'object',
  additionalProperties: false,
  properties: { ...columnProperties, properties: { type: 'array', items: nestedColumnSchema } },
} as const;

const tableSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    ...elementProperties,
    dataGranularityDescription: string,
    properties: { type: 'array', items: columnSchema },
  },
} as const;

export const contractSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    apiVersion: string,
    kind: string,
    id: string,
    name: string,
    version: string,
    status: string,
    domain: string,
    tenant: string,
    dataProduct: string,
    description: descriptionSchema,
    tags: strings,
    schema: { type: 'array', items: tableSchema },
    servers: {
      type: 'array',
      items: {
        type: 'object',
        // Each kind of server has members of its own (host, bucket, topic …).
        additionalProperties: true,
        properties: {
          id: string,
          server: string,
          type: string,
          description: string,
          environment: string,
          location: string,
          format: string,
          customProperties: customPropertiesSchema,
        },
      },
    },
    slaDefaultElement: string,
    slaProperties: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        properties: {
          id: string,
          property: string,
          value: {},
          valueExt: {},
          unit: string,
          element: string,
          driver: string,
          description: string,
          scheduler: string,
          schedule: string,
        },
        required: ['property', 'value'],
      },
    },
    price: {
      type: 'object',
      additionalProperties: false,
      properties: { id: string, priceAmount: { type: 'number' }, priceCurrency: string, priceUnit: string },
    },
    team: teamSchema,
    roles: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        properties: {
          id: string,
          role: string,
          description: string,
          access: string,
          firstLevelApprovers: string,
          secondLevelApprovers: string,
          customProperties: customPropertiesSchema,
        },
      },
    },
    support: supportSchema,
    authoritativeDefinitions: authoritativeDefinitionsSchema,
    customProperties: customPropertiesSchema,
    contractCreatedTs: string,
  },
} as const;

/** A data contract in normal form. A column's own `properties` are typed two levels deep and kept at any depth. */
export type Contract = FromSchema<typeof contractSchema>;
