import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { App } from '../src/app.js';
import { SERVICE_CALLER } from '../src/identity/caller.js';

/** A token of the demo mesh, as it stands in the file. */
export interface DemoToken {
  readonly token: string;
  readonly roles: readonly string[];
  readonly domain?: string;
}

/** A service that a test asks, in this process or in one of its own. */
export interface AskedService {
  readonly url: string;
  readonly dataDir: string;
}

/** The tokens of a service's demo mesh, by name. */
export function demoTokens(dataDir: string): Readonly<Record<string, DemoToken>> {
  return JSON.parse(readFileSync(join(dataDir, 'demo-tokens.json'), 'utf8'));
}

/** A new token of a caller with these roles: straight from the app, or made by an operator over HTTP. */
export async function tokenOf(
  from: App | AskedService,
  caller: string,
  roles: readonly string[],
): Promise<string> {
  if ('tokenActs' in from) {
    return (await from.tokenActs.create({ caller, roles }, { caller: SERVICE_CALLER })).secret;
  }
  const operator = Object.values(demoTokens(from.dataDir)).find((each) => each.roles.includes('operator'));
  const response = await fetch(`${from.url}/v1/tokens`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...bearing(operator?.token ?? '') },
    body: JSON.stringify({ caller, roles }),
  });
  const body: any = await response.json();
  if (response.status !== 201) throw new Error(`no token: ${JSON.stringify(body)}`);
  return body.secret;
}

/** The header that a token is sent in. */
export function bearing(token: string): Record<string, string> {
  return { Authorization: `Bearer ${token}` };
}

const services = new Map<string, AskedService>();
const tokens = new Map<string, Promise<string>>();

/** Makes a service known, so that its tests are asked by someone who has every role of its mesh. */
export function knowService(service: AskedService): void {
  services.set(service.url, service);
  tokens.delete(service.url);
}

/** The token of someone with every role of the mesh that an address belongs to; none for an unknown service. */
export async function tokenFor(address: string): Promise<string | undefined> {
  const { origin } = new URL(address);
  const service = services.get(origin);
  if (service === undefined) return undefined;
  const known = tokens.get(origin) ?? tokenOfAllRoles(service);
  tokens.set(origin, known);
  return known;
}

async function tokenOfAllRoles(service: AskedService): Promise<string> {
  const all = Object.values(demoTokens(service.dataDir));
  const roles = [...new Set(all.flatMap((each) => each.roles))];
  const one = all.find((each) => roles.every((role) => each.roles.includes(role)));
  return one === undefined ? tokenOf(service, 'tester', roles) : one.token;
}

/** Fetches with the token of `tokenFor`, unless the request brings its own. */
export async function fetchAuthorized(address: string | URL, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  const token = headers.has('Authorization') ? undefined : await tokenFor(String(address));
  if (token !== undefined) headers.set('Authorization', `Bearer ${token}`);
  return fetch(address, { ...init, headers });
}
