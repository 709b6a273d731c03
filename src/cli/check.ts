import type { Fault } from '../errors.js';
import { inspectBundle } from '../checking/inspect-bundle.js';
import type { Layer } from '../policy/layer.js';
import { readEachBundle } from '../policy/read-bundles.js';
import { withToolchain, type CommandNeeds } from './command.js';
import { bundleFaults, faultLine, placedIn, warningLine } from './fault-lines.js';
import { annotation } from './github.js';
import { junit, type JunitCase } from './junit.js';
import { progressOn } from './progress.js';
import { requireFolder } from './read-text.js';
import { count, styleOf } from './style.js';
import { EXIT, type ExitCode, type Terminal } from './terminal.js';

export const CHECK_FORMATS = ['pretty', 'json', 'junit', 'github'] as const;

interface CheckOptions {
  readonly policies: string;
  /** Whether warnings are an answer of no. */
  readonly strict: boolean;
  readonly format: (typeof CHECK_FORMATS)[number];
}

/** Longest evaluation when a bundle is measured, in milliseconds. */
const EVALUATION_MS_MAX = 10_000;

interface LayerChecked {
  /** Absent for a bundle that could not be read. */
  readonly layer?: Layer;
  readonly policies: number;
  readonly faults: readonly Fault[];
  readonly warnings: readonly Fault[];
}

/** Checks every bundle of a policies folder: its files, types, parameters, delegations and what it takes; and lints it. */
export async function runCheck(options: CheckOptions, needs: CommandNeeds): Promise<ExitCode> {
  const { policies, strict, format } = options;
  const { terminal } = needs;
  const checked = await checkLayers(policies, needs);
  const faults = checked.flatMap((layer) => layer.faults);
  const warnings = checked.flatMap((layer) => layer.warnings);
  switch (format) {
    case 'pretty':
      for (const fault of faults) terminal.out(`${faultLine(fault)}\n`);
      for (const warning of warnings) terminal.out(`${warningLine(warning)}\n`);
      break;
    case 'json':
      terminal.out(`${JSON.stringify({ faults, warnings, layers: checked }, undefined, 2)}\n`);
      break;
    case 'junit':
      terminal.out(
        junit(
          'witan check',
          checked.map((layer) => caseOf(layer, strict)),
        ),
      );
      break;
    case 'github':
      for (const fault of faults) terminal.out(annotation('error', fault));
      for (const warning of warnings) terminal.out(annotation('warning', warning));
  }
  const no = faults.length > 0 || (strict && warnings.length > 0);
  summarize(checked, no, terminal);
  return no ? EXIT.no : EXIT.fine;
}

function summarize(checked: readonly LayerChecked[], no: boolean, terminal: Terminal): void {
  const sum = (of: (layer: LayerChecked) => number): number =>
    checked.reduce((total, layer) => total + of(layer), 0);
  const style = styleOf({ ...terminal, colours: terminal.colours && terminal.interactive });
  const faults = sum((layer) => layer.faults.length);
  const warnings = sum((layer) => layer.warnings.length);
  const found = [
    ...(faults > 0 ? [count(faults, 'fault')] : []),
    ...(warnings > 0 ? [count(warnings, 'warning')] : []),
  ].join(', ');
  const what = `${count(
    sum(({ policies }) => policies),
    'policy',
    'policies',
  )} in ${count(checked.length, 'bundle')}`;
  if (no) terminal.err(`${style.red(found)}: ${what}\n`);
  else
    terminal.err(
      `${style.green('fine')}: ${what}, no faults${found === '' ? '' : `, ${style.yellow(found)}`}\n`,
    );
}

async function checkLayers(folder: string, needs: CommandNeeds): Promise<readonly LayerChecked[]> {
  requireFolder(folder);
  const { bundles, errors } = await readEachBundle(folder);
  const byLayer = new Map(bundles.map((bundle) => [bundle.layer, bundle]));
  const unread = errors.map((error) => ({ policies: 0, faults: bundleFaults(folder, error), warnings: [] }));
  const progress = progressOn(needs.terminal);
  const checked = await withToolchain(needs, async (toolchain) => {
    const layers: LayerChecked[] = [];
    for (const [index, bundle] of bundles.entries()) {
      const { layer } = bundle;
      progress.say(`checking ${layer}`, index, bundles.length);
      const { faults, warnings } = await inspectBundle(bundle, byLayer, {
        toolchain,
        evaluationMsMax: EVALUATION_MS_MAX,
        products: [],
        measuring: () => {
          progress.say(`measuring ${layer}`, index, bundles.length);
        },
      });
      layers.push({
        layer,
        policies: Object.keys(bundle.manifest.policies).length,
        faults: faults.map(placedIn(folder, layer)),
        warnings: warnings.map(placedIn(folder, layer)),
      });
    }
    return layers;
  });
  progress.end();
  return [...unread, ...checked];
}

function caseOf({ layer, faults, warnings }: LayerChecked, strict: boolean): JunitCase {
  const name = layer ?? faults[0]?.file ?? 'bundle';
  const wrong = [...faults.map(faultLine), ...(strict ? warnings.map(warningLine) : [])];
  const message = faults[0]?.message ?? (strict ? warnings[0]?.message : undefined);
  return {
    suite: 'witan check',
    name,
    ...(message !== undefined && { outcome: { kind: 'failure', message, details: wrong.join('\n') } }),
    ...(!strict && warnings.length > 0 && { output: warnings.map(warningLine).join('\n') }),
  };
}
