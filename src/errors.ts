/**
 * Every error that Witan reports, by its stable code. A code is part of the interface: it stands in
 * problem documents, in records and in the output of commands, and never changes its meaning.
 */
export const ERROR_CODES = [
  // what was asked
  'malformed_json',
  'invalid_request',
  'body_too_large',
  'unsupported_media_type',
  'method_not_allowed',
  'not_found',
  'not_loopback',
  'too_many_items',
  'note_invalid',
  'not_replayable',
  'under_hold',
  // who asks
  'unauthenticated',
  'forbidden',
  'last_operator',
  // the council
  'proposal_closed',
  'proposal_not_approved',
  'revision_moved',
  'ballot_outdated',
  'waiver_closed',
  'law_not_decided',
  // metadata
  'descriptor_unknown_format',
  'descriptor_malformed',
  'descriptor_invalid',
  'product_not_compliant',
  // bundles
  'manifest_invalid',
  'bundle_invalid',
  'bundle_too_large',
  'policy_too_slow',
  'tests_failed',
  'parameter_out_of_bounds',
  // the toolchain
  'toolchain_missing',
  'toolchain_timeout',
  'toolchain_failed',
  'evaluation_failed',
  // the service
  'config_invalid',
  'store_unavailable',
  'store_corrupt',
  'audit_unavailable',
  'overloaded',
  'port_in_use',
  'stopping',
  'internal_error',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** One fault in something that was handed in: where it is and what was expected there. */
export interface Fault {
  /** File it stands in, relative to what was handed in. */
  readonly file?: string;
  /** Line, from 1. */
  readonly row?: number;
  /** Column, from 1. */
  readonly column?: number;
  /** JSON pointer (RFC 6901) into the document. */
  readonly pointer?: string;
  readonly code?: string;
  readonly message: string;
}

/** An error with a code of the catalogue; `faults` name every place that is wrong, not only the first. */
export class WitanError extends Error {
  readonly code: ErrorCode;
  readonly faults: readonly Fault[];

  constructor(
    code: ErrorCode,
    message: string,
    options: { faults?: readonly Fault[]; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'WitanError';
    this.code = code;
    this.faults = options.faults ?? [];
  }
}

/** `file:row:column`, as editors and terminals make it a link; without what is not known. */
export function placeOf({ file, row, column }: Partial<Fault>): string {
  return [file, row, column].filter((part) => part !== undefined).join(':');
}

/** The first fault in one line, with its place, and how many more there are. */
export function summaryOf(faults: readonly Fault[]): string {
  const [first] = faults;
  if (first === undefined) return '';
  const words = [first.pointer, first.message].filter((part) => part !== undefined && part !== '').join(' ');
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : '';
  return `${placeOf(first)}: ${words}${more}`;
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
