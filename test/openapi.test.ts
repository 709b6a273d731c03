import { afterAll, beforeAll, expect, test } from 'vitest';
import { routesOf } from '../src/http/control-routes.js';
import { decisionRoutes } from '../src/http/decision-routes.js';
import { openApiDocument } from '../src/http/openapi.js';
import { permissionOf } from '../src/identity/permissions.js';
import { ServedMesh } from './served-mesh.js';

const mesh = new ServedMesh({ global: '{}', sales: '{}' });
beforeAll(() => mesh.start());
afterAll(() => mesh.stop());

/** As OpenAPI writes a path that express writes `/v1/products/:id` or `/log/tile/*path`. */
const templateOf = (path: string): string => path.replace(/[:*](\w+)/g, '{$1}');

test('every route is described, and every route that is described is served', () => {
  const { app } = mesh;
  const hot = decisionRoutes(app);
  const served = [
    ...[...hot.keys()].map((path) => `post ${path}`),
    ...routesOf(app).map(({ method, path }) => `${method} ${templateOf(path)}`),
  ];
  const described = Object.entries(openApiDocument.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method} ${path}`),
  );
  expect(described.sort()).toEqual(served.sort());
});

test('every parameter of a path is described, and every schema that is named is there', () => {
  for (const [path, operations] of Object.entries(openApiDocument.paths)) {
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    for (const [method, operation] of Object.entries(operations)) {
      const { parameters = [] } = operation as { parameters?: readonly { name: string; in: string }[] };
      const named = parameters.filter((each) => each.in === 'path').map(({ name }) => name);
      expect(named, `${method} ${path}`).toEqual(inPath);
    }
  }
  const text = JSON.stringify(openApiDocument);
  const schemas = Object.keys(openApiDocument.components.schemas);
  const named = [...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name);
  expect([...new Set(named)].filter((name) => name === undefined || !schemas.includes(name))).toEqual([]);
});

test('every route says who may use it, as the table of permissions does, and what is answered to others', () => {
  for (const { method, path } of routesOf(mesh.app)) {
    const operation = (openApiDocument.paths as any)[templateOf(path)][method];
    const permission = permissionOf(method, path);
    if (permission === 'anyone') expect(operation.security, path).toEqual([]);
    else {
      if (permission === 'decision') throw new Error('decisions are asked for elsewhere');
      expect(operation.security, path).toEqual(permission.roles.map((role) => ({ bearer: [role] })));
      expect(operation.responses[401], path).toEqual({ $ref: '#/components/responses/Unauthenticated' });
      // A route may say more closely whom it refuses.
      expect(operation.responses[403], path).toBeDefined();
    }
  }
  const { post } = openApiDocument.paths['/access/v1/evaluation'] as any;
  expect(post.security).toEqual([{ bearer: ['enforcement_point'] }, {}]);
  const named = [...JSON.stringify(openApiDocument).matchAll(/"#\/components\/responses\/(\w+)"/g)].map(
    ([, name]) => name,
  );
  expect([...new Set(named)].sort()).toEqual(Object.keys(openApiDocument.components.responses).sort());
  expect(openApiDocument.security.flatMap(Object.keys)).toEqual(
    Object.keys(openApiDocument.components.securitySchemes),
  );
});
