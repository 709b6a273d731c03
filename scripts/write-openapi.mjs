/** Writes the generated documents: docs/openapi.json and docs/schemas/*.json. A test holds them to the code. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { inputSchema } from '../dist/decision/input.js';
import { openApiDocument } from '../dist/http/openapi.js';
import { manifestSchema } from '../dist/policy/manifest.js';

mkdirSync('docs/schemas', { recursive: true });
const documents = {
  'docs/openapi.json': openApiDocument,
  'docs/schemas/manifest.json': manifestSchema,
  'docs/schemas/input.json': inputSchema,
};
for (const [path, document] of Object.entries(documents)) {
  writeFileSync(path, `${JSON.stringify(document, null, 2)}\n`);
}
