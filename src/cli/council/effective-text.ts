import type {
  ChainLayer,
  EffectiveParameter,
  EffectivePolicy,
  EffectiveRule,
  PendingProposal,
} from '../../council/effective.js';
import { isObject, writeJson } from '../../document/json.js';
import type { Enforcement } from '../../policy/manifest.js';
import { ServerError } from '../ask-server.js';
import { count, plain, type Style } from '../style.js';
import { paintedTable, paintWord } from './painted-table.js';
import { paintState, shortDigest } from './proposal-state.js';
import { headOf, section, textSection } from './sections.js';

/** @throws ServerError when the answer does not say what binds */
export function effectiveIn(answer: unknown): EffectivePolicy {
  if (
    isObject(answer) &&
    typeof answer['layer'] === 'string' &&
    ['chain', 'policies', 'parameters', 'proposals'].every((name) => Array.isArray(answer[name]))
  ) {
    // INVARIANT: what a command shows of it was looked at here.
    return answer as unknown as EffectivePolicy;
  }
  throw new ServerError('the service answered something that does not say what binds');
}

/** What binds a product of a domain today, for its owner to read: the layers, their rules, values, and what is to come. */
export function effectiveText(effective: EffectivePolicy, style: Style): string {
  const { layer, revision, at, chain, policies, parameters, proposals } = effective;
  const binding = policies.filter(({ binds }) => binds).length;
  return [
    `${style.bold(plain(`what binds ${layer === 'global' ? 'every product' : `products of ${layer}`}`))}\n`,
    `${style.dim(plain(`revision ${revision}, ${at}: ${count(binding, 'policy', 'policies')} bind, of ${policies.length}`))}\n`,
    ...chain.map((each) => layerText(each, policies, style)),
    textSection('values', parametersText(parameters, style), style),
    section(
      'proposals that would change it',
      proposals.map((each) => proposalLine(each, style)),
      style,
    ),
  ].join('');
}

function layerText(layer: ChainLayer, policies: readonly EffectiveRule[], style: Style): string {
  const { version, title, digest, without_bundle, fault, council } = layer;
  const rules = policies.filter((rule) => rule.layer === layer.layer).sort(byLevel);
  const head = [layer.layer, version, title].filter((part) => part !== undefined).join('  ');
  const decided = `decided by the council of ${council.of}: ${council.seats.map(({ id }) => id).join(', ')}`;
  return [
    `\n${style.bold(plain(head))}\n`,
    `  ${style.dim(plain(digest === undefined ? decided : `${shortDigest(digest)}, ${decided}`))}\n`,
    without_bundle === undefined ? '' : `  it has no bundle: it says ${without_bundle} to everything\n`,
    fault === undefined ? '' : `  ${style.red('it denies everything:')} ${plain(fault)}\n`,
    paintedTable(COLUMNS, rules.map(ruleRow), style, (line, at) => {
      const level = rules[at]?.level;
      return level === undefined ? line : paintWord(line, level, PAINTS[level](style));
    }),
    ...rules.flatMap(waiverLines),
  ].join('');
}

const TITLE_CHARS_MAX = 60;
const COLUMNS = ['binds', 'policy', 'asked to', 'what it is'].map((title) => ({ title }));
const LEVELS: readonly Enforcement[] = ['hard', 'soft', 'advisory', 'shadow'];
const PAINTS: Readonly<Record<Enforcement, (style: Style) => (text: string) => string>> = {
  hard: (style) => style.red,
  soft: (style) => style.yellow,
  advisory: (style) => style.dim,
  shadow: (style) => style.dim,
};

function byLevel(a: EffectiveRule, b: EffectiveRule): number {
  return LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level);
}

function ruleRow({
  level,
  policy,
  title,
  applies_to,
  binds_from,
  enforcement,
}: EffectiveRule): readonly string[] {
  const later = binds_from === undefined ? '' : ` (${enforcement} from ${binds_from})`;
  return [level, policy, applies_to.join(', '), `${headOf(title, TITLE_CHARS_MAX)}${later}`];
}

function waiverLines({ policy, waivers }: EffectiveRule): readonly string[] {
  return waivers.map(({ id, domain, resources = [], subjects = [], until }) => {
    const covered = [...resources, ...subjects].join(', ');
    return `  ${plain(`${policy} is waived for ${covered === '' ? domain : covered} until ${until} (waiver ${id} of ${domain})`)}\n`;
  });
}

function parametersText(parameters: readonly EffectiveParameter[], style: Style): string {
  const rows = parameters.map(({ name, value, set_by, bounds, description = '' }) => [
    name,
    writeJson(value),
    set_by,
    bounds.map(({ schema }) => boundsInWords(schema)).join('; '),
    headOf(description, TITLE_CHARS_MAX),
  ]);
  return paintedTable(
    ['name', 'value', 'said by', 'within', ''].map((title) => ({ title })),
    rows,
    style,
  );
}

/** The bounds that numbers usually have, as people write them; any other schema as it is. */
function boundsInWords(schema: object): string {
  const { minimum, maximum, type: _, ...rest } = schema as Readonly<Record<string, unknown>>;
  if (Object.keys(rest).length === 0 && typeof minimum === 'number' && typeof maximum === 'number') {
    return `${minimum} to ${maximum}`;
  }
  return headOf(writeJson(schema), TITLE_CHARS_MAX);
}

function proposalLine(
  { id, title, layer, state, activate_at, closes_at }: PendingProposal,
  style: Style,
): string {
  const when =
    activate_at !== undefined
      ? `, in force at ${activate_at}`
      : closes_at !== undefined && state === 'open'
        ? `, closes ${closes_at}`
        : '';
  return `${plain(`#${id} ${title} (${layer})`)}  ${paintState(state, style)}${plain(when)}`;
}
