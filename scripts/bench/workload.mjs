/**
 * The questions of the benchmark, in the words of each engine. They are facts first: who asks for which product, and
 * with what. Every question has another subject, product or contract than the one before it, so that no cache of whole
 * answers flatters anybody.
 */
export const READERS = 64;
export const PRODUCTS = 16;
const QUESTIONS = 1024;
const BOXCARS = 64;
export const BOXCAR_ITEMS = 50;

/** The right answer of every engine to every question of the workload. */
export const MASKED_COLUMN = 'email';

export const columns = [
  { name: 'order_id', classification: 'internal' },
  { name: MASKED_COLUMN, classification: 'pii' },
  { name: 'amount', classification: 'internal' },
  { name: 'city', classification: 'internal' },
];

/** As many columns as make a contract of 10 kB, each with a description. */
export const wideColumns = [
  ...columns,
  ...Array.from({ length: 56 }, (_, at) => ({
    name: `measure_${at}`,
    classification: 'internal',
    description: `measure ${at} of the order, as it stood when the order was closed; ${'see the handbook '.repeat(3)}`,
  })),
];

function fact(at) {
  return {
    reader: at % READERS,
    product: (at + Math.floor(at / READERS)) % PRODUCTS,
    purpose: ['analytics', 'ops'][at % 2],
    region: ['eu', 'uk'][at % 3 === 0 ? 1 : 0],
    contract: `c-${at}`,
  };
}

const facts = Array.from({ length: QUESTIONS }, (_, at) => fact(at));

const productId = (kind, product) => `urn:mesh:sales:${kind}-${product}`;

export const descriptorOf = (kind, product) => ({
  apiVersion: 'v1.0.0',
  kind: 'DataProduct',
  id: productId(kind, product),
  name: `${kind}-${product}`,
  version: '1.0.0',
  status: 'active',
  domain: 'sales',
  customProperties: [{ property: 'region', value: 'eu' }],
  outputPorts: [{ name: kind, version: '1.0.0', contractId: `${kind}-${product}` }],
  team: { name: 'sales', members: [{ username: 'ana' }] },
});

export const contractOf = (kind, product, properties) => ({
  apiVersion: 'v3.1.0',
  kind: 'DataContract',
  id: `${kind}-${product}`,
  version: '1.0.0',
  status: 'active',
  schema: [{ name: kind, properties }],
});

function evaluation({ reader, product, purpose, region, contract }, kind, properties) {
  return {
    subject: { type: 'user', id: `reader-${reader}` },
    action: { name: 'read' },
    resource: {
      type: 'data_product',
      id: productId(kind, product),
      ...(properties !== undefined && { properties }),
    },
    context: { purpose, region, contract },
  };
}

const single = (kind) => ({
  path: '/access/v1/evaluation',
  bodies: facts.map((each) => evaluation(each, kind)),
  isRight: isRightEvaluation,
});

/** Metadata of the product are registered. */
export const registered = single('orders');
/** The same with contracts of 10 kB. */
export const wide = single('wide');

/** Metadata come with the request, of products that nobody registered. */
export const described = {
  ...registered,
  bodies: facts.map((each) => {
    const { product } = each;
    const contracts = [contractOf('draft', product, columns)];
    return evaluation(each, 'draft', { descriptor: descriptorOf('draft', product), contracts });
  }),
};

/** Fifty questions in one request; each boxcar begins elsewhere. */
export const boxcar = {
  path: '/access/v1/evaluations',
  bodies: Array.from({ length: BOXCARS }, (_, at) => ({
    evaluations: Array.from({ length: BOXCAR_ITEMS }, (__, item) =>
      evaluation(fact(at * BOXCAR_ITEMS + item), 'orders'),
    ),
  })),
  isRight: ({ evaluations }) =>
    evaluations?.length === BOXCAR_ITEMS && evaluations.every((each) => isRightEvaluation(each)),
};

/** To OPA, which keeps no registry: the product and who the subject is come with the input. */
export const toOpa = {
  path: '/v1/data/mesh/access',
  bodies: facts.map(({ reader, product, purpose, region, contract }) => ({
    input: {
      product: { id: productId('orders', product), domain: 'sales', region: 'eu', owner: 'ana', columns },
      request: {
        subject: { id: `reader-${reader}`, domain: 'marketing', roles: ['analyst'], clearances: [] },
        action: 'read',
        purpose,
        region,
        contract,
      },
    },
  })),
  isRight: ({ result }) =>
    result?.allow === true && masksOne(result.obligations?.map(({ column }) => column)),
};

/** To Cerbos, likewise. */
export const toCerbos = {
  path: '/api/check/resources',
  bodies: facts.map(({ reader, product, purpose, region, contract }, at) => ({
    requestId: String(at),
    principal: {
      id: `reader-${reader}`,
      roles: ['analyst'],
      attr: { domain: 'marketing', clearances: [] },
    },
    resources: [
      {
        actions: ['read'],
        resource: {
          kind: 'data_product',
          id: productId('orders', product),
          attr: { domain: 'sales', region: 'eu', columns, purpose, requested_region: region, contract },
        },
      },
    ],
  })),
  isRight: ({ results }) =>
    results?.length === 1 &&
    results[0].actions.read === 'EFFECT_ALLOW' &&
    masksOne(results[0].outputs?.flatMap(({ val }) => val.map(({ column }) => column))),
};

function isRightEvaluation({ decision, context }) {
  return decision === true && masksOne(context?.obligations?.map(({ properties }) => properties.column));
}

function masksOne(masked) {
  return masked?.join() === MASKED_COLUMN;
}
