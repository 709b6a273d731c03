import type { Request } from 'express';
import type { App } from '../app.js';
import type { ErasureRequest } from '../audit/erase-values.js';
import type { StoredRecord } from '../audit/query.js';
import { keptValuesOf } from '../audit/kept-values.js';
import { commitmentOf } from '../audit/redaction.js';
import { readJson, writeJson } from '../document/json.js';
import { validatorOf, type Validator } from '../schema.js';
import { readValid } from './body.js';
import { askingOf } from './decision-routes.js';
import { recordInScope, recordScopeOf } from './record-scope.js';
import type { Route } from './route.js';

const reason = { type: 'string', minLength: 1, maxLength: 4096 } as const;
const query = { type: 'string', maxLength: 8192 } as const;

export const reasonSchema = {
  type: 'object',
  required: ['reason'],
  properties: { reason },
} as const;
export const holdRequestSchema = {
  type: 'object',
  required: ['query', 'reason'],
  properties: { query, reason },
} as const;
export const erasureRequestSchema = {
  type: 'object',
  required: ['reason'],
  properties: {
    query,
    records: { type: 'array', minItems: 1, maxItems: 1000, items: { type: 'string', maxLength: 64 } },
    reason,
    pointers: {
      type: 'array',
      minItems: 1,
      maxItems: 100,
      items: { type: 'string', format: 'json-pointer' },
    },
  },
} as const;

const reasons = validatorOf<{ readonly reason: string }>(reasonSchema);
const holds = validatorOf<{ readonly query: string; readonly reason: string }>(holdRequestSchema);
const erasures = validatorOf<ErasureRequest>(erasureRequestSchema);

/** What is done with the log itself: values shown and erased, holds, retention. */
export function evidenceRoutes({ store, acts, config }: App): readonly Route[] {
  const bodyOf = <T>(request: Request, validator: Validator<T>): Promise<T> =>
    readValid(request, validator, config.bodyBytesMax);
  return [
    {
      method: 'get',
      path: '/v1/records/:id/masked-values',
      answer: async (request, response) => {
        const scope = recordScopeOf(request, ['auditor']);
        const record = await recordInScope(store, String(request.params['id']), scope);
        const values = await maskedValues(store, record);
        response.set('Cache-Control', 'no-store').type('json').send(writeJson({ values }));
      },
    },
    {
      method: 'post',
      path: '/v1/erasures',
      answer: async (request, response) => {
        const erased = await acts.erase(await bodyOf(request, erasures), askingOf(request));
        response.set('Cache-Control', 'no-store').json(erased);
      },
    },
    {
      method: 'get',
      path: '/v1/holds',
      answer: async (_request, response) => {
        response.set('Cache-Control', 'no-store').json({ holds: await store.evidence.holds() });
      },
    },
    {
      method: 'post',
      path: '/v1/holds',
      answer: async (request, response) => {
        response.status(201).json(await acts.placeHold(await bodyOf(request, holds), askingOf(request)));
      },
    },
    {
      method: 'post',
      path: '/v1/holds/:id/release',
      answer: async (request, response) => {
        const { reason: why } = await bodyOf(request, reasons);
        await acts.releaseHold({ id: String(request.params['id']), reason: why }, askingOf(request));
        response.status(204).end();
      },
    },
    {
      method: 'get',
      path: '/v1/retention',
      answer: async (_request, response) => {
        response.set('Cache-Control', 'no-store').json(await acts.retention());
      },
    },
    {
      method: 'post',
      path: '/v1/retention/prunings',
      answer: async (request, response) => {
        const pruned = await acts.prune(await bodyOf(request, reasons), askingOf(request));
        response.json(pruned ?? (await acts.retention()));
      },
    },
  ];
}

/** What a record masks: shown with what the record commits to, or as erased. */
async function maskedValues({ evidence }: App['store'], record: StoredRecord): Promise<readonly object[]> {
  return (await keptValuesOf(record, evidence)).map(({ pointer, salt, value }) =>
    salt === undefined || value === undefined
      ? { pointer, erased: true }
      : {
          pointer,
          value: readJson(value),
          salt: Buffer.from(salt).toString('base64'),
          commitment: commitmentOf(salt, value),
        },
  );
}
