import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import ajvFormats from 'ajv-formats';
import { pointerSegment } from './document/pointer.js';
import type { Fault } from './errors.js';

/** ajv for the schemas of this house: all errors, no coercion, no changes to what is checked. */
export function createAjv(): Ajv {
  const ajv = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true, validateFormats: true });
  // ajv-formats is CommonJS: its default export is the plugin itself, which the types do not see under NodeNext.
  (ajvFormats as unknown as (ajv: Ajv) => void)(ajv);
  return ajv;
}

const shared = createAjv();

/** Checks values against one JSON Schema. */
export interface Validator<T> {
  /** Every fault with its JSON pointer; empty when the value is right. */
  faults(value: unknown): readonly Fault[];
  accepts(value: unknown): value is T;
}

/** Compiles a schema of this house once; call it at module level. */
export function validatorOf<T>(schema: object): Validator<T> {
  const validate: ValidateFunction<T> = shared.compile<T>(schema);
  return {
    faults: (value) => (validate(value) ? [] : (validate.errors ?? []).map(faultOf)),
    accepts: (value): value is T => validate(value),
  };
}

/** An ajv error as a fault: where it is and what was expected there. */
export function faultOf(error: ErrorObject): Fault {
  const params = error.params as Record<string, unknown>;
  switch (error.keyword) {
    case 'required':
      return {
        pointer: `${error.instancePath}/${pointerSegment(String(params['missingProperty']))}`,
        message: 'is required',
      };
    case 'additionalProperties':
      return {
        pointer: `${error.instancePath}/${pointerSegment(String(params['additionalProperty']))}`,
        message: 'is not a member that is known here',
      };
    case 'enum':
      return {
        pointer: error.instancePath,
        message: `must be one of ${(params['allowedValues'] as unknown[]).map((v) => `\`${String(v)}\``).join(', ')}`,
      };
    case 'propertyNames':
      return {
        pointer: `${error.instancePath}/${pointerSegment(String(params['propertyName']))}`,
        message: 'is not a name that is allowed here',
      };
    default:
      return { pointer: error.instancePath, message: error.message ?? 'is not valid' };
  }
}
