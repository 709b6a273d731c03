import type { FromSchema } from 'json-schema-to-ts';
import { messageOf, summaryOf, WitanError, type Fault } from '../errors.js';
import { parseDocument } from '../document/parse.js';
import { withinTime } from '../document/within-time.js';
import { createAjv, validatorOf } from '../schema.js';
import { BOUNDS_MS_MAX, whyOutOfBounds } from './bounds.js';
import { DURATION_PATTERN } from './duration.js';
import { GLOBAL, isDomainPath, isLayer } from './layer.js';

export const ENFORCEMENTS = ['hard', 'soft', 'advisory', 'shadow'] as const;
/** `hard` binds and is never waived; `soft` binds and may be waived; `advisory` is reported and never blocks; `shadow` is recorded alone. */
export type Enforcement = (typeof ENFORCEMENTS)[number];

const NAME_PATTERN = '^[a-z][a-z0-9_]{0,62}$';
const text = { type: 'string', minLength: 1, maxLength: 4096 } as const;
const duration = { type: 'string', pattern: DURATION_PATTERN } as const;
const share = { type: 'number', exclusiveMinimum: 0, maximum: 1 } as const;

/** A bundle's manifest: what the layer's policies are and how they bind. Published as `docs/schemas/manifest.json`. */
export const manifestSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'Manifest of a Witan bundle',
  type: 'object',
  additionalProperties: false,
  required: ['layer', 'version', 'policies'],
  properties: {
    layer: { ...text, description: '`global`, or the path of a domain such as `finance/risk`' },
    version: {
      type: 'string',
      pattern: '^\\d+\\.\\d+\\.\\d+(-[0-9A-Za-z.-]+)?$',
      description: 'semantic version',
    },
    title: text,
    description: text,
    policies: {
      type: 'object',
      description: 'every policy of the bundle by name, and how it binds',
      propertyNames: { pattern: NAME_PATTERN },
      additionalProperties: {
        type: 'object',
        additionalProperties: false,
        required: ['enforcement'],
        properties: {
          enforcement: { type: 'string', enum: ENFORCEMENTS },
          enforced_from: {
            type: 'string',
            format: 'date-time',
            description: 'the policy is advisory until then',
          },
        },
      },
    },
    parameters: {
      type: 'object',
      description: 'values for what the layers above delegate',
      propertyNames: { pattern: NAME_PATTERN },
      additionalProperties: true,
    },
    delegations: {
      type: 'object',
      description:
        'parameters that this layer\u2019s policies read, and within which bounds the layers below may set them',
      propertyNames: { pattern: NAME_PATTERN },
      additionalProperties: {
        type: 'object',
        additionalProperties: false,
        required: ['schema'],
        properties: {
          description: text,
          default: {},
          schema: { type: 'object', description: 'JSON Schema (draft-07) of the value' },
        },
      },
    },
    council: {
      type: 'object',
      description: 'who decides what changes in this layer, and how',
      additionalProperties: false,
      properties: {
        members: {
          type: ['array', 'object'],
          description:
            'ids of users who vote: for a domain a list, for `global` a list for each domain, which has one vote together; a layer without members is decided by the council of the nearest layer above it',
          items: text,
          uniqueItems: true,
          propertyNames: text,
          additionalProperties: { type: 'array', items: text, uniqueItems: true, minItems: 1 },
        },
        quorum: { ...share, description: 'share of the members that must vote; default 0.5' },
        threshold: {
          ...share,
          description: 'share of the votes for or against that must approve; a tie never does; default 0.5',
        },
        voting_period: {
          ...duration,
          description: 'how long a proposal is open, as an ISO 8601 duration; default `P7D`',
        },
        touched_domains_must_vote: {
          type: 'boolean',
          description:
            '`global` alone: whether every domain that the impact touches must have voted; default `false`',
        },
        activation_period: {
          ...duration,
          description: 'how long what was approved may wait to be activated; default `P30D`',
        },
        break_glass_period: {
          ...duration,
          description:
            'how long a change by two operators stays in force unless the council ratifies it; default `P1D`',
        },
      },
    },
    audit: {
      type: 'object',
      additionalProperties: false,
      properties: {
        mask: {
          type: 'array',
          items: { type: 'string', format: 'json-pointer' },
          description:
            '`global` alone: JSON pointers into the evaluation whose values never reach the record',
        },
        retention: {
          type: 'string',
          pattern: '^P(?=.)(\\d{1,4}Y)?(\\d{1,5}M)?(\\d{1,6}W)?(\\d{1,6}D)?$',
          description:
            'how long records of this layer are kept at least, as an ISO 8601 duration such as `P7Y`; the longest of what the layers of a record say, and for good where none says anything',
        },
      },
    },
    layers_without_bundle: {
      type: 'string',
      enum: ['deny', 'abstain'],
      description:
        '`global` alone: what a layer in a product\u2019s chain says that has no bundle; default `deny`',
    },
  },
} as const;

export type Manifest = FromSchema<typeof manifestSchema>;

const validator = validatorOf<Manifest>(manifestSchema);
const MANIFEST_FILE = 'manifest.yaml';

/**
 * Reads a manifest.
 *
 * @throws WitanError `manifest_invalid` with every fault and its line.
 */
export function readManifest(yaml: string, file = MANIFEST_FILE): Manifest {
  const { document, locate } = parseDocument(yaml, { file, code: 'manifest_invalid' });
  const placed = (fault: Fault): Fault => ({ file, ...locate(fault.pointer ?? ''), ...fault });
  const faults = validator.faults(document);
  if (faults.length > 0) throw invalid(faults.map(placed));
  // INVARIANT: no faults, so the document is a manifest.
  const manifest = document as Manifest;
  const ruleFaults = [
    ...layerFaults(manifest),
    ...memberFaults(manifest),
    ...momentFaults(manifest),
    ...delegationFaults(manifest),
  ];
  if (ruleFaults.length > 0) throw invalid(ruleFaults.map(placed));
  return manifest;
}

function layerFaults(manifest: Manifest): readonly Fault[] {
  const faults: Fault[] = [];
  if (!isLayer(manifest.layer)) {
    faults.push({
      pointer: '/layer',
      message: `\`${manifest.layer}\` is not a layer: expected \`global\` or a domain's path such as \`finance/risk\``,
    });
  }
  if (manifest.layer !== GLOBAL) {
    const own = [
      ['/audit/mask', manifest.audit?.mask],
      ['/layers_without_bundle', manifest.layers_without_bundle],
      ['/council/touched_domains_must_vote', manifest.council?.touched_domains_must_vote],
    ] as const;
    for (const [pointer, value] of own) {
      if (value !== undefined) faults.push({ pointer, message: 'only `global` may set this' });
    }
  }
  return faults;
}

/** `global` has members by domain, a domain has its own. */
function memberFaults({ layer, council }: Manifest): readonly Fault[] {
  const members = council?.members;
  const pointer = '/council/members';
  if (members === undefined) return [];
  if (Array.isArray(members)) {
    if (layer === GLOBAL)
      return [{ pointer, message: 'must be a list for each domain, such as `sales: [cleo]`' }];
    return members.length > 0 ? [] : [{ pointer, message: 'must not be empty' }];
  }
  if (layer !== GLOBAL) return [{ pointer, message: 'must be a list of ids, such as `[cleo, dan]`' }];
  const domains = Object.keys(members);
  if (domains.length === 0) return [{ pointer, message: 'must not be empty' }];
  return domains
    .filter((domain) => !isDomainPath(domain))
    .map((domain) => ({ pointer, message: `\`${domain}\` cannot be a domain's path` }));
}

/** The schema's `date-time` admits what has no moment in Unix time, such as a leap second. */
function momentFaults(manifest: Manifest): readonly Fault[] {
  return Object.entries(manifest.policies).flatMap(([name, { enforced_from }]) =>
    enforced_from === undefined || !Number.isNaN(Date.parse(enforced_from))
      ? []
      : [{ pointer: `/policies/${name}/enforced_from`, message: `\`${enforced_from}\` is not a moment` }],
  );
}

/** A schema can take for ever, by its patterns or by references to itself: whoever proposes it must not stop everything. */
function delegationFaults(manifest: Manifest): readonly Fault[] {
  if (manifest.delegations === undefined) return [];
  const found = withinTime(() => faultsOfDelegations(manifest), BOUNDS_MS_MAX);
  if (found !== undefined) return found.value;
  const message = `take longer than ${BOUNDS_MS_MAX} ms to check: a schema's pattern or references do not come to an end`;
  return [{ pointer: '/delegations', message }];
}

/** A delegation's schema must itself be right, and its default within it. */
function faultsOfDelegations(manifest: Manifest): readonly Fault[] {
  return Object.entries(manifest.delegations ?? {}).flatMap(([name, { schema, default: value }]) => {
    const pointer = `/delegations/${name}`;
    const ajv = createAjv();
    const wrong = schemaFault(ajv, schema);
    if (wrong !== undefined) {
      return [{ pointer: `${pointer}/schema`, message: `is not a JSON Schema: ${wrong}` }];
    }
    const why = value === undefined ? undefined : whyOutOfBounds(ajv.compile(schema), value, 'value');
    if (why === undefined) return [];
    return [{ pointer: `${pointer}/default`, message: `lies outside the delegation's own bounds: ${why}` }];
  });
}

/** Why a schema cannot be used, also where ajv finds out only when it compiles: unknown keywords, references to nothing. */
function schemaFault(ajv: ReturnType<typeof createAjv>, schema: Record<string, unknown>): string | undefined {
  // An asynchronous schema answers a promise, which no bound may be read from.
  if (schema['$async'] !== undefined) return '`$async` is not supported';
  try {
    if (ajv.validateSchema(schema) !== true) return ajv.errorsText();
    ajv.compile(schema);
    return undefined;
  } catch (thrown) {
    return messageOf(thrown);
  }
}

function invalid(faults: readonly Fault[]): WitanError {
  return new WitanError('manifest_invalid', summaryOf(faults), { faults });
}
