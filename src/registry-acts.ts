import { headOf, type Acting } from './audit/act.js';
import type { AccessChangeRecord } from './audit/record.js';
import type { Commit } from './commit.js';
import { DATA_PRODUCT } from './decision/request.js';
import { WitanError, type Fault } from './errors.js';
import { requireRole } from './identity/grant.js';
import type { InMemoryTokens } from './identity/in-memory-tokens.js';
import type { Token } from './identity/token.js';
import type { InTurn } from './in-turn.js';
import type { CurrentPolicies } from './policy/current-policies.js';
import { domainFaults, entityFaults } from './registry/entity-faults.js';
import type { Domain, Entity, Registry } from './registry/registry.js';
import type { Change } from './store/store.js';
import { requireAnotherOperator } from './admission/tokens.js';

/** What became of an entity's tokens when it was deleted. */
export interface DeletedEntity {
  readonly type: string;
  readonly id: string;
  /** Tokens of this person that were revoked with it. */
  readonly tokens_revoked: number;
  /** Tokens of this person that still speak for it. */
  readonly tokens_kept: number;
}

/** What operators change of what the mesh knows. Each change is committed with its record. */
export interface RegistryActs {
  /** @throws WitanError `forbidden`; `invalid_request`; `audit_unavailable` */
  putEntity(entity: Entity, acting: Acting): Promise<{ readonly created: boolean }>;
  /**
   * Deletes an entity. The tokens of a person stay unless they are to be revoked.
   *
   * @throws WitanError `forbidden`; `not_found`; `invalid_request`; `last_operator`; `audit_unavailable`
   */
  deleteEntity(
    entity: { readonly type: string; readonly id: string; readonly revokeTokens: boolean },
    acting: Acting,
  ): Promise<DeletedEntity>;
  /** @throws WitanError `forbidden`; `invalid_request`; `audit_unavailable` */
  putDomain(domain: Domain, acting: Acting): Promise<{ readonly created: boolean }>;
}

/** What these acts are made with; an `App` has it all. */
export interface RegistryActNeeds {
  readonly registry: Registry;
  readonly tokens: InMemoryTokens;
  readonly current: CurrentPolicies;
  readonly commit: Commit;
  readonly councilTurn: InTurn;
  /** Unix time in milliseconds. */
  readonly nowMs: () => number;
  /** UUIDv7. */
  readonly newId: () => string;
}

/** The type of those whom the councils know as members. */
const PERSON = 'user';

export function createRegistryActs(needs: RegistryActNeeds): RegistryActs {
  const { registry, tokens, commit, councilTurn } = needs;
  const record = accessChange.bind(undefined, needs);
  /** An operator's act, alone with what the mesh knows. */
  const act = <T>({ caller }: Acting, run: () => Promise<T>): Promise<T> =>
    councilTurn(() => {
      requireRole(caller, 'operator');
      return run();
    });
  return {
    putEntity: (entity, acting) =>
      act(acting, async () => {
        const { type, id, domain } = entity;
        refuseProduct(type);
        refuseFaults(entityFaults(entity, registry));
        const known = registry.entity(type, id);
        const event = known === undefined ? 'created' : 'changed';
        await commit({
          record: record(acting, { event, entity: { type, id } }, domain ?? known?.domain),
          changes: [{ kind: 'put_entity', entity }],
        });
        return { created: known === undefined };
      }),
    deleteEntity: ({ type, id, revokeTokens }, acting) =>
      act(acting, async () => {
        refuseProduct(type);
        const known = registry.entity(type, id);
        if (known === undefined)
          throw new WitanError('not_found', `the \`${type}\` \`${id}\` is not registered`);
        if (revokeTokens && type !== PERSON) {
          throw new WitanError(
            'invalid_request',
            `\`revoke_tokens\` is for a \`${PERSON}\`: nothing else has tokens`,
          );
        }
        const live = type === PERSON ? unrevoked(tokens, id) : [];
        const revoked = revokeTokens ? live : [];
        requireAnotherOperator(tokens, revoked, needs.nowMs());
        const said = record(
          acting,
          {
            event: 'revoked',
            entity: { type, id },
            ...(revoked.length > 0 && { reason: reasonOf(revoked) }),
          },
          known.domain,
        );
        const changes: Change[] = [
          { kind: 'delete_entity', type, id },
          ...revoked.map((token) => ({
            kind: 'put_token' as const,
            token: { ...token, revoked_at: said.time },
          })),
        ];
        await commit({ record: said, changes });
        return { type, id, tokens_revoked: revoked.length, tokens_kept: live.length - revoked.length };
      }),
    putDomain: (domain, acting) =>
      act(acting, async () => {
        const { path } = domain;
        refuseFaults(domainFaults(domain, registry));
        const created = registry.domain(path) === undefined;
        const entity = { type: 'domain', id: path };
        await commit({
          record: record(acting, { event: created ? 'created' : 'changed', entity }, path),
          changes: [{ kind: 'put_domain', domain }],
        });
        return { created };
      }),
  };
}

/** The record of a change, with the domain that it is of. */
function accessChange(
  needs: RegistryActNeeds,
  acting: Acting,
  change: Pick<AccessChangeRecord, 'event' | 'entity' | 'reason'>,
  domain: string | undefined,
): AccessChangeRecord {
  return {
    ...headOf({ ...needs, law: () => needs.current.policies }, acting),
    kind: 'access_change',
    ...change,
    ...(domain !== undefined && { domain }),
  };
}

function refuseProduct(type: string): void {
  if (type !== DATA_PRODUCT) return;
  const message = `a \`${DATA_PRODUCT}\` is no entity: register and retire it at \`/v1/products/{id}\``;
  throw new WitanError('invalid_request', message);
}

function refuseFaults(faults: readonly Fault[]): void {
  const [first] = faults;
  if (first === undefined) return;
  const said = [first.pointer, first.message].filter((part) => part !== undefined).join(' ');
  throw new WitanError('invalid_request', said, { faults });
}

function unrevoked(tokens: InMemoryTokens, caller: string): readonly Token[] {
  return [...tokens.all()].filter((token) => token.caller === caller && token.revoked_at === undefined);
}

/** Names each token, since the record of this act is the only one of their revocation. */
function reasonOf(revoked: readonly Token[]): string {
  return `with it these tokens are revoked: ${revoked.map(({ id }) => id).join(', ')}`;
}
