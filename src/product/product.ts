import type { FromSchema } from 'json-schema-to-ts';
import {
  authoritativeDefinitionsSchema,
  customPropertiesSchema,
  descriptionSchema,
  supportSchema,
  teamSchema,
} from './building-blocks.js';

const string = { type: 'string' } as const;
const strings = { type: 'array', items: string } as const;

/**
 * A data product in normal form: the field names of Bitol ODPS 1.0. Every supported format is read into it.
 * Closed for the same reason as the contract's schema: policies are type-checked against it.
 */
export const productSchema = {
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
    description: descriptionSchema,
    tags: strings,
    inputPorts: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        properties: {
          name: string,
          description: string,
          version: string,
          contractId: string,
          tags: strings,
          customProperties: customPropertiesSchema,
          authoritativeDefinitions: authoritativeDefinitionsSchema,
        },
      },
    },
    outputPorts: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        properties: {
          name: string,
          description: string,
          type: string,
          version: string,
          contractId: string,
          tags: strings,
          sbom: { type: 'array', items: {} },
          inputContracts: {
            type: 'array',
            items: {
              type: 'object',
              additionalProperties: false,
              properties: { id: string, version: string },
            },
          },
          customProperties: customPropertiesSchema,
          authoritativeDefinitions: authoritativeDefinitionsSchema,
        },
      },
    },
    managementPorts: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        properties: {
          name: string,
          content: string,
          type: string,
          url: string,
          channel: string,
          description: string,
          tags: strings,
          customProperties: customPropertiesSchema,
          authoritativeDefinitions: authoritativeDefinitionsSchema,
        },
      },
    },
    support: supportSchema,
    team: teamSchema,
    authoritativeDefinitions: authoritativeDefinitionsSchema,
    customProperties: customPropertiesSchema,
    productCreatedTs: string,
  },
} as const;

/** A data product in normal form. */
export type Product = FromSchema<typeof productSchema>;
