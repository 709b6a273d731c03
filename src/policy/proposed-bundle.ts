import { summaryOf, WitanError, type Fault } from '../errors.js';
import { createBundle, type Bundle, type BundleFile } from './bundle.js';
import { outerLayers, type Layer } from './layer.js';
import type { Manifest } from './manifest.js';

/**
 * Makes a bundle of the files that someone proposes for a layer.
 *
 * @param manifests those in force: they tell whose policy it is that a manifest names without having it
 * @throws WitanError `manifest_invalid`, also for the manifest of another layer; `bundle_invalid`, `bundle_too_large`
 */
export function proposedBundle(
  layer: Layer,
  files: readonly BundleFile[],
  manifests: ReadonlyMap<Layer, Manifest>,
): Bundle {
  const bundle = created(layer, files, manifests);
  if (bundle.layer === layer) return bundle;
  const fault = {
    file: 'manifest.yaml',
    pointer: '/layer',
    message: `is \`${bundle.layer}\`, but the bundle is proposed for \`${layer}\``,
  };
  throw new WitanError('manifest_invalid', summaryOf([fault]), { faults: [fault] });
}

function created(
  layer: Layer,
  files: readonly BundleFile[],
  manifests: ReadonlyMap<Layer, Manifest>,
): Bundle {
  try {
    return createBundle(files);
  } catch (thrown) {
    if (!(thrown instanceof WitanError)) throw thrown;
    const faults = thrown.faults.map((fault) => explained(fault, layer, manifests));
    const message = faults.length === 0 ? thrown.message : summaryOf(faults);
    throw new WitanError(thrown.code, message, { faults, cause: thrown });
  }
}

const NAMED = /^\/policies\/([^/]+)/;

/** Of a policy that the bundle does not have: that it is another layer's, which alone says how it binds. */
function explained(fault: Fault, layer: Layer, manifests: ReadonlyMap<Layer, Manifest>): Fault {
  const [, pointed] = NAMED.exec(fault.pointer ?? '') ?? [];
  if (pointed === undefined) return fault;
  const named = pointed.replaceAll('~1', '/');
  const name = named.split(/[./]/).at(-1) ?? named;
  const outer = outerLayers(layer).filter((each) => Object.hasOwn(manifests.get(each)?.policies ?? {}, name));
  // The innermost is meant, unless the name says which.
  const owner = outer.find((each) => named.startsWith(each)) ?? outer.at(-1);
  if (owner === undefined) return fault;
  return {
    ...fault,
    code: 'policy_of_another_layer',
    message: `\`${named}\` is a policy of \`${owner}\`: the manifest of \`${layer}\` names its own alone, and how that one binds is for the council of \`${owner}\` to say`,
  };
}
