import { relative, resolve } from 'node:path';
import { placeOf, type ErrorCode, type Fault, type WitanError } from '../errors.js';
import { GLOBAL, type Layer } from '../policy/layer.js';
import { plain } from './style.js';
import { EXIT, type ExitCode, type Terminal } from './terminal.js';

/** `file:row:column: pointer message [code]`. */
export function faultLine(fault: Fault): string {
  const place = placeOf(fault);
  const code = fault.code === undefined ? '' : ` [${fault.code}]`;
  const words = `${fault.pointer ?? ''} ${fault.message}`.trim();
  return plain(`${place === '' ? '' : `${place}: `}${words}${code}`);
}

/** The same for what is not wrong and yet most likely not meant. */
export function warningLine(warning: Fault): string {
  return faultLine({ ...warning, message: `warning: ${warning.message}` });
}

/** One clear line for an error of the catalogue, and one for each fault; the exit code that goes with it. */
export function reportError(terminal: Terminal, error: WitanError): ExitCode {
  terminal.err(`witan: ${plain(error.message)} [${error.code}]\n`);
  const [first, ...others] = error.faults;
  // One fault without a place that says no more than the error itself is not said twice.
  const said = others.length === 0 && first?.row === undefined && first?.message === error.message;
  if (!said) for (const fault of error.faults) terminal.err(`  ${faultLine(fault)}\n`);
  return exitCodeOf(error.code);
}

function exitCodeOf(code: ErrorCode): ExitCode {
  if (REFUSAL_CODES.has(code)) return EXIT.no;
  return INPUT_CODES.has(code) ? EXIT.usage : EXIT.failed;
}

/** Errors that are an answer: what was asked is right and a rule says no. */
const REFUSAL_CODES: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['forbidden', 'last_operator']);

/** Errors of what was handed in; all others are the service's. */
const INPUT_CODES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'malformed_json',
  'invalid_request',
  'body_too_large',
  'not_found',
  'unauthenticated',
  'note_invalid',
  'too_many_items',
  'descriptor_unknown_format',
  'descriptor_malformed',
  'descriptor_invalid',
  'manifest_invalid',
  'bundle_invalid',
  'bundle_too_large',
  'policy_too_slow',
  'parameter_out_of_bounds',
  'config_invalid',
]);

/** The file of a policies folder, relative to where the command runs. */
export function pathIn(folder: string, file: string): string {
  return relative('', resolve(folder, file));
}

/** The file of a layer's bundle, relative to where the command runs. */
export function pathInLayer(folder: string, layer: Layer, file: string): string {
  return pathIn(folder, `${layer === GLOBAL ? GLOBAL : `domains/${layer}`}/${file}`);
}

/** Names the file of a fault as it stands from where the command runs. */
export function placedIn(folder: string, layer: Layer): (fault: Fault) => Fault {
  return (fault) =>
    fault.file === undefined ? fault : { ...fault, file: pathInLayer(folder, layer, fault.file) };
}

/** The faults of a bundle that could not be read, with paths from where the command runs. */
export function bundleFaults(folder: string, error: WitanError): readonly Fault[] {
  if (error.faults.length === 0) return [{ code: error.code, message: error.message }];
  return error.faults.map((fault) => ({
    ...fault,
    ...(fault.file !== undefined && { file: pathIn(folder, fault.file) }),
    code: fault.code ?? error.code,
  }));
}
