/** Who may import whom; the picture stands in CONTRIBUTING.md. */
const concepts = 'decision|policy|product|council|audit|identity|registry';
/** What the concepts are put to: each folder one use of them, put together by `app.ts`. */
const uses = 'law|proposing|checking|activating|impact|admission';

/** Concept folders, and the folders that each may import beside itself, `document`, `errors` and `schema`. */
const allowed = {
  decision: 'policy|product|registry|audit|identity|rego/policy-module',
  council: 'decision|policy|product|registry|audit|identity',
  registry: 'policy/layer|product',
  policy: 'rego/(policy-module|compiled-module)|rego/toolchain(-protocol)?\\.ts',
  rego: 'policy/kind',
  product: 'nothing',
  audit: 'nothing',
  identity: 'nothing',
};

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'concepts-know-no-edge',
      severity: 'error',
      from: { path: `^src/(${concepts}|rego|document)/`, pathNot: '\\.test\\.ts$|/testing/' },
      to: { path: `^src/(store|http|cli|console|${uses})/|^src/(app|main|serve|config)\\.ts$` },
    },
    ...Object.entries(allowed).map(([folder, others]) => ({
      name: `${folder}-imports`,
      severity: 'error',
      from: { path: `^src/${folder}/`, pathNot: '\\.test\\.ts$|/testing/' },
      to: {
        path: '^src/',
        pathNot: `^src/(${folder}/|${others}|document/|errors\\.ts|schema\\.ts|worker\\.ts)`,
      },
    })),
    {
      name: 'store-knows-concepts-only',
      severity: 'error',
      from: { path: '^src/store/', pathNot: '\\.test\\.ts$|/testing/' },
      to: { path: `^src/(http|cli|console|rego|decision|${uses})/|^src/(app|main|serve)\\.ts$` },
    },
    {
      name: 'uses-know-no-edge',
      severity: 'error',
      from: { path: `^src/(${uses})/|^src/app\\.ts$`, pathNot: '\\.test\\.ts$|/testing/' },
      to: { path: '^src/(http|cli|console)/' },
    },
    {
      name: 'sqlite-in-store-only',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/store/|\\.test\\.ts$' },
      to: { path: 'better-sqlite3|kysely' },
    },
    {
      name: 'express-in-http-only',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/http/|\\.test\\.ts$' },
      to: { path: 'node_modules/(express|helmet|pino-http)|^(node:)?http$' },
    },
    {
      name: 'wasm-in-rego-only',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/rego/|\\.test\\.ts$' },
      to: { path: 'opa-wasm|^(node:)?wasi$' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { extensions: ['.ts', '.js', '.json'] },
  },
};
