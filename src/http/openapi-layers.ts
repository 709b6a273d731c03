import { AGAINST } from '../proposing/proposal-diff.js';
import { bundleFilesSchema } from './checks.js';
import { count, json, parameter, problem, ref, text, time, uuid } from './openapi-parts.js';

const layer = parameter('layer', 'path', {
  ...text,
  description: '`global`, or the path of a domain with `/` written as `%2F`',
});
const enforcement = { type: 'string', enum: ['hard', 'soft', 'advisory', 'shadow'] } as const;
const texts = { type: 'array', items: text } as const;
const object = { type: 'object' } as const;

const policyState = {
  type: 'object',
  properties: {
    enforcement,
    enforced_from: time,
    level: { ...enforcement, description: 'how it binds now' },
    title: text,
    applies_to: texts,
  },
} as const;

export const layerSchemas = {
  Council: {
    type: 'object',
    description: 'who decides a layer, and by which rules',
    required: ['of', 'seats'],
    properties: {
      of: { ...text, description: 'the layer whose manifest says it' },
      seats: {
        type: 'array',
        items: { type: 'object', required: ['id', 'members'], properties: { id: text, members: texts } },
      },
      quorum: { type: 'number' },
      threshold: { type: 'number' },
      voting_period: text,
      activation_period: text,
      break_glass_period: text,
      touched_domains_must_vote: { type: 'boolean' },
    },
  },
  LayerSummary: {
    type: 'object',
    required: ['layer', 'digest', 'version', 'policies', 'council'],
    properties: {
      layer: text,
      digest: text,
      version: text,
      title: text,
      policies: {
        type: 'array',
        items: {
          type: 'object',
          required: ['policy', 'title', 'enforcement'],
          properties: { policy: text, title: text, enforcement, enforced_from: time },
        },
      },
      council: ref('Council'),
    },
  },
  BundleInHistory: {
    type: 'object',
    required: ['revision', 'digest'],
    properties: {
      revision: count,
      digest: text,
      since: { ...time, description: 'absent, with what follows, where the record was pruned' },
      by: { type: 'string', enum: ['seed', 'council', 'break_glass', 'reversion'] },
      caller: text,
      proposal: text,
      reason: text,
      record: uuid,
    },
  },
  LayerBundle: {
    type: 'object',
    required: ['layer', 'digest', 'in_force', 'revisions', 'manifest', 'files'],
    properties: {
      layer: text,
      digest: text,
      in_force: { type: 'boolean' },
      revisions: {
        type: 'array',
        items: count,
        description: 'those that it came into force with; none for one that was only proposed',
      },
      manifest: object,
      files: bundleFilesSchema,
    },
  },
  EffectivePolicy: {
    type: 'object',
    required: ['layer', 'revision', 'at', 'chain', 'policies', 'parameters', 'proposals'],
    properties: {
      layer: text,
      revision: count,
      at: time,
      chain: {
        type: 'array',
        items: {
          type: 'object',
          required: ['layer', 'council'],
          properties: {
            layer: text,
            digest: text,
            version: text,
            title: text,
            without_bundle: { type: 'string', enum: ['deny', 'abstain'] },
            fault: text,
            council: ref('Council'),
          },
        },
      },
      policies: {
        type: 'array',
        items: {
          type: 'object',
          required: ['layer', 'policy', 'enforcement', 'level', 'binds', 'applies_to', 'waivers'],
          properties: {
            layer: text,
            policy: text,
            description: text,
            binds: { type: 'boolean', description: 'whether what it says decides now' },
            binds_from: time,
            controls: texts,
            remedy: text,
            owner: text,
            ...policyState.properties,
            waivers: { type: 'array', items: object, description: 'those in force that lift its denials' },
          },
        },
      },
      parameters: {
        type: 'array',
        items: {
          type: 'object',
          required: ['name', 'value', 'set_by', 'bounds'],
          properties: {
            name: text,
            value: {},
            set_by: text,
            description: text,
            bounds: {
              type: 'array',
              items: { type: 'object', properties: { layer: text, schema: object } },
            },
          },
        },
      },
      proposals: {
        type: 'array',
        description: 'those that would change it, as far as the caller may read them',
        items: {
          type: 'object',
          properties: {
            id: text,
            title: text,
            layer: text,
            state: text,
            activate_at: time,
            closes_at: time,
          },
        },
      },
    },
  },
  ProposalDiff: {
    type: 'object',
    required: ['layer', 'from', 'to', 'words', 'policies', 'manifest', 'waivers', 'domains', 'files'],
    properties: {
      layer: text,
      from: { type: 'object', properties: { digest: text, revision: count } },
      to: { type: 'object', properties: { digest: text } },
      words: { ...texts, description: 'all that changes, a sentence each' },
      policies: {
        type: 'array',
        items: {
          type: 'object',
          required: ['policy', 'change', 'words'],
          properties: {
            policy: text,
            change: { type: 'string', enum: ['added', 'removed', 'changed'] },
            before: policyState,
            after: policyState,
            words: texts,
          },
        },
      },
      manifest: {
        type: 'array',
        items: {
          type: 'object',
          required: ['pointer', 'words'],
          properties: { pointer: text, before: {}, after: {}, words: texts },
        },
      },
      waivers: {
        type: 'array',
        description: 'those in force that fall away',
        items: {
          type: 'object',
          properties: { waiver: text, policy: text, domain: text, words: text },
        },
      },
      domains: {
        type: 'object',
        description: 'by path: every domain that lies under the layer',
        additionalProperties: {
          type: 'object',
          required: ['binding', 'policies', 'parameters', 'waivers', 'words'],
          properties: {
            binding: { type: 'object', properties: { before: count, after: count } },
            policies: { type: 'array', items: object },
            parameters: { type: 'array', items: object },
            waivers: { type: 'array', items: object },
            words: texts,
          },
        },
      },
      files: {
        type: 'array',
        items: {
          type: 'object',
          required: ['path', 'added', 'removed', 'diff'],
          properties: {
            path: text,
            added: count,
            removed: count,
            diff: { ...text, description: 'unified, without the names of the files' },
          },
        },
      },
    },
  },
};

const REFUSED = {
  403: problem('the caller has no role for the layer or a domain that lies in it'),
  404: problem('no such layer'),
};

export const layerPaths = {
  '/v1/layers': {
    get: {
      summary: 'The bundles in force, of the layers that the caller may read',
      responses: {
        200: {
          description: 'in the order of layers, `global` first',
          ...json({
            type: 'object',
            required: ['revision', 'layers'],
            properties: { revision: count, layers: { type: 'array', items: ref('LayerSummary') } },
          }),
        },
      },
    },
  },
  '/v1/layers/{layer}/bundles': {
    get: {
      summary: 'The bundles that a layer has had',
      parameters: [layer],
      responses: {
        200: {
          description: 'newest first',
          ...json({
            type: 'object',
            required: ['layer', 'bundles'],
            properties: { layer: text, bundles: { type: 'array', items: ref('BundleInHistory') } },
          }),
        },
        ...REFUSED,
      },
    },
  },
  '/v1/layers/{layer}/bundles/{digest}': {
    get: {
      summary: 'One bundle with its files and manifest',
      parameters: [layer, parameter('digest', 'path')],
      responses: { 200: { description: 'the bundle', ...json(ref('LayerBundle')) }, ...REFUSED },
    },
  },
  '/v1/layers/{layer}/effective': {
    get: {
      summary: 'Everything that binds the products of a domain today',
      parameters: [layer],
      responses: {
        200: { description: 'the effective policy', ...json(ref('EffectivePolicy')) },
        ...REFUSED,
      },
    },
  },
  '/v1/proposals/{id}/diff': {
    get: {
      summary: 'What a proposal changes: in words, as data, and line by line',
      parameters: [
        parameter('id', 'path'),
        parameter('against', 'query', { type: 'string', enum: AGAINST, default: 'base' }),
      ],
      responses: {
        200: { description: 'the change', ...json(ref('ProposalDiff')) },
        403: problem('the caller may not read proposals of that layer'),
        404: problem('no such proposal'),
      },
    },
  },
};
