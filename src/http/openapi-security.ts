import { PERMISSIONS, type Permission } from '../identity/permissions.js';
import { problem, text } from './openapi-parts.js';

/** How callers show who they are, for every route that does not say otherwise. */
export const security = [{ bearer: [] }] as const;

export const securitySchemes = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    description:
      'A token that an operator made with `POST /v1/tokens`, or a JWT of the identity provider that the service is set up with. The roles of a route are alternatives: one of them is needed, for the whole mesh or for the domain that it is about.',
  },
} as const;

export const securityResponses = {
  Unauthenticated: {
    ...problem(
      '`unauthenticated`: no token was sent, or one that is unknown, has expired, was revoked or is not verified',
    ),
    headers: {
      'WWW-Authenticate': {
        schema: text,
        description: '`Bearer`, with an error where a token was sent (RFC 6750)',
      },
    },
  },
  Forbidden: problem(
    '`forbidden`: the sender has none of the roles that are needed, or has them for other domains alone; it is on record as a `refusal`',
  ),
} as const;

const REFUSALS = {
  401: { $ref: '#/components/responses/Unauthenticated' },
  403: { $ref: '#/components/responses/Forbidden' },
} as const;

export interface Operation {
  readonly summary: string;
  readonly description?: string;
  readonly parameters?: readonly object[];
  readonly requestBody?: object;
  /** One of them is needed; none is where there are none. */
  readonly security?: readonly object[];
  readonly responses: Readonly<Record<number, object>>;
}
type Paths = Readonly<Record<string, Readonly<Record<string, Operation>>>>;

const permissions: ReadonlyMap<string, Permission> = new Map(
  Object.entries(PERMISSIONS).map(([route, permission]) => [route.replace(/[:*]\w+/g, '{}'), permission]),
);

/**
 * The paths, each operation with who may use it as the table of permissions says, and what is answered to others.
 *
 * @throws Error for an operation that the table does not know
 */
export function secured(paths: Paths): Paths {
  return mapped(paths, (operations, path) =>
    mapped(operations, (operation, method) => {
      const route = `${method.toUpperCase()} ${path}`;
      const permission = permissions.get(route.replace(/\{\w+\}/g, '{}'));
      if (permission === undefined) throw new Error(`the table of permissions does not know \`${route}\``);
      return withPermission(operation, permission);
    }),
  );
}

function withPermission(operation: Operation, permission: Permission): Operation {
  if (permission === 'anyone') return { ...operation, security: [] };
  const needed =
    permission === 'decision'
      ? // Without a token too, on a developer's machine.
        [{ bearer: ['enforcement_point'] }, {}]
      : permission.roles.map((role) => ({ bearer: [role] }));
  return { ...operation, security: needed, responses: { ...REFUSALS, ...operation.responses } };
}

function mapped<Value>(
  members: Readonly<Record<string, Value>>,
  change: (value: Value, name: string) => Value,
): Readonly<Record<string, Value>> {
  return Object.fromEntries(Object.entries(members).map(([name, value]) => [name, change(value, name)]));
}
