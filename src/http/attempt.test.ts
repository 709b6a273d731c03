import { expect, it } from 'vitest';
import { attemptNamer } from './attempt.js';

const attemptOf = attemptNamer([
  { method: 'get', path: '/healthz' },
  { method: 'get', path: '/log/tile/*path' },
  { method: 'get', path: '/v1/records/:id' },
  { method: 'post', path: '/v1/records/samples' },
  { method: 'get', path: '/openapi.json' },
]);

it.each<[string, string, string]>([
  ['GET', '/healthz', 'GET /healthz'],
  ['HEAD', '/v1/records/x', 'HEAD /v1/records/{id}'],
  ['GET', '/V1/Records/secret%2Fthing/?access_token=secret', 'GET /v1/records/{id}'],
  ['POST', '/v1/records/samples', 'POST /v1/records/samples'],
  ['PUT', '/v1/records/samples', 'PUT /v1/records/{id}'],
  ['GET', '/log/tile/0/x001/000', 'GET /log/tile/{path}'],
  ['GET', '/openapixjson', 'GET where nothing is'],
  ['GET', '/v1/records/', 'GET where nothing is'],
  ['DELETE', '/witan_secret', 'DELETE where nothing is'],
  ['GET', '?secret', 'GET where nothing is'],
])('%s %s is named %s', (method, url, attempt) => {
  expect(attemptOf({ method, url })).toBe(attempt);
});
