import type { Fault } from '../errors.js';
import { writeJson } from '../document/json.js';
import { isDomainPath, outerLayers, GLOBAL } from '../policy/layer.js';
import type { Domain, Entity, Registry } from './registry.js';

/** An entity's properties as JSON text in UTF-8, and how deep they nest. */
const PROPERTIES_BYTES_MAX = 64 * 1024;
const PROPERTIES_DEPTH_MAX = 16;
/** Longest type, and longest id. */
const ENTITY_NAME_CHARS_MAX = 256;

/** What is wrong with an entity that is to be registered; pointers lead into the body that describes it. */
export function entityFaults(
  { type, id, domain, properties }: Entity,
  registry: Pick<Registry, 'domain'>,
): readonly Fault[] {
  const faults: Fault[] = [];
  for (const [what, name] of Object.entries({ type, id })) {
    if (name.length === 0 || name.length > ENTITY_NAME_CHARS_MAX) {
      const message = `the ${what} has ${name.length} characters; expected 1 to ${ENTITY_NAME_CHARS_MAX}`;
      faults.push({ message });
    }
  }
  if (domain !== undefined && registry.domain(domain) === undefined) {
    faults.push({ pointer: '/domain', message: `\`${domain}\` is not a registered domain` });
  }
  const bytes = Buffer.byteLength(writeJson(properties));
  if (bytes > PROPERTIES_BYTES_MAX) {
    const message = `has ${bytes} bytes; expected at most ${PROPERTIES_BYTES_MAX}`;
    faults.push({ pointer: '/properties', message });
  }
  if (nestsDeeper(properties, PROPERTIES_DEPTH_MAX)) {
    const message = `nests deeper than ${PROPERTIES_DEPTH_MAX} levels`;
    faults.push({ pointer: '/properties', message });
  }
  return faults;
}

/** What is wrong with a domain that is to be registered. */
export function domainFaults(
  { path }: Pick<Domain, 'path'>,
  registry: Pick<Registry, 'domain'>,
): readonly Fault[] {
  if (!isDomainPath(path)) {
    const message = `\`${path}\` cannot be a domain's path: expected segments such as \`finance/risk\` of small letters, digits and \`_\``;
    return [{ message }];
  }
  const missing = outerLayers(path).find((each) => each !== GLOBAL && registry.domain(each) === undefined);
  if (missing === undefined) return [];
  return [{ message: `\`${path}\` lies in \`${missing}\`, which is not registered: register that first` }];
}

function nestsDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((each) => nestsDeeper(each, levels - 1));
}
