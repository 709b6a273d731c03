import { createHash } from 'node:crypto';
import type { RecordQuery } from '../../../audit/query.js';
import { WitanError } from '../../../errors.js';
import { canonicalJson } from '../../../document/json.js';

const VERSION = 'r1';

/** A cursor that continues `query` after the record at `sequence`; it fits no other filter and no other order. */
export function encodeCursor(query: RecordQuery, sequence: number): string {
  return Buffer.from(`${VERSION}.${sequence}.${sealOf(query, sequence)}`, 'utf8').toString('base64url');
}

/** The sequence after which a query continues. @throws WitanError `invalid_request` when the cursor is not one of this query */
export function decodeCursor(query: RecordQuery, cursor: string): number {
  const [version, digits = '', seal] = Buffer.from(cursor, 'base64url').toString('utf8').split('.');
  const sequence = Number(digits);
  const fits =
    version === VERSION &&
    /^\d{1,15}$/.test(digits) &&
    seal === sealOf(query, sequence) &&
    encodeCursor(query, sequence) === cursor;
  if (!fits) throw new WitanError('invalid_request', 'the cursor does not belong to this query');
  return sequence;
}

function sealOf(query: RecordQuery, sequence: number): string {
  const asked = { ...query, limit: undefined, cursor: undefined, sequence };
  return createHash('sha256').update(canonicalJson(asked)).digest('base64url').slice(0, 16);
}
