import fc from 'fast-check';
import { createBundle, type Bundle, type BundleFile } from '../../policy/bundle.js';
import type { Enforcement } from '../../policy/manifest.js';

/** When a generated rule speaks; every part must hold. */
export interface Condition {
  readonly subject?: string;
  readonly action?: string;
  readonly flag?: { readonly name: string; readonly set: boolean };
}

/** What a generated rule says. */
export type Rule =
  | { readonly says: 'deny'; readonly if: Condition }
  | { readonly says: 'permit'; readonly if: Condition }
  | { readonly says: 'limit'; readonly max: number; readonly if: Condition }
  | { readonly says: 'mask'; readonly column: string; readonly method: string; readonly if: Condition }
  | { readonly says: 'advise'; readonly if: Condition }
  | { readonly says: 'require'; readonly pointer: string; readonly if: Condition }
  | { readonly says: 'err'; readonly how: 'conflict' | 'shape'; readonly if: Condition };

export interface GeneratedPolicy {
  readonly enforcement: Enforcement;
  readonly enforcedFrom?: string;
  readonly rules: readonly Rule[];
}

export const SUBJECTS = ['ada', 'bob', 'eve'] as const;
export const ACTIONS = ['read', 'export', 'publish'] as const;
export const FLAGS = ['f1', 'f2', 'f3'] as const;
/** The moment from which a generated policy with `enforced_from` binds. */
export const ENFORCED_FROM = '2026-07-01T00:00:00Z';

const condition: fc.Arbitrary<Condition> = fc.record(
  {
    subject: fc.constantFrom(...SUBJECTS),
    action: fc.constantFrom(...ACTIONS),
    flag: fc.record({ name: fc.constantFrom(...FLAGS), set: fc.boolean() }),
  },
  { requiredKeys: [] },
);

const rule: fc.Arbitrary<Rule> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ says: fc.constant('permit' as const), if: condition }) },
  { weight: 3, arbitrary: fc.record({ says: fc.constant('deny' as const), if: condition }) },
  {
    weight: 2,
    arbitrary: fc.record({ says: fc.constant('limit' as const), max: fc.nat(50), if: condition }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      says: fc.constant('mask' as const),
      column: fc.constantFrom('email', 'name'),
      method: fc.constantFrom('null', 'redact', 'hash', 'partial'),
      if: condition,
    }),
  },
  { weight: 1, arbitrary: fc.record({ says: fc.constant('advise' as const), if: condition }) },
  {
    weight: 1,
    arbitrary: fc.record({
      says: fc.constant('require' as const),
      pointer: fc.constantFrom('/context/f1', '/context/f2', '/subject/id'),
      if: condition,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      says: fc.constant('err' as const),
      how: fc.constantFrom('conflict' as const, 'shape' as const),
      if: condition,
    }),
  },
);

export const policyArbitrary: fc.Arbitrary<GeneratedPolicy> = fc.record(
  {
    enforcement: fc.constantFrom<Enforcement>('hard', 'hard', 'soft', 'soft', 'advisory', 'shadow'),
    enforcedFrom: fc.constant(ENFORCED_FROM),
    rules: fc.array(rule, { minLength: 1, maxLength: 4 }),
  },
  { requiredKeys: ['enforcement', 'rules'] },
);

/** The policies of one bundle: the first permits now and then, so that not every answer is no. */
export const policiesArbitrary: fc.Arbitrary<readonly GeneratedPolicy[]> = fc
  .tuple(
    fc.record({ enforcement: fc.constantFrom<Enforcement>('hard', 'soft'), if: condition }),
    fc.array(policyArbitrary, { minLength: 1, maxLength: 3 }),
  )
  .map(([granting, others]) => [
    { enforcement: granting.enforcement, rules: [{ says: 'permit', if: granting.if }] },
    ...others,
  ]);

export const permitsEverything: GeneratedPolicy = {
  enforcement: 'hard',
  rules: [{ says: 'permit', if: {} }],
};
export const deniesEverything: GeneratedPolicy = { enforcement: 'hard', rules: [{ says: 'deny', if: {} }] };

/** A bundle of policies named `p0`, `p1` and so on, or as `nameOf` says. */
export function generatedBundle(
  layer: string,
  policies: readonly GeneratedPolicy[],
  nameOf: (index: number) => string = (index) => `p${index}`,
): Bundle {
  return createBundle(generatedFiles(layer, policies, nameOf));
}

function generatedFiles(
  layer: string,
  policies: readonly GeneratedPolicy[],
  nameOf: (index: number) => string,
): readonly BundleFile[] {
  const entries = policies.map(({ enforcement, enforcedFrom }, index) => [
    nameOf(index),
    { enforcement, ...(enforcedFrom !== undefined && { enforced_from: enforcedFrom }) },
  ]);
  // JSON is YAML.
  const manifest = { layer, version: '1.0.0', policies: Object.fromEntries(entries) as object };
  return [
    { path: 'manifest.yaml', text: JSON.stringify(manifest) },
    ...policies.map((policy, index) => ({
      path: `policy/${nameOf(index)}.rego`,
      text: regoOf(layer, nameOf(index), policy, index),
    })),
  ];
}

function regoOf(layer: string, name: string, { rules }: GeneratedPolicy, index: number): string {
  return [
    '# METADATA',
    '# scope: package',
    `# title: Policy ${name}`,
    '# description: Generated.',
    '# custom:',
    '#   applies_to: [publish, access, consume]',
    `package mesh.${layer.replaceAll('/', '.')}.policy.${name}`,
    // A policy must say something that every kind reads; this one nobody hears.
    '\nadvice contains {"message": "never"} if input.subject.id == "nobody"',
    ...rules.map((rule, at) => `\n${textOf(rule, `${index}_${at}`)}`),
    '',
  ].join('\n');
}

function textOf(rule: Rule, mark: string): string {
  const body = `if {\n${linesOf(rule.if)
    .map((line) => `\t${line}\n`)
    .join('')}}`;
  switch (rule.says) {
    case 'deny':
      return `deny contains {"message": "denied by ${mark}"} ${body}`;
    case 'permit':
      return `permit ${body}`;
    case 'limit':
      return `obligations contains {"type": "limit_rows", "properties": {"max": ${rule.max}}} ${body}`;
    case 'mask':
      return `obligations contains {"type": "mask_column", "properties": {"column": "${rule.column}", "method": "${rule.method}"}} ${body}`;
    case 'advise':
      return `advice contains {"message": "advised by ${mark}"} ${body}`;
    case 'require':
      return `requires contains "${rule.pointer}" ${body}`;
    case 'err':
      return rule.how === 'conflict'
        ? `torn_${mark} := 1 ${body}\n\ntorn_${mark} := 2 ${body}\n\nadvice contains {"message": "torn"} if torn_${mark} == 3`
        : `advice contains {"text": "no message"} ${body}`;
  }
}

function linesOf({ subject, action, flag }: Condition): readonly string[] {
  const lines = [
    ...(subject === undefined ? [] : [`input.subject.id == "${subject}"`]),
    ...(action === undefined ? [] : [`input.action.name == "${action}"`]),
    ...(flag === undefined
      ? []
      : [flag.set ? `input.context.${flag.name}` : `not input.context.${flag.name}`]),
  ];
  return lines.length === 0 ? ['input.kind in {"publish", "access", "consume"}'] : lines;
}
