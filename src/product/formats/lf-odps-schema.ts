/**
 * The structure of Linux Foundation ODPS descriptors, as far as Witan reads it. The published schemas (4.0, 4.1) and
 * the published examples disagree with each other, so this states what they have in common: which members must be
 * there, and of what type each is. What else stands in a descriptor is kept, not judged.
 */
const text = { type: 'string' } as const;
const textOrNumber = { type: ['string', 'number'] } as const;
const texts = { type: 'array', items: text } as const;
const object = { type: 'object' } as const;
const objectOrList = { type: ['object', 'array'] } as const;

export const LANGUAGE = '^[a-z]{2}(-[A-Za-z]{2,4})?$';

const details = {
  type: 'object',
  required: ['name', 'productID'],
  properties: {
    name: text,
    productID: { ...textOrNumber, minLength: 1 },
    description: text,
    valueProposition: text,
    visibility: text,
    status: text,
    type: text,
    version: textOrNumber,
    productVersion: textOrNumber,
    versionNotes: text,
    productSeries: text,
    categories: texts,
    standards: texts,
    tags: texts,
  },
} as const;

const access = {
  type: 'object',
  properties: {
    outputPorttype: text,
    outputPortType: text,
    authenticationMethod: text,
    specification: text,
    format: text,
    accessURL: text,
    specsURL: text,
    documentationURL: text,
    'x-files': texts,
  },
} as const;

const dataAccess = {
  anyOf: [
    { type: 'object', additionalProperties: access },
    { type: 'array', items: access },
  ],
} as const;

const terms = {
  contract: {
    type: 'object',
    properties: { id: text, type: text, contractVersion: textOrNumber, contractURL: text, $ref: text },
  },
  SLA: objectOrList,
  dataQuality: objectOrList,
  pricingPlans: objectOrList,
  license: object,
  dataAccess,
  dataHolder: object,
  support: objectOrList,
  productStrategy: object,
} as const;

export const lfOdpsSchema = {
  type: 'object',
  required: ['schema', 'version', 'product'],
  properties: {
    schema: text,
    // Written `4.1` without quotes in the standard's own examples, which YAML reads as a number.
    version: textOrNumber,
    product: {
      type: 'object',
      required: ['details'],
      properties: {
        details: {
          type: 'object',
          minProperties: 1,
          additionalProperties: false,
          patternProperties: { [LANGUAGE]: details },
        },
        ...terms,
      },
    },
  },
} as const;

export const lfOdpsLegacySchema = {
  type: 'object',
  required: ['product'],
  properties: {
    schema: text,
    version: textOrNumber,
    product: { type: 'object', patternProperties: { [LANGUAGE]: details }, properties: terms },
  },
} as const;
