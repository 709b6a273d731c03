import ajvFormats from 'ajv-formats';
import type { ErrorObject, Options, ValidateFunction } from 'ajv';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Fault } from '../../errors.js';
import { standardFaults } from './standard-faults.js';

type Dialect = '2019-09' | '2020-12';

/** A published standard: its name, and its JSON Schema as the judge of what is valid. */
export interface Standard {
  /** As it is called in messages: `ODCS 3.1`. */
  readonly title: string;
  /** Every fault of a document, with pointers into it; empty when the standard accepts it. */
  faults(document: unknown): readonly Fault[];
}

const OPTIONS: Options = {
  allErrors: true,
  // Standards use keywords and formats of their own making; those ajv does not know are not its to judge.
  strict: false,
  logger: false,
  // Messages name what stands there and what the schema would allow.
  verbose: true,
};

/** A standard whose schema is compiled once, when it is first needed (ODCS takes a quarter of a second). */
export function standard(title: string, dialect: Dialect, schema: object): Standard {
  let validate: ValidateFunction | undefined;
  return {
    title,
    faults(document) {
      validate ??= ajvOf(dialect).compile(schema);
      return validate(document)
        ? []
        : standardFaults(validate.errors as ErrorObject[], { title, schema, document });
    },
  };
}

function ajvOf(dialect: Dialect): Ajv2019 | Ajv2020 {
  const ajv = dialect === '2019-09' ? new Ajv2019(OPTIONS) : new Ajv2020(OPTIONS);
  // ajv-formats is CommonJS: its default export is the plugin itself, which the types do not see under NodeNext.
  (ajvFormats as unknown as (ajv: Ajv2019 | Ajv2020) => void)(ajv);
  return ajv;
}
