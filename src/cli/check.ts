import { inputSchema } from '../decision/input.js';
import type { Fault } from '../errors.js';
import type { Layer } from '../policy/layer.js';
import { parameterFaults, sourceOf } from '../policy/load.js';
import { readEachBundle } from '../policy/read-bundles.js';
import { withToolchain, type CommandNeeds } from './command.js';
import { bundleFaults, faultLine, pathInLayer } from './fault-lines.js';
import { annotation } from './github.js';
import { junit } from './junit.js';
import { progressOn } from './progress.js';
import { requireFolder } from './read-text.js';
import { count, styleOf } from './style.js';
import { EXIT, type ExitCode } from './terminal.js';

export const CHECK_FORMATS = ['pretty', 'json', 'junit', 'github'] as const;

interface CheckOptions {
  readonly policies: string;
  readonly format: (typeof CHECK_FORMATS)[number];
}

interface LayerChecked {
  /** Absent for a bundle that could not be read. */
  readonly layer?: Layer;
  readonly policies: number;
  readonly faults: readonly Fault[];
}

/** Checks every bundle of a policies folder: its files, types, parameters and delegations. */
export async function runCheck({ policies, format }: CheckOptions, needs: CommandNeeds): Promise<ExitCode> {
  const { terminal } = needs;
  const checked = await checkLayers(policies, needs);
  const faults = checked.flatMap((layer) => layer.faults);
  const policyCount = checked.reduce((sum, layer) => sum + layer.policies, 0);
  switch (format) {
    case 'pretty':
      for (const fault of faults) terminal.out(`${faultLine(fault)}\n`);
      break;
    case 'json':
      terminal.out(`${JSON.stringify({ faults, layers: checked }, undefined, 2)}\n`);
      break;
    case 'junit':
      terminal.out(junit('witan check', checked.map(caseOf)));
      break;
    case 'github':
      for (const fault of faults) terminal.out(annotation('error', fault));
  }
  const style = styleOf({ ...terminal, colours: terminal.colours && terminal.interactive });
  const what = `${count(policyCount, 'policy', 'policies')} in ${count(checked.length, 'bundle')}`;
  terminal.err(
    faults.length === 0
      ? `${style.green('fine')}: ${what}, no faults\n`
      : `${style.red(count(faults.length, 'fault'))}: ${what}\n`,
  );
  return faults.length === 0 ? EXIT.fine : EXIT.no;
}

async function checkLayers(folder: string, needs: CommandNeeds): Promise<readonly LayerChecked[]> {
  requireFolder(folder);
  const { bundles, errors } = await readEachBundle(folder);
  const byLayer = new Map(bundles.map((bundle) => [bundle.layer, bundle]));
  const unread = errors.map((error) => ({ policies: 0, faults: bundleFaults(folder, error) }));
  const progress = progressOn(needs.terminal);
  const checked = await withToolchain(needs, async (toolchain) => {
    const layers: LayerChecked[] = [];
    for (const [index, bundle] of bundles.entries()) {
      const { layer } = bundle;
      progress.say(`checking ${layer}`, index, bundles.length);
      const report = await toolchain.check(sourceOf(bundle, byLayer, inputSchema));
      const faults = [...parameterFaults(bundle, byLayer), ...report.errors].map((fault) => ({
        ...fault,
        ...(fault.file !== undefined && { file: pathInLayer(folder, layer, fault.file) }),
      }));
      layers.push({ layer, policies: Object.keys(bundle.manifest.policies).length, faults });
    }
    return layers;
  });
  progress.end();
  return [...unread, ...checked];
}

function caseOf({ layer, faults }: LayerChecked) {
  const name = layer ?? faults[0]?.file ?? 'bundle';
  if (faults.length === 0) return { suite: 'witan check', name };
  return {
    suite: 'witan check',
    name,
    outcome: {
      kind: 'failure' as const,
      message: faults[0]?.message ?? '',
      details: faults.map(faultLine).join('\n'),
    },
  };
}
