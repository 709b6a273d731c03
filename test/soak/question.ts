import { maskingMethod } from './law.js';

/** What is asked, in facts that the right answer follows from. */
interface Question {
  /** Readers from 64 on are registered nowhere. */
  readonly reader: number;
  readonly product: string;
  readonly purpose: string;
  readonly region: string;
  readonly hasContract: boolean;
}

const READERS_REGISTERED = 64;
const READERS = 72;
export const ORDERS = 'urn:mesh:sales:orders';

/** @param random from 0 to 1 */
export function questionBy(random: () => number): Question {
  const oneOf = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  return {
    reader: Math.floor(random() * READERS),
    product: ORDERS,
    purpose: oneOf(['analytics', 'ops', 'advertising']),
    region: oneOf(['eu', 'uk', 'us']),
    hasContract: random() < 0.8,
  };
}

/** The question as a request. */
export function evaluationOf({ reader, product, purpose, region, hasContract }: Question): string {
  return JSON.stringify({
    subject: { type: 'user', id: `reader-${reader}` },
    action: { name: 'read' },
    resource: { type: 'data_product', id: product },
    context: { purpose, region, ...(hasContract && { contract: `c-${reader}` }) },
  });
}

interface Answered {
  readonly decision: boolean;
  readonly context: {
    readonly code: string;
    readonly revision: number;
    readonly reasons: readonly { readonly policy?: string }[];
    readonly obligations: readonly {
      readonly properties: { readonly column: string; readonly method: string };
    }[];
  };
}

/** What is wrong with an answer by the law of its revision, in words; nothing where it is right. */
export function faultOf(question: Question, { decision, context }: Answered): string | undefined {
  const expected = rightAnswer(question, context.revision);
  const given = {
    decision,
    code: context.code,
    denials: context.reasons.flatMap(({ policy }) => policy ?? []).sort(),
    masks: context.obligations.map(({ properties: { column, method } }) => `${column}: ${method}`),
  };
  if (JSON.stringify(given) === JSON.stringify(expected)) return undefined;
  return `${evaluationOf(question)} was answered ${JSON.stringify(given)} instead of ${JSON.stringify(expected)}`;
}

/** The five rules of the benchmark, told once more. */
function rightAnswer({ reader, purpose, region, hasContract }: Question, revision: number): object {
  const isRegistered = reader < READERS_REGISTERED;
  const denials = [
    ...(['analytics', 'ops'].includes(purpose) ? [] : ['purpose']),
    ...(['eu', 'uk'].includes(region) ? [] : ['residency']),
    // Nobody knows of which domain a reader is that is not registered.
    ...(isRegistered && !hasContract ? ['sharing_contract'] : []),
  ];
  const decision = isRegistered && denials.length === 0;
  return {
    decision,
    code: decision ? 'permitted' : denials.length > 0 ? 'forbidden' : 'not_permitted',
    denials,
    masks: decision ? [`email: ${maskingMethod(revision)}`] : [],
  };
}
