import { canonicalJson } from '../document/json.js';
import { filesIn, type Bundle } from '../policy/bundle.js';

/** Names a policy of the own layer, or may do so in other letters. */
const MAY_NAME_POLICIES = /\bpolicy\b|\\u/i;
const PACKAGE = /^package mesh[a-z0-9_.]+$/m;
const COMMENT = /^\s*#.*$/gm;
const POLICY_FILE = /^policy\/(.+)\.rego$/;

/**
 * The policies that answer the same in both bundles of a layer and bind in the same way, whatever else is in them: their
 * texts are the same, and so is all that they may build on. One that may read other policies of its layer is left out.
 */
export function samePolicies(before: Bundle | undefined, after: Bundle): ReadonlySet<string> {
  if (before === undefined || builtOn(before) !== builtOn(after)) return new Set();
  const libraries = filesIn(after, 'lib').map(({ text }) => text);
  if (libraries.some(mayNamePolicies)) return new Set();
  const texts = new Map(filesIn(before, 'policy').map(({ path, text }) => [path, text]));
  return new Set(
    filesIn(after, 'policy').flatMap(({ path, text }) => {
      const name = POLICY_FILE.exec(path)?.[1];
      if (name === undefined || texts.get(path) !== text || mayNamePolicies(text)) return [];
      const [one, other] = [before, after].map(({ manifest }) => canonicalJson(manifest.policies[name]));
      return one === other ? [name] : [];
    }),
  );
}

/** Libraries and data of a bundle, which its policies and the layers within read. */
export function builtOn(bundle: Bundle): string {
  return JSON.stringify([...filesIn(bundle, 'lib'), ...filesIn(bundle, 'data')]);
}

function mayNamePolicies(text: string): boolean {
  const code = text.replace(PACKAGE, '');
  // Within a text in backticks a line that looks like a comment may be none.
  return MAY_NAME_POLICIES.test(code.includes('`') ? code : code.replace(COMMENT, ''));
}
