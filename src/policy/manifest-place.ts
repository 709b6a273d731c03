import { parseDocument } from '../document/parse.js';
import type { Fault } from '../errors.js';
import type { Bundle } from './bundle.js';

/** Gives a fault that points into the bundle's manifest its row and column. */
export function placedInManifest({ files }: Pick<Bundle, 'files'>): (fault: Fault) => Fault {
  const manifest = files.find(({ path }) => path === 'manifest.yaml')?.text ?? '';
  let locate: ReturnType<typeof parseDocument>['locate'] | undefined;
  return (fault) => {
    if (fault.file !== 'manifest.yaml' || fault.pointer === undefined || fault.row !== undefined)
      return fault;
    locate ??= parseDocument(manifest, { file: 'manifest.yaml', code: 'manifest_invalid' }).locate;
    return { ...fault, ...locate(fault.pointer) };
  };
}
