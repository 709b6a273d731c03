/**
 * What it costs to ask two layers about a registered product, in microseconds of processor time: of five policies each, with contracts of
 * 10 kB that they read in part or as a whole, and of 100 policies each, of which 5 or all apply. Nothing but the modules
 * is measured: encoding what is read, evaluating, reading what was said.
 *
 *   npm run bench:layers [-- <folder of another build>]      with another build, both in turn in one run
 */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parse as readYaml } from 'yaml';
import { inputSchema } from '../dist/decision/input.js';
import { readMetadata } from '../dist/product/read.js';
import { createToolchain } from '../dist/rego/toolchain.js';

const ROUNDS = 15;
const ROUND_MS = 100;
/** Rounds until the engine has compiled what runs often, beside it. */
const WARM_UPS = 20;
const NOW_MS = 1_700_000_000_000;
const POLICIES = 'scripts/bench/policies';
const LAYERS = ['global', 'sales'];
const FIVE = [
  ['global', 'classified'],
  ['global', 'purpose'],
  ['global', 'residency'],
  ['global', 'sharing_contract'],
  ['domains/sales', 'masked_reading'],
];

const toolchain = createToolchain({ wasmPath: 'build/toolchain.wasm', timeLimitMs: 120_000 });
const builds = { own: await buildAt('.') };
if (process.argv[2] !== undefined) builds.other = await buildAt(process.argv[2]);

const facts = JSON.stringify({
  ...JSON.parse(readFileSync(`${POLICIES}/global/data/facts.json`, 'utf8')),
  drafts: [],
});
const five = (layer) =>
  FIVE.map(([folder, name]) =>
    inLayer(layer, name, readFileSync(`${POLICIES}/${folder}/policy/${name}.rego`, 'utf8')),
  );
const wholeReader = (layer) =>
  inLayer(
    layer,
    'no_draft',
    policyText(
      'no_draft',
      'access',
      'deny contains {"message": "draft"} if input.contracts in data.mesh.global.data.facts.drafts',
    ),
  );
const many = (layer, applying) =>
  Array.from({ length: 100 }, (_, index) => {
    const name = `generated_${index}`;
    const rule = `deny contains {"message": "unlike"} if input.context.purpose == "unlike ${index}"`;
    return inLayer(layer, name, policyText(name, index < applying ? 'access' : 'publish', rule));
  });

const small = inputOf(0);
const large = inputOf(10_000);
const cases = {
  'five policies': [five, small],
  'five, 10 kB that none reads': [five, large],
  'five, 10 kB that one reads': [(layer) => [...five(layer), wholeReader(layer)], large],
  '100 policies, 5 apply': [(layer) => many(layer, 5), small],
  '100 policies, 100 apply': [(layer) => many(layer, 100), small],
};
for (const [name, [policies, input]] of Object.entries(cases)) {
  const compiled = await Promise.all(LAYERS.map((layer) => compile(layer, policies(layer))));
  const subjects = Object.fromEntries(
    Object.entries(builds).map(([build, { createPolicyModule, moduleInput, recurring }]) => {
      recurring(input.product);
      recurring(input.contracts);
      const modules = compiled.map(({ wasm, data }) => createPolicyModule(wasm, data));
      return [
        build,
        () =>
          modules.map((module) =>
            module.evaluate('witan/access', moduleInput(input, ['product', 'contracts']), NOW_MS),
          ),
      ];
    }),
  );
  report(name, JSON.stringify(input).length, subjects);
}
await toolchain.close();

async function buildAt(folder) {
  const from = (file) => import(pathToFileURL(resolve(folder, 'dist', file)).href);
  const { createPolicyModule } = await from('rego/evaluator.js');
  const { moduleInput } = await from('rego/policy-module.js');
  const { recurring } = await from('document/recurring.js');
  return { createPolicyModule, moduleInput, recurring };
}

function policyText(name, kind, rule) {
  return `# METADATA\n# title: ${name}\n# description: Generated.\n# scope: package\n# custom:\n#   applies_to: [${kind}]\n#   controls: []\npackage mesh.global.policy.${name}\n\n${rule}\n`;
}

/** A policy of one layer as one of another. */
function inLayer(layer, name, text) {
  return { path: `policy/${name}.rego`, text: text.replaceAll(/mesh\.(global|sales)\./g, `mesh.${layer}.`) };
}

async function compile(layer, policies) {
  const files = [...policies, { path: 'data/facts.json', text: facts }];
  const compiled = await toolchain.compile({ layer, files, libraries: [], schema: inputSchema });
  if (compiled.wasm === undefined) throw new Error(JSON.stringify(compiled.errors));
  return compiled;
}

/** A question about the product of the bench mesh, whose contract has so many more characters. */
function inputOf(chars) {
  const read = (file) => readYaml(readFileSync(join('scripts/bench/mesh/products', file), 'utf8'));
  const contract = read('orders.odcs.yaml');
  const quality = Array.from({ length: chars / 100 }, (_, index) => ({
    name: `rule ${index}`,
    type: 'text',
    description: 'what is promised of the values of this table, in the words of its owner',
  }));
  const { product, contracts } = readMetadata({
    descriptor: read('orders.odps.yaml'),
    contracts: [chars === 0 ? contract : { ...contract, schema: [{ ...contract.schema[0], quality }] }],
  });
  return {
    kind: 'access',
    now: new Date(NOW_MS).toISOString(),
    subject: {
      type: 'user',
      id: 'reader-1',
      properties: {},
      registered: { domain: 'marketing', roles: ['analyst'], clearances: [] },
    },
    action: { name: 'read', properties: {} },
    resource: { type: 'data_product', id: product.id, properties: {}, registered: { domain: 'sales' } },
    context: { purpose: 'analytics', region: 'eu', contract: 'orders' },
    product,
    contracts,
    domain: 'sales',
    parameters: {},
  };
}

function report(name, chars, subjects) {
  const answers = Object.values(subjects).map((run) => JSON.stringify(run()));
  if (new Set(answers).size !== 1) throw new Error(`the builds answer otherwise: ${answers.join(' and ')}`);
  const times = Object.fromEntries(Object.keys(subjects).map((build) => [build, []]));
  for (const run of Object.values(subjects)) for (let round = 0; round < WARM_UPS; round += 1) timeOf(run);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [build, run] of Object.entries(subjects)) times[build].push(timeOf(run));
  }
  const figures = Object.entries(times).map(([build, all]) => {
    const sorted = [...all].sort((a, b) => a - b);
    return `${build} ${sorted[Math.floor(sorted.length / 2)].toFixed(1)} (${sorted[0].toFixed(1)}–${sorted.at(-1).toFixed(1)})`;
  });
  console.log(`${name.padEnd(30)}${String(chars).padStart(6)} bytes of input, µs: ${figures.join(', ')}`);
}

/** Microseconds of processor time of one run, which others that use the machine change less than they change its time. */
function timeOf(run) {
  const started = process.cpuUsage();
  let runs = 0;
  let used = 0;
  while (used < ROUND_MS * 1000) {
    for (let index = 0; index < 100; index += 1) run();
    runs += 100;
    const { user, system } = process.cpuUsage(started);
    used = user + system;
  }
  return used / runs;
}
