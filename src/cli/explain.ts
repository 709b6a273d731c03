import { decide } from '../decision/decide.js';
import { explain, type Explanation } from '../decision/explanation.js';
import { inputSchema } from '../decision/input.js';
import type { Evaluation } from '../decision/request.js';
import { writeJson } from '../document/json.js';
import type { Layer } from '../policy/layer.js';
import { traceLayers } from '../policy/trace-layer.js';
import type { Toolchain } from '../rego/toolchain.js';
import { withToolchain, type CommandNeeds } from './command.js';
import { explanationText } from './explanation-text.js';
import { openMeshBy, pathOfLayerFile, type MeshOptions, type OfflineMesh } from './offline-mesh.js';
import { progressOn, type Progress } from './progress.js';
import { readEvaluation, unrecorded, type EvaluationOptions } from './read-evaluation.js';
import { styleOf } from './style.js';
import { EXIT, type ExitCode } from './terminal.js';

export const EXPLAIN_FORMATS = ['pretty', 'json'] as const;

interface ExplainOptions extends MeshOptions, EvaluationOptions {
  readonly format: (typeof EXPLAIN_FORMATS)[number];
  /** Show every policy line by line. */
  readonly all: boolean;
}

/** Decides one evaluation offline, and explains line by line why the answer is as it is. */
export async function runExplain(options: ExplainOptions, needs: CommandNeeds): Promise<ExitCode> {
  const { policies, format, all } = options;
  const { terminal } = needs;
  const { evaluation, nowMs } = await readEvaluation(options, needs);
  const { explanation, layers } = await explainOffline(evaluation, options, { ...needs, nowMs: () => nowMs });
  terminal.err('decided offline: this decision is not recorded\n');
  terminal.out(
    format === 'json'
      ? `${writeJson(explanation, 2)}\n`
      : explanationText(explanation, {
          all,
          style: styleOf(terminal),
          pathOf: (file) => pathOfLayerFile(policies, layers, file),
        }),
  );
  return explanation.decision ? EXIT.fine : EXIT.no;
}

async function explainOffline(
  evaluation: Evaluation,
  options: MeshOptions,
  needs: CommandNeeds,
): Promise<{ readonly explanation: Explanation; readonly layers: readonly Layer[] }> {
  const progress = progressOn(needs.terminal);
  progress.say('compiling policies');
  return withToolchain(needs, async (toolchain) => {
    const mesh = await openMeshBy(toolchain, options, needs);
    const explanation = await explainBy(toolchain, mesh, evaluation, needs.nowMs(), progress);
    return { explanation, layers: [...mesh.bundles.keys()] };
  }).finally(() => {
    progress.end();
  });
}

/** Decides by the modules, traces every layer that was asked, and puts the two together. */
export async function explainBy(
  toolchain: Toolchain,
  { basis, bundles }: OfflineMesh,
  evaluation: Evaluation,
  nowMs: number,
  progress?: Progress,
): Promise<Explanation> {
  const decided = decide(basis, evaluation, unrecorded(nowMs));
  const { asked } = decided;
  const traces = await traceLayers(asked, bundles, { toolchain, inputSchema }, (layer, traced) => {
    progress?.say(`tracing ${layer}`, traced, asked.length);
  });
  return explain(decided, basis.policies, traces);
}
