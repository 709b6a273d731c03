import { pointerSegment } from '../document/pointer.js';
import type { Fault } from '../errors.js';
import { GLOBAL, type Layer } from '../policy/layer.js';
import type { Manifest } from '../policy/manifest.js';
import type { Registry } from '../registry/registry.js';
import { councilOf } from './council.js';

export interface CouncilFaults {
  readonly faults: readonly Fault[];
  readonly warnings: readonly Fault[];
}

/**
 * What a manifest would make of who decides its layer: a council is never left without members, and members that
 * nobody knows are most likely misspelt.
 *
 * @param inForce the manifests in force, that of the layer among them if there is one
 */
export function councilFaults(
  manifest: Manifest,
  inForce: ReadonlyMap<Layer, Manifest>,
  registry: Pick<Registry, 'domain' | 'entity'>,
): CouncilFaults {
  const { layer } = manifest;
  const before = councilOf(layer, inForce);
  const after = councilOf(layer, new Map(inForce).set(layer, manifest));
  const members = [...new Set(after.seats.flatMap((seat) => seat.members))];
  const place = { file: 'manifest.yaml', pointer: manifest.council === undefined ? '' : '/council' };
  if (members.length === 0) {
    const nobody = {
      ...place,
      code: 'council_empty',
      message: `nobody could decide \`${layer}\`: neither its manifest nor one above it names members`,
    };
    // Where nobody could decide before either, this bundle takes nothing away.
    return before.seats.length > 0 ? { faults: [nobody], warnings: [] } : { faults: [], warnings: [nobody] };
  }
  const own = after.of === layer ? unknownMembers(manifest, registry) : [];
  const [only] = members;
  if (members.length > 1 || after.of !== layer) return { faults: [], warnings: own };
  const alone = {
    file: 'manifest.yaml',
    pointer: '/council/members',
    code: 'council_of_one',
    message: `\`${only ?? ''}\` is the only member: what they propose themselves can never be approved`,
  };
  return { faults: [], warnings: [...own, alone] };
}

/** Domains that are not registered have a seat that stands for nobody; a user that is not registered may be misspelt. */
function unknownMembers(
  { layer, council }: Manifest,
  registry: Pick<Registry, 'domain' | 'entity'>,
): readonly Fault[] {
  const pointer = '/council/members';
  const file = 'manifest.yaml';
  const members = council?.members as
    readonly string[] | Readonly<Record<string, readonly string[]>> | undefined;
  const unknownUsers = (ids: readonly string[], at: string): readonly Fault[] =>
    ids.flatMap((id, index) =>
      registry.entity('user', id) === undefined
        ? [
            {
              file,
              pointer: `${at}/${index}`,
              code: 'member_not_registered',
              message: `\`${id}\` is not registered as a user`,
            },
          ]
        : [],
    );
  // INVARIANT: `readManifest` lets only `global` have members by domain.
  if (layer !== GLOBAL) return unknownUsers(members as readonly string[], pointer);
  return Object.entries(members as Readonly<Record<string, readonly string[]>>).flatMap(([domain, ids]) => {
    const at = `${pointer}/${pointerSegment(domain)}`;
    const unknown = {
      file,
      pointer: at,
      code: 'domain_not_registered',
      message: `the domain \`${domain}\` is not registered`,
    };
    return [...(registry.domain(domain) === undefined ? [unknown] : []), ...unknownUsers(ids, at)];
  });
}
