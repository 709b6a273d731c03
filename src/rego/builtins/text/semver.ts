import { stringOperand, type Builtins } from '../../builtin.js';

/** `semver.*` of Rego: semantic versions (semver.org 2.0.0), as in OPA after one `v` that may lead; no spaces. */
export const semverBuiltins: Builtins = {
  'semver.is_valid': (text) => typeof text === 'string' && versionOf(text) !== undefined,
  'semver.compare'(a, b) {
    const [textA, textB] = [stringOperand(a, 1), stringOperand(b, 2)];
    const [versionA, versionB] = [versionOf(textA), versionOf(textB)];
    if (versionA === undefined) throw new Error('operand 1 must be a semantic version');
    if (versionB === undefined) throw new Error('operand 2 must be a semantic version');
    return compareVersions(versionA, versionB);
  },
};

interface Version {
  /** Major, minor and patch. */
  readonly core: readonly bigint[];
  /** Its identifiers; none is a release. */
  readonly preRelease: readonly string[];
}

const VERSION = /^v?(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+([0-9A-Za-z.-]+))?$/;
/** OPA holds numbers in 64 bits, and takes a larger identifier of a pre-release for the largest. */
const NUMBER_MAX = 2n ** 63n - 1n;
const NUMBER_DIGITS_MAX = 19;

function versionOf(text: string): Version | undefined {
  const [, major = '', minor = '', patch = '', preRelease, build] = VERSION.exec(text) ?? [];
  const core = [major, minor, patch];
  if (!core.every(isCoreNumber)) return undefined;
  const identifiers = preRelease?.split('.') ?? [];
  const builds = build?.split('.') ?? [];
  if ([...identifiers, ...builds].includes('') || identifiers.some(hasLeadingZero)) return undefined;
  return { core: core.map(BigInt), preRelease: identifiers };
}

function isCoreNumber(digits: string): boolean {
  if (digits === '' || hasLeadingZero(digits) || digits.length > NUMBER_DIGITS_MAX) return false;
  return digits.length < NUMBER_DIGITS_MAX || BigInt(digits) <= NUMBER_MAX;
}

function hasLeadingZero(identifier: string): boolean {
  return identifier.length > 1 && identifier.startsWith('0') && isNumeric(identifier);
}

function isNumeric(identifier: string): boolean {
  return /^\d+$/.test(identifier);
}

function compareVersions(a: Version, b: Version): number {
  for (const [index, number] of a.core.entries()) {
    const other = b.core[index] ?? 0n;
    if (number !== other) return number < other ? -1 : 1;
  }
  if (a.preRelease.length === 0 || b.preRelease.length === 0) {
    return Math.sign(b.preRelease.length - a.preRelease.length);
  }
  const shared = Math.min(a.preRelease.length, b.preRelease.length);
  for (let index = 0; index < shared; index += 1) {
    const order = compareIdentifiers(a.preRelease[index] ?? '', b.preRelease[index] ?? '');
    if (order !== 0) return order;
  }
  return Math.sign(a.preRelease.length - b.preRelease.length);
}

/** Numbers by size and before all words. INVARIANT: identifiers are ASCII, so that JavaScript's order is theirs. */
function compareIdentifiers(a: string, b: string): number {
  const numericA = isNumeric(a);
  if (numericA !== isNumeric(b)) return numericA ? -1 : 1;
  const [valueA, valueB] = numericA ? [clamped(a), clamped(b)] : [a, b];
  return valueA < valueB ? -1 : valueA > valueB ? 1 : 0;
}

function clamped(digits: string): bigint {
  if (digits.length > NUMBER_DIGITS_MAX) return NUMBER_MAX;
  const value = BigInt(digits);
  return value < NUMBER_MAX ? value : NUMBER_MAX;
}
