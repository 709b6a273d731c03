import { hash } from 'node:crypto';
import { canonicalJson, isObject, replaceAt, valueAt } from '../document/json.js';
import { pointerSegments } from '../document/pointer.js';
import type { MaskedValue } from './log.js';
import type { DecisionRecord } from './record.js';

type RecordedEvaluation = DecisionRecord['evaluation'];

/** An evaluation as it may be recorded, and what was taken out of it. */
export interface Redacted {
  readonly evaluation: RecordedEvaluation;
  /** JSON pointers of what was replaced: those that name a value, the shorter first. */
  readonly pointers: readonly string[];
  /** One for each pointer, in the same order. */
  readonly masked: readonly MaskedValue[];
}

/** Random bytes of a salt. */
const SALT_BYTES = 16;

/**
 * Replaces values by commitments before anything is hashed or stored: `{"masked": "sha256:<hex>"}`. A pointer into a
 * value that another pointer replaces adds nothing.
 *
 * @param saltOf 16 random bytes for the value at a pointer
 * @throws RangeError for a salt of another length
 */
export function redact(
  evaluation: RecordedEvaluation,
  pointers: readonly string[],
  saltOf: (pointer: string) => Uint8Array,
): Redacted {
  if (pointers.length === 0) return { evaluation, pointers, masked: [] };
  const masked: MaskedValue[] = [];
  let result: unknown = evaluation;
  for (const pointer of outermost(pointers)) {
    result = replaceAt(result, pointer, (found) => {
      const salt = saltOf(pointer);
      if (salt.length !== SALT_BYTES) {
        throw new RangeError(`a salt has ${SALT_BYTES} bytes, not ${salt.length}`);
      }
      const value = canonicalJson(found);
      masked.push({ pointer, salt, value });
      return { masked: commitmentOf(salt, value) };
    });
  }
  return {
    // INVARIANT: no pointer names the evaluation as a whole, so it keeps its members.
    evaluation: result as RecordedEvaluation,
    pointers: masked.map(({ pointer }) => pointer),
    masked,
  };
}

/** `sha256:<hex>` of the salt followed by the value's JSON text in UTF-8. */
export function commitmentOf(salt: Uint8Array, valueText: string): string {
  return `sha256:${hash('sha256', Buffer.concat([salt, Buffer.from(valueText, 'utf8')]), 'hex')}`;
}

/** Whether what stands in a recorded evaluation at the pointer is the commitment to this value. */
export function verifyCommitment(
  evaluation: RecordedEvaluation,
  { pointer, salt, value }: MaskedValue,
): boolean {
  const recorded = valueAt(evaluation, pointer);
  return isObject(recorded) && recorded['masked'] === commitmentOf(salt, value);
}

const MEMBERS = ['/subject', '/action', '/resource', '/context'] as const;

/** By the pointers of a manifest, which every decision under it asks for. */
const known = new WeakMap<readonly string[], readonly string[]>();

/** Each pointer once, the shorter first, without those that point into another's value. */
function outermost(pointers: readonly string[]): readonly string[] {
  const before = known.get(pointers);
  if (before !== undefined) return before;
  // The evaluation as a whole is masked member by member, so that a record keeps its shape.
  const given = pointers.flatMap((pointer) => (pointer === '' ? MEMBERS : [pointer]));
  const sorted = [...new Set(given)].sort((a, b) => pointerSegments(a).length - pointerSegments(b).length);
  const applied = sorted.filter(
    (pointer, index) => !sorted.slice(0, index).some((outer) => pointer.startsWith(`${outer}/`)),
  );
  known.set(pointers, applied);
  return applied;
}
