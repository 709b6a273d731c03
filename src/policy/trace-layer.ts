import { writeJson } from '../document/json.js';
import { summaryOf, WitanError, type ErrorCode } from '../errors.js';
import type { EvaluationReport, Toolchain } from '../rego/toolchain.js';
import type { Bundle } from './bundle.js';
import type { Kind } from './kind.js';
import type { Layer } from './layer.js';
import { sourceOf } from './load.js';

export type { LineTrace, PolicyTrace, Reading, RuleTrace } from '../rego/toolchain.js';

/** What OPA's interpreter makes of one layer, line by line. Files are named `<layer>/<path>`. */
export interface LayerTrace extends Pick<EvaluationReport, 'policies' | 'truncated'> {
  readonly layer: Layer;
  readonly kind: Kind;
  /** Why there is no trace: it took too long, or needed too much memory. There are no policies then. */
  readonly untraced?: string;
}

/**
 * Evaluates a layer's policies with OPA's interpreter, beside the module that decides.
 *
 * @param bundles all bundles, for what the layers above offer
 * @param question the kind, and the input as JSON text
 * @throws WitanError `bundle_invalid` with every fault of the bundle; `overloaded`, `stopping`, `malformed_json`
 */
export async function traceLayer(
  bundle: Bundle,
  bundles: ReadonlyMap<Layer, Bundle>,
  { kind, inputText }: { readonly kind: Kind; readonly inputText: string },
  { toolchain, inputSchema }: { readonly toolchain: Toolchain; readonly inputSchema: object },
): Promise<LayerTrace> {
  const { layer } = bundle;
  const source = sourceOf(bundle, bundles, inputSchema);
  // Tests say nothing about a decision, and take time to check.
  const files = source.files.filter(({ path }) => !path.startsWith('test/'));
  let report: EvaluationReport;
  try {
    report = await toolchain.evaluate({ ...source, files }, kind, inputText);
  } catch (thrown) {
    if (!(thrown instanceof WitanError) || !UNTRACED.has(thrown.code)) throw thrown;
    return { layer, kind, policies: [], truncated: false, untraced: thrown.message };
  }
  if (report.errors.length > 0) {
    const faults = report.errors.map((fault) =>
      fault.file === undefined ? fault : { ...fault, file: placed(layer, fault.file) },
    );
    throw new WitanError('bundle_invalid', `the bundle of \`${layer}\`: ${summaryOf(faults)}`, { faults });
  }
  return {
    layer,
    kind,
    truncated: report.truncated,
    policies: report.policies.map(({ error, ...policy }) => ({
      ...policy,
      file: placed(layer, policy.file),
      ...(error !== undefined && {
        error: error.file === undefined ? error : { ...error, file: placed(layer, error.file) },
      }),
      rules: policy.rules.map((rule) => ({ ...rule, file: placed(layer, rule.file) })),
    })),
  };
}

/** A layer that was asked, and what its policies saw. */
interface AskedQuestion {
  readonly layer: Layer;
  readonly kind: Kind;
  readonly input: object;
}

/**
 * Traces every layer that was asked and has a bundle, one after the other.
 *
 * @param progress told of each layer before it is traced, with how many were
 * @throws what {@link traceLayer} throws
 */
export async function traceLayers(
  asked: readonly AskedQuestion[],
  bundles: ReadonlyMap<Layer, Bundle>,
  needs: Parameters<typeof traceLayer>[3],
  progress?: (layer: Layer, traced: number) => void,
): Promise<readonly LayerTrace[]> {
  const traces: LayerTrace[] = [];
  for (const [index, { layer, kind, input }] of asked.entries()) {
    progress?.(layer, index);
    const bundle = bundles.get(layer);
    if (bundle === undefined) continue;
    traces.push(await traceLayer(bundle, bundles, { kind, inputText: writeJson(input) }, needs));
  }
  return traces;
}

/** What a policy can do to the interpreter; the decision stands all the same. */
const UNTRACED: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['toolchain_timeout', 'toolchain_failed']);

/** The toolchain names libraries of outer layers with their layer already. */
function placed(layer: Layer, file: string): string {
  return /^(policy|lib)\//.test(file) ? `${layer}/${file}` : file;
}
