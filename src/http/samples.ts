import { randomBytes } from 'node:crypto';
import type { FromSchema } from 'json-schema-to-ts';
import type { App } from '../app.js';
import { SAMPLE_SIZE_MAX } from '../audit/query.js';
import { parseFilterText, writeFilter } from '../audit/record-filter.js';
import type { SampleRecord } from '../audit/record.js';
import { WitanError } from '../errors.js';
import { validatorOf } from '../schema.js';
import { parseBody, readBody, requireMediaType } from './body.js';
import { askingOf } from './decision-routes.js';
import { verbatim } from './records.js';
import type { Route } from './route.js';

export const sampleSchema = {
  type: 'object',
  required: ['query', 'size'],
  properties: {
    query: { type: 'string', description: 'a filter as text, such as `decision=false&policy=retention`' },
    seed: {
      type: 'string',
      minLength: 1,
      maxLength: 256,
      description: 'the same seed draws the same records of the same log; by chance unless given',
    },
    size: { type: 'integer', minimum: 1, maximum: SAMPLE_SIZE_MAX },
  },
} as const;

const validator = validatorOf<FromSchema<typeof sampleSchema>>(sampleSchema);
const SEED_BYTES = 16;

/** Draws a sample of the records that match, and puts on record how, so that it can be drawn again. */
export function sampleRoute({ config, store, policies, newId, nowMs }: App): Route {
  return {
    method: 'post',
    path: '/v1/records/samples',
    answer: async (request, response) => {
      requireMediaType(request, 'application/json');
      const body = parseBody(await readBody(request, config.bodyBytesMax));
      if (!validator.accepts(body)) {
        throw new WitanError('invalid_request', 'the sample is not valid', {
          faults: validator.faults(body),
        });
      }
      const filter = parseFilterText(body.query);
      const seed = body.seed ?? randomBytes(SEED_BYTES).toString('hex');
      const upTo = await store.records.size();
      const { population, records } = await store.records.sample(filter, { seed, size: body.size, upTo });
      const drawn = { seed, size: records.length, population, log_size: upTo };
      const { caller, correlation } = askingOf(request);
      const record: SampleRecord = {
        id: newId(),
        time: new Date(nowMs()).toISOString(),
        kind: 'sample',
        caller,
        ...(correlation !== undefined && { correlation }),
        revision: policies().revision,
        query: writeFilter(filter),
        ...drawn,
      };
      await store.audit.append({ record });
      const head = JSON.stringify({ id: record.id, ...drawn });
      response
        .set('Cache-Control', 'no-store')
        .type('application/json')
        .send(`${head.slice(0, -1)},"records":[${verbatim(records)}]}`);
    },
  };
}
