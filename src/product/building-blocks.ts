/** What products and contracts have in common in the normal form; each file of the two says why their schemas are closed. */
const string = { type: 'string' } as const;
const strings = { type: 'array', items: string } as const;

export const customPropertiesSchema = {
  type: 'array',
  items: {
    type: 'object',
    additionalProperties: false,
    properties: { id: string, property: string, value: {}, description: string },
    required: ['property', 'value'],
  },
} as const;

export const authoritativeDefinitionsSchema = {
  type: 'array',
  items: {
    type: 'object',
    additionalProperties: false,
    properties: { id: string, type: string, url: string, description: string },
    required: ['type', 'url'],
  },
} as const;

export const teamSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    id: string,
    name: string,
    description: string,
    members: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        properties: {
          id: string,
          username: string,
          name: string,
          description: string,
          role: string,
          dateIn: string,
          dateOut: string,
          replacedByUsername: string,
          tags: strings,
          customProperties: customPropertiesSchema,
          authoritativeDefinitions: authoritativeDefinitionsSchema,
        },
        required: ['username'],
      },
    },
    tags: strings,
    customProperties: customPropertiesSchema,
    authoritativeDefinitions: authoritativeDefinitionsSchema,
  },
} as const;

export const supportSchema = {
  type: 'array',
  items: {
    type: 'object',
    additionalProperties: false,
    properties: {
      id: string,
      channel: string,
      url: string,
      description: string,
      tool: string,
      scope: string,
      invitationUrl: string,
      tags: strings,
      customProperties: customPropertiesSchema,
      authoritativeDefinitions: authoritativeDefinitionsSchema,
    },
  },
} as const;

export const descriptionSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    purpose: string,
    limitations: string,
    usage: string,
    authoritativeDefinitions: authoritativeDefinitionsSchema,
    customProperties: customPropertiesSchema,
  },
} as const;
