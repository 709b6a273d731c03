import type { ErrorObject } from 'ajv';
import type { Fault } from '../../errors.js';
import { isObject, valueAt } from '../../document/json.js';
import { pointerSegment } from '../../document/pointer.js';
import { nearestName } from './nearest-name.js';
import { alternativesOf, fittingAlternatives, memberNames } from './schema-reading.js';
import { typesInWords, valueInWords } from './in-words.js';

interface Judge {
  readonly title: string;
  readonly schema: object;
  /** What was judged. */
  readonly document: unknown;
}

/** Errors that are told apart; a document with more is told of these first. */
const ERRORS_MAX = 1000;

/**
 * What ajv found, as faults that say what is there and what is expected. Where a schema offers alternatives, ajv
 * reports the failures of each of them: those inside the value are kept, those about the value itself are told
 * in one sentence.
 */
export function standardFaults(found: readonly ErrorObject[], judge: Judge): readonly Fault[] {
  const errors = found.slice(0, ERRORS_MAX);
  const dropped = new Set<ErrorObject>();
  errors.forEach((error, index) => {
    if (error.keyword === 'if') dropped.add(error);
    if (error.keyword === 'oneOf' || error.keyword === 'anyOf') dropExplained(errors, index, dropped, judge);
  });
  const faults = new Map<string, Fault>();
  for (const error of errors) {
    if (dropped.has(error)) continue;
    if (isConsequence(error, errors, judge)) continue;
    const fault = faultOf(error, judge);
    // Alternatives and references make ajv say the same of the same place more than once.
    if (!faults.has(keyOf(fault))) faults.set(keyOf(fault), fault);
  }
  // INVARIANT: what the standard refuses has at least one fault.
  const [first] = errors;
  return faults.size === 0 && first !== undefined ? [faultOf(first, judge)] : [...faults.values()];
}

/** ajv calls a known member unevaluated also when something else in the object is at fault; that is then reported itself. */
function isConsequence(error: ErrorObject, errors: readonly ErrorObject[], judge: Judge): boolean {
  if (error.keyword !== 'unevaluatedProperties') return false;
  const { unevaluatedProperty } = error.params as { readonly unevaluatedProperty: string };
  if (!memberNames(error.parentSchema, judge.schema).has(unevaluatedProperty)) return false;
  return errors.some(
    ({ keyword, instancePath }) =>
      keyword !== 'unevaluatedProperties' &&
      (instancePath === error.instancePath || instancePath.startsWith(`${error.instancePath}/`)),
  );
}

function keyOf({ pointer, code }: Fault): string {
  return `${code ?? ''} ${pointer ?? ''}`;
}

/** Drops the failures of the alternatives themselves or, when one failed only deeper inside, the summary. */
function dropExplained(
  errors: readonly ErrorObject[],
  index: number,
  dropped: Set<ErrorObject>,
  judge: Judge,
): void {
  const summary = errors[index];
  if (summary === undefined) return;
  const inside = `${summary.instancePath}/`;
  let deeper = false;
  const atValue: ErrorObject[] = [];
  for (let i = index - 1; i >= 0; i -= 1) {
    const error = errors[i];
    // What stands beside the alternatives in the same schema was evaluated before them.
    if (error === undefined || error.parentSchema === summary.parentSchema) break;
    if (error.instancePath === summary.instancePath) atValue.push(error);
    else if (error.instancePath.startsWith(inside)) deeper = deeper || !dropped.has(error);
    else break;
  }
  // Where only one alternative takes values of this type, it is the one that was meant, and its failures are the faults.
  const meant =
    fittingAlternatives(summary.parentSchema, summary.keyword, summary.data, judge.schema).length === 1;
  const kept = meant ? atValue.filter((error) => error.keyword !== 'type' && !dropped.has(error)) : [];
  for (const error of atValue) if (!kept.includes(error)) dropped.add(error);
  if (deeper || kept.length > 0) dropped.add(summary);
}

function faultOf(error: ErrorObject, judge: Judge): Fault {
  const at = error.instancePath;
  const params = error.params as Readonly<Record<string, unknown>>;
  switch (error.keyword) {
    case 'required': {
      const name = String(params['missingProperty']);
      return {
        pointer: `${at}/${pointerSegment(name)}`,
        code: 'required',
        message: `${placeName(at)} lacks \`${name}\`, which ${judge.title} requires`,
      };
    }
    case 'additionalProperties':
    case 'unevaluatedProperties':
      return unknownMember(error, judge);
    default:
      return { pointer: at, code: error.keyword, message: `${placeName(at)} ${expectation(error, judge)}` };
  }
}

function unknownMember(error: ErrorObject, judge: Judge): Fault {
  const at = error.instancePath;
  if (at.endsWith('/logicalTypeOptions') && !hasLogicalType(judge.document, at)) {
    // ODCS then puts the conditions of all types at once on the options; the missing type is what to mend.
    const message = `${placeName(at)} stands without \`logicalType\`, which says what options there are`;
    return { pointer: at, code: 'without_logical_type', message };
  }
  const params = error.params as Readonly<Record<string, unknown>>;
  const name = String(params['additionalProperty'] ?? params['unevaluatedProperty']);
  const known = memberNames(error.parentSchema, judge.schema);
  const pointer = `${at}/${pointerSegment(name)}`;
  if (known.has(name))
    return {
      pointer,
      code: 'unfit_member',
      message: `\`${name}\` does not go with what else stands in ${placeName(at)}`,
    };
  const present = isObject(error.data) ? new Set(Object.keys(error.data)) : new Set<string>();
  const nearest = nearestName(
    name,
    [...known].filter((other) => !present.has(other)),
  );
  const hint = nearest === undefined ? namesInWords(known) : `did you mean \`${nearest}\`?`;
  return {
    pointer,
    code: 'unknown_member',
    message: `\`${name}\` is not a member that ${judge.title} knows in ${placeName(at)}${hint === '' ? '' : `: ${hint}`}`,
  };
}

function hasLogicalType(document: unknown, optionsAt: string): boolean {
  return valueAt(document, optionsAt.replace(/Options$/, '')) !== undefined;
}

function namesInWords(names: ReadonlySet<string>): string {
  if (names.size === 0) return '';
  const some = [...names].slice(0, 12).map((name) => `\`${name}\``);
  return `it knows ${some.join(', ')}${names.size > some.length ? ', …' : ''}`;
}

function expectation({ keyword, params, message, data, parentSchema }: ErrorObject, judge: Judge): string {
  const described = (parentSchema as { description?: unknown } | undefined)?.description;
  const values = params as Readonly<Record<string, unknown>>;
  switch (keyword) {
    case 'type':
      return `must be ${typesInWords(values['type'])}, but is ${typeof data === 'string' ? 'the text ' : ''}${valueInWords(data)}${quoteHint(values['type'], data)}`;
    case 'enum': {
      const allowed = (values['allowedValues'] as readonly unknown[]).map(String);
      // A version number near to another is not a slip of the pen.
      const nearest = typeof data === 'string' && !/\d/.test(data) ? nearestName(data, allowed) : undefined;
      const list = allowed.map((value) => `\`${value}\``).join(', ');
      return `must be one of ${list}, but is ${valueInWords(data)}${nearest === undefined ? '' : `: did you mean \`${nearest}\`?`}`;
    }
    case 'const':
      return `must be \`${String(values['allowedValue'])}\`, but is ${valueInWords(data)}`;
    case 'format':
      return `must be ${FORMATS.get(String(values['format'])) ?? `a ${String(values['format'])}`}, but is ${valueInWords(data)}`;
    case 'pattern':
      return `must match \`${String(values['pattern'])}\`, but is ${valueInWords(data)}`;
    case 'minLength':
      return values['limit'] === 1 ? 'must not be empty' : (message ?? 'is too short');
    case 'oneOf':
    case 'anyOf':
      return alternativesOf(parentSchema, keyword, data, values['passingSchemas'], judge.schema);
    case 'not':
      return typeof described === 'string'
        ? `is not allowed so: ${described}`
        : 'has a form that is not allowed here';
    default:
      return message ?? 'is not valid';
  }
}

const FORMATS: ReadonlyMap<string, string> = new Map([
  ['uri', 'a URI such as `https://example.com/…`'],
  ['uri-reference', 'a URI or a relative reference'],
  ['date', 'a date such as `2026-01-31`'],
  ['date-time', 'a time such as `2026-01-31T09:30:00Z`'],
  ['uuid', 'a UUID'],
]);

function quoteHint(type: unknown, value: unknown): string {
  const plain = typeof value === 'number' || typeof value === 'boolean';
  return plain && type === 'string' ? `: put it in quotes (\`"${String(value)}"\`)` : '';
}

function placeName(pointer: string): string {
  return pointer === '' ? 'the document' : `\`${pointer}\``;
}
