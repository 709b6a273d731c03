import { createHash } from 'node:crypto';
import { WitanError, type Fault } from '../errors.js';
import { readManifest, type Manifest } from './manifest.js';
import type { Layer } from './layer.js';

/** A file of a bundle: path inside the bundle with `/`, and its text. */
export interface BundleFile {
  readonly path: string;
  readonly text: string;
}

/** All policies, libraries, data, tests and the manifest of one layer at one version; immutable. */
export interface Bundle {
  readonly layer: Layer;
  /** `sha256:<hex>` of the canonical form: the bundle's name. */
  readonly digest: string;
  readonly manifest: Manifest;
  /** Sorted by path. */
  readonly files: readonly BundleFile[];
}

type PlacedFault = Fault & { readonly file: string };

const FILES_MAX = 2000;
const BYTES_MAX = 16 * 1024 * 1024;
const POLICY_FILE = /^policy\/([a-z][a-z0-9_]*)\.rego$/;
const PLACES = [
  /^manifest\.yaml$/,
  /^README\.md$/,
  POLICY_FILE,
  /^lib\/[a-z][a-z0-9_]*\.rego$/,
  /^data\/[a-z][a-z0-9_]*\.json$/,
  /^test\/[a-z][a-z0-9_]*_test\.rego$/,
];

/**
 * Makes a bundle of files, in any order. `folder` is put before file names in faults.
 *
 * @throws WitanError `manifest_invalid`, `bundle_invalid` (a file out of place, a policy without entry in the
 * manifest or the other way round), `bundle_too_large`.
 */
export function createBundle(files: readonly BundleFile[], folder = ''): Bundle {
  const under = (path: string): string => (folder === '' ? path : `${folder}/${path}`);
  const sorted = [...files].sort((a, b) => compareBytes(a.path, b.path));
  checkSize(sorted);
  const manifestFile = sorted.find(({ path }) => path === 'manifest.yaml');
  if (manifestFile === undefined) {
    throw new WitanError('manifest_invalid', `\`${under('manifest.yaml')}\` is missing`, {
      faults: [{ file: under('manifest.yaml'), message: 'is missing' }],
    });
  }
  const manifest = readManifest(manifestFile.text, under('manifest.yaml'));
  const faults = [...placeFaults(sorted), ...nameFaults(sorted, manifest)].map((fault) => ({
    ...fault,
    file: under(fault.file),
  }));
  const first = faults[0];
  if (first !== undefined) {
    throw new WitanError('bundle_invalid', `${first.file}: ${first.message}`, { faults });
  }
  return { layer: manifest.layer, digest: bundleDigest(sorted), manifest, files: sorted };
}

/**
 * The digest that names a bundle: SHA-256 over every file in the order of its path's bytes, each as
 * `<length of path> <path> <length of text> <text>` in UTF-8 with lengths in bytes as 8-byte big-endian
 * numbers, so that no two sets of files have the same form.
 */
export function bundleDigest(files: readonly BundleFile[]): string {
  const hash = createHash('sha256');
  const put = (value: string) => {
    const bytes = Buffer.from(value, 'utf8');
    const length = Buffer.alloc(8);
    length.writeBigUInt64BE(BigInt(bytes.length));
    hash.update(length).update(bytes);
  };
  for (const { path, text } of [...files].sort((a, b) => compareBytes(a.path, b.path))) {
    put(path);
    put(text);
  }
  return `sha256:${hash.digest('hex')}`;
}

/** The files of one of the bundle's folders: `policy`, `lib`, `data` or `test`. */
export function filesIn(bundle: Bundle, folder: 'policy' | 'lib' | 'data' | 'test'): readonly BundleFile[] {
  return bundle.files.filter(({ path }) => path.startsWith(`${folder}/`));
}

function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a, 'utf8'), Buffer.from(b, 'utf8'));
}

function checkSize(files: readonly BundleFile[]): void {
  const bytes = files.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
  if (files.length > FILES_MAX || bytes > BYTES_MAX) {
    throw new WitanError(
      'bundle_too_large',
      `the bundle has ${files.length} files of ${bytes} bytes in all; at most ${FILES_MAX} files and ${BYTES_MAX} bytes are read`,
    );
  }
}

function placeFaults(files: readonly BundleFile[]): readonly PlacedFault[] {
  const faults: PlacedFault[] = [];
  const seen = new Set<string>();
  for (const { path } of files) {
    if (seen.has(path)) faults.push({ file: path, message: 'stands in the bundle twice' });
    seen.add(path);
    if (PLACES.some((place) => place.test(path))) continue;
    faults.push({
      file: path,
      message:
        'has no place in a bundle: expected `manifest.yaml`, `policy/<name>.rego`, `lib/<name>.rego`, `data/<name>.json` or `test/<name>_test.rego`, with names of a-z, 0-9 and _',
    });
  }
  return faults;
}

function nameFaults(files: readonly BundleFile[], manifest: Manifest): readonly PlacedFault[] {
  const inFiles = new Set(files.flatMap(({ path }) => POLICY_FILE.exec(path)?.[1] ?? []));
  const inManifest = new Set(Object.keys(manifest.policies));
  const unnamed = [...inFiles].filter((name) => !inManifest.has(name));
  const fileless = [...inManifest].filter((name) => !inFiles.has(name));
  return [
    ...unnamed.map((name) => ({
      file: `policy/${name}.rego`,
      message: `the manifest does not name the policy \`${name}\`: add it under \`policies\` with its enforcement`,
    })),
    ...fileless.map((name) => ({
      file: 'manifest.yaml',
      pointer: `/policies/${name}`,
      message: `the manifest names the policy \`${name}\`, but there is no \`policy/${name}.rego\``,
    })),
  ];
}
