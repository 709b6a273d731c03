import { writeJson } from '../document/json.js';
import type { App } from '../app.js';
import { checkCompliance } from '../decision/compliance.js';
import { WitanError } from '../errors.js';
import { isMediaType, parseBody, readBody, requireMediaType } from './body.js';
import type { Route } from './route.js';
import { readDescribed } from './described.js';
import { problemOf } from './problem.js';

const NDJSON = 'application/x-ndjson';

/** What `publish` would say of descriptors, without registering and without a record: one as JSON, many as NDJSON. */
export function complianceRoute({ config, basis: current, nowMs }: App): Route {
  const check = (body: unknown): object => {
    const { metadata } = readDescribed(body);
    const basis = current();
    const { decision, code, reasons, advice } = checkCompliance(basis, metadata, nowMs());
    const { format, product } = metadata;
    return {
      product: product.id,
      format,
      compliant: decision,
      code,
      reasons,
      advice,
      revision: basis.policies.revision,
    };
  };
  return {
    method: 'post',
    path: '/v1/compliance',
    answer: async (request, response) => {
      requireMediaType(request, 'application/json', NDJSON);
      const text = await readBody(request, config.bodyBytesMax);
      response.set('Cache-Control', 'no-store');
      if (!isMediaType(request.headers['content-type'], NDJSON)) {
        response.type('json').send(writeJson(check(parseBody(text))));
        return;
      }
      const lines = text.split('\n').filter((line) => line.trim() !== '');
      if (lines.length > config.batchItemsMax) {
        throw new WitanError(
          'too_many_items',
          `the body has ${lines.length} lines; at most ${config.batchItemsMax} are checked in one request`,
        );
      }
      // A line that cannot be read is answered in its place; the others are still checked.
      const answers = lines.map((line) => {
        try {
          return check(parseBody(line));
        } catch (thrown) {
          if (!(thrown instanceof WitanError)) throw thrown;
          return { error: problemOf(thrown).problem };
        }
      });
      response.type(NDJSON).send(answers.map((answer) => `${writeJson(answer)}\n`).join(''));
    },
  };
}
