/** A schema of the document, by its name. */
export const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });

/** A body, or what is answered, as JSON. */
export const json = (schema: object) => ({ content: { 'application/json': { schema } } });

/** What is answered instead when something stands in the way (RFC 9457). */
export const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: ref('Problem') } },
});

export const text = { type: 'string' } as const;
/** RFC 3339. */
export const time = { type: 'string', format: 'date-time' } as const;
/** A number of things, or the place of a record. */
export const count = { type: 'integer', minimum: 0 } as const;
/** UUIDv7. */
export const uuid = { type: 'string', format: 'uuid' } as const;

export const parameter = (name: string, place: 'query' | 'path', schema: object = text) => ({
  name,
  in: place,
  required: place === 'path',
  schema,
});
