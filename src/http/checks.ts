import type { App } from '../app.js';
import { boundedTurns } from '../bounded-turns.js';
import { WitanError } from '../errors.js';
import type { Caller } from '../identity/caller.js';
import { domainsOf } from '../identity/grant.js';
import type { BundleFile } from '../policy/bundle.js';
import { GLOBAL, isLayer, type Layer } from '../policy/layer.js';
import { validatorOf } from '../schema.js';
import { mayReadLayer } from '../council/visible-layers.js';
import { readValid } from './body.js';
import { askingOf } from './decision-routes.js';
import type { Route } from './route.js';

const FILES_MAX = 2000;
/** Checks that wait for the toolchain; each takes seconds. */
const WAITING_MAX = 8;

export const bundleFilesSchema = {
  type: 'array',
  minItems: 1,
  maxItems: FILES_MAX,
  items: {
    type: 'object',
    required: ['path', 'text'],
    properties: { path: { type: 'string', minLength: 1, maxLength: 256 }, text: { type: 'string' } },
  },
} as const;

export const checkRequestSchema = {
  type: 'object',
  required: ['layer', 'files'],
  properties: {
    layer: { type: 'string', minLength: 1, maxLength: 512, description: '`global` or the path of a domain' },
    files: bundleFilesSchema,
  },
} as const;

const requests = validatorOf<{ readonly layer: Layer; readonly files: readonly BundleFile[] }>(
  checkRequestSchema,
);

/** Checks files of a layer without proposing them, one request at a time. */
export function checkRoute({ bundleCheck, config }: App): Route {
  const turn = boundedTurns({ waitingMax: WAITING_MAX, what: 'checks' });
  return {
    method: 'post',
    path: '/v1/check',
    answer: async (request, response) => {
      const { caller } = askingOf(request);
      requireChecker(caller);
      const { layer, files } = await readValid(request, requests, config.bundleBytesMax);
      if (!isLayer(layer)) {
        throw new WitanError(
          'invalid_request',
          `\`${layer}\` is not a layer: expected \`global\` or a domain's path such as \`finance/risk\``,
        );
      }
      requireChecker(caller, layer);
      const report = await turn(async () =>
        // Nobody waits for the answer any more.
        response.destroyed ? undefined : bundleCheck.checkFiles(layer, files),
      );
      if (report !== undefined) response.set('Cache-Control', 'no-store').json(report);
    },
  };
}

/**
 * Those who propose check: a steward or representative, of any domain for `global`. What a check says of a domain's
 * layer tells of its law, so it is for those who may read that.
 *
 * @throws WitanError `forbidden`
 */
function requireChecker(caller: Caller, layer: Layer = GLOBAL): void {
  const domains = domainsOf(caller, ['steward', 'representative']);
  if ((domains === 'all' || domains.length > 0) && mayReadLayer(caller, layer)) return;
  throw new WitanError(
    'forbidden',
    `\`${caller.id}\` is not steward or representative${layer === GLOBAL ? '' : ` of \`${layer}\` or a domain that lies in it`}`,
  );
}
