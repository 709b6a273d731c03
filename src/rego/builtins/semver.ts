import { compare, parse, type SemVer } from 'semver';

/** `semver.*` of Rego: semantic versions (semver.org 2.0.0), as in OPA after one `v` that may lead; no spaces. */
function versionOf(text: unknown): SemVer | null {
  if (typeof text !== 'string' || !/^v?\d/.test(text) || text !== text.trim()) return null;
  return parse(text.replace(/^v/, ''));
}

function required(text: unknown): SemVer {
  const version = versionOf(text);
  if (version === null) throw new Error(`semver.compare: \`${String(text)}\` is not a semantic version`);
  return version;
}

export const semverBuiltins: Readonly<Record<string, (...args: unknown[]) => unknown>> = {
  'semver.is_valid': (text) => versionOf(text) !== null,
  'semver.compare': (a, b) => compare(required(a), required(b)),
};
