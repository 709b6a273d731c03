import { messageOf, WitanError, type ErrorCode, type Fault } from '../errors.js';
import { JsonFault, parseJson } from './parse-json.js';
import { parseYaml } from './parse-yaml.js';
import { nearestPosition, type Locate, type Position } from './position.js';

const DEPTH_MAX = 64;
/** Values that one document may hold once its aliases are written out. */
const VALUES_MAX = 500_000;
const BYTES_MAX = 4 * 1024 * 1024;

interface ParseOptions {
  /** Name of the file, for faults; `.yaml` and `.yml` are YAML even when they start with `{`. */
  readonly file?: string | undefined;
  readonly bytesMax?: number;
  /** The code of the error; `descriptor_malformed` unless given. */
  readonly code?: ErrorCode;
}

export interface ParsedDocument {
  readonly document: unknown;
  /** The place of what a JSON pointer names or, where nothing is there, of the nearest thing around it. */
  readonly locate: Locate;
}

/** Reads one document, JSON or YAML by its content. Throws `descriptor_malformed`, or the code given, with every place that is wrong. */
export function parseDocument(
  text: string,
  { file, bytesMax = BYTES_MAX, code = 'descriptor_malformed' }: ParseOptions = {},
): ParsedDocument {
  const source = { file, code };
  const bytes = Buffer.byteLength(text, 'utf8');
  if (bytes > bytesMax)
    throw malformed(source, 'document', [{ message: `is ${bytes} bytes long; the limit is ${bytesMax}` }]);
  if (text.trim() === '') throw malformed(source, 'document', [{ message: 'is empty' }]);
  const { document, locate } = isJson(text, file) ? json(text, source) : yaml(text, source);
  const excess = excessOf(document);
  if (excess !== undefined) throw malformed(source, 'document', [{ message: excess }]);
  return { document, locate: (pointer) => nearestPosition(locate, pointer) };
}

/** Why a value is nested too deep (or in a circle) or grows too large, if it does. */
export function excessOf(document: unknown): string | undefined {
  let values = 0;
  const deeper = (value: unknown, depth: number): string | undefined => {
    values += 1;
    if (values > VALUES_MAX) return `holds more than ${VALUES_MAX} values`;
    if (typeof value !== 'object' || value === null) return undefined;
    if (depth >= DEPTH_MAX) return `nested deeper than ${DEPTH_MAX} levels`;
    for (const item of Object.values(value)) {
      const excess = deeper(item, depth + 1);
      if (excess !== undefined) return excess;
    }
    return undefined;
  };
  return deeper(document, 0);
}

function isJson(text: string, file: string | undefined): boolean {
  return /^\uFEFF?\s*[{[]/.test(text) && !/\.ya?ml$/i.test(file ?? '');
}

function json(text: string, source: Source): ParsedDocument {
  try {
    return parseJson(text, DEPTH_MAX);
  } catch (thrown) {
    if (!(thrown instanceof JsonFault)) throw thrown;
    throw malformed(source, 'JSON', [{ message: thrown.message, position: thrown.position }]);
  }
}

function yaml(text: string, source: Source): ParsedDocument {
  let result;
  try {
    result = parseYaml(text);
  } catch (thrown) {
    throw malformed(source, 'YAML', [{ message: excessInYaml(thrown) }], thrown);
  }
  if (!result.ok) throw malformed(source, 'YAML', result.faults);
  if (result.document === null || result.document === undefined)
    throw malformed(source, 'document', [{ message: 'is empty' }]);
  return result;
}

/** The parser throws when nesting exhausts the stack, and when aliases multiply what they stand for. */
function excessInYaml(thrown: unknown): string {
  if (thrown instanceof RangeError) return `nested deeper than ${DEPTH_MAX} levels`;
  return thrown instanceof ReferenceError ? 'its aliases multiply to more than is read' : messageOf(thrown);
}

/** What is read, as far as an error about it must know. */
interface Source {
  readonly file: string | undefined;
  readonly code: ErrorCode;
}

interface Place {
  readonly message: string;
  readonly position?: Position | undefined;
}

function malformed(
  { file, code }: Source,
  language: string,
  places: readonly Place[],
  cause?: unknown,
): WitanError {
  const faults: Fault[] = places.map(({ message, position }) => ({
    ...(file === undefined ? {} : { file }),
    ...position,
    message,
  }));
  const first = places[0];
  const where = first?.position && `row ${first.position.row}, column ${first.position.column}: `;
  const name = file === undefined ? 'the document' : `\`${file}\``;
  const what = language === 'document' ? 'cannot be read' : `is not well-formed ${language}`;
  return new WitanError(code, `${name} ${what}: ${where ?? ''}${first?.message ?? ''}`, {
    faults,
    cause,
  });
}
