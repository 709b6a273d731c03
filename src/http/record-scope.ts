import type { IncomingMessage } from 'node:http';
import type { App } from '../app.js';
import type { StoredRecord } from '../audit/query.js';
import { requireInScope, type RecordScope } from '../audit/record-scope.js';
import { WitanError } from '../errors.js';
import type { Role } from '../identity/caller.js';
import { domainsOf, requireRole } from '../identity/grant.js';
import { callerOf } from './caller.js';

/** Who reads records: auditors, and stewards what concerns their domains. */
const READERS: readonly Role[] = ['auditor', 'steward'];

/**
 * Which records the sender of a request sees.
 *
 * @param roles those that let anyone see records there
 * @throws WitanError `forbidden` for who sees none
 */
export function recordScopeOf(request: IncomingMessage, roles: readonly Role[] = READERS): RecordScope {
  const caller = callerOf(request);
  const scope = domainsOf(caller, roles);
  if (scope.length === 0) requireRole(caller, roles);
  return scope;
}

/**
 * The record with an id, where it lies in the scope.
 *
 * @throws WitanError `not_found`; `forbidden` for a record that does not lie in the scope
 */
export async function recordInScope(
  { records }: App['store'],
  id: string,
  scope: RecordScope,
): Promise<StoredRecord> {
  const record = await records.byId(id);
  if (record === undefined) throw new WitanError('not_found', `there is no record \`${id}\``);
  requireInScope(record, scope);
  return record;
}
