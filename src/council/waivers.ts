import { millisecondsOf } from '../audit/record-filter.js';
import type { RecordHead, WaiverRecord } from '../audit/record.js';
import { WitanError, type Fault } from '../errors.js';
import type { PoliciesInForce, PolicyInForce } from '../policy/in-force.js';
import { layerChain } from '../policy/layer.js';
import type { Registry } from '../registry/registry.js';
import type { WaiverRequest } from './waiver-request.js';

/** What a domain asks for. */
export type WaiverAsk = Pick<
  WaiverRequest,
  'layer' | 'policy' | 'domain' | 'category' | 'reason' | 'resources' | 'subjects' | 'until'
>;

/** Who does something with a waiver, when (Unix milliseconds), and why. */
export interface WaiverStep {
  readonly by: string;
  readonly nowMs: number;
  readonly reason: string;
}

/** How far ahead a waiver may end. */
const WAIVER_DAYS_MAX = 366;
const DAY_MS = 86_400_000;

/**
 * A waiver as it is asked for: of a soft policy that the domain lies under, for named resources of the domain or named
 * subjects, up to a moment at most 366 days ahead.
 *
 * @throws WitanError `invalid_request` with every fault
 */
export function askForWaiver(
  ask: WaiverAsk,
  { id, by, nowMs }: { readonly id: string; readonly by: string; readonly nowMs: number },
  { policies, registry }: { readonly policies: PoliciesInForce; readonly registry: Registry },
): WaiverRequest {
  const { layer, policy, domain, category, reason, resources, subjects } = ask;
  const faults = [
    ...domainFaults(domain, registry),
    ...policyFaults(ask, policies),
    ...scopeFaults(ask, policies, registry),
    ...untilFaults(ask, nowMs),
  ];
  const [first] = faults;
  if (first !== undefined) {
    throw new WitanError('invalid_request', `${first.pointer ?? ''} ${first.message}`.trim(), { faults });
  }
  return {
    id,
    version: 1,
    layer,
    policy,
    domain,
    category,
    reason,
    ...(resources !== undefined && { resources }),
    ...(subjects !== undefined && { subjects }),
    until: timeOf(millisecondsOf(ask.until)),
    state: 'requested',
    asked_by: by,
    asked_at: timeOf(nowMs),
  };
}

/**
 * The waiver as it was decided. That whoever decides may do so is another question (`waiver-authority.ts`).
 *
 * @throws WitanError `waiver_closed` for one that was decided or revoked already, and where there is nothing left to
 * grant: its end has passed, or its policy is none that can be waived any more
 */
export function decideWaiver(
  waiver: WaiverRequest,
  decision: 'grant' | 'refuse',
  { by, nowMs, reason }: WaiverStep,
  policies: PoliciesInForce,
): WaiverRequest {
  if (waiver.state !== 'requested') throw closed(waiver, `it is \`${waiver.state}\` already`);
  if (decision === 'grant' && hasEnded(waiver, nowMs)) {
    throw closed(waiver, `its end, ${waiver.until}, has passed`);
  }
  if (decision === 'grant' && fallsAway(waiver, policies)) {
    throw closed(waiver, whyNotWaivable(waiver, policyOf(waiver, policies)) ?? '');
  }
  return {
    ...waiver,
    version: waiver.version + 1,
    state: decision === 'grant' ? 'granted' : 'refused',
    decided_by: by,
    decided_at: timeOf(nowMs),
    decision_reason: reason,
  };
}

/**
 * The waiver as it ends before its time: one that is asked for and not decided yet, or one that is granted.
 *
 * @throws WitanError `waiver_closed` for one that was refused, was revoked, or has ended by itself
 */
export function revokeWaiver(waiver: WaiverRequest, { by, nowMs, reason }: WaiverStep): WaiverRequest {
  if (waiver.state === 'refused' || waiver.state === 'revoked') {
    throw closed(waiver, `it is \`${waiver.state}\` already`);
  }
  if (hasEnded(waiver, nowMs)) throw closed(waiver, `it ended by itself, ${waiver.until}`);
  return {
    ...waiver,
    version: waiver.version + 1,
    state: 'revoked',
    revocation_reason: reason,
    revoked_by: by,
    revoked_at: timeOf(nowMs),
  };
}

/** Whether it exempts now: granted, and its end lies ahead. What it exempts from may have fallen away all the same. */
export function isInForce(waiver: Pick<WaiverRequest, 'state' | 'until'>, nowMs: number): boolean {
  return waiver.state === 'granted' && !hasEnded(waiver, nowMs);
}

/** Whether its end has come: at `until` itself it exempts no more. */
export function hasEnded({ until }: Pick<WaiverRequest, 'until'>, nowMs: number): boolean {
  return nowMs >= Date.parse(until);
}

/** Whether it was ever granted, whatever became of it. */
export function wasGranted({ state, decided_at }: Pick<WaiverRequest, 'state' | 'decided_at'>): boolean {
  return state === 'granted' || (state === 'revoked' && decided_at !== undefined);
}

/** Whether there is nothing for it to exempt from: its policy is gone, or is no longer soft. It is kept, and ignored. */
export function fallsAway(
  waiver: Pick<WaiverRequest, 'layer' | 'policy'>,
  policies: Pick<PoliciesInForce, 'layers'>,
): boolean {
  return policyOf(waiver, policies)?.enforcement !== 'soft';
}

/** The record of what happened to a waiver, with all that the waiver says. */
export function waiverRecord(
  head: RecordHead,
  event: WaiverRecord['event'],
  { id, layer, policy, domain, category, resources, subjects, until }: WaiverRequest,
  reason: string,
): WaiverRecord {
  return {
    ...head,
    kind: 'waiver',
    event,
    waiver: id,
    layer,
    policy,
    domain,
    category,
    reason,
    ...(resources !== undefined && { resources }),
    ...(subjects !== undefined && { subjects }),
    until,
  };
}

function policyOf(
  { layer, policy }: Pick<WaiverRequest, 'layer' | 'policy'>,
  { layers }: Pick<PoliciesInForce, 'layers'>,
): PolicyInForce | undefined {
  return layers.get(layer)?.policies.get(policy);
}

function whyNotWaivable(
  { layer, policy }: Pick<WaiverRequest, 'layer' | 'policy'>,
  found: PolicyInForce | undefined,
): string | undefined {
  switch (found?.enforcement) {
    case 'soft':
      return undefined;
    case undefined:
      return `\`${layer}\` has no policy \`${policy}\` in force`;
    case 'hard':
      return `\`${policy}\` of \`${layer}\` is hard: it cannot be waived`;
    case 'advisory':
    case 'shadow':
      return `\`${policy}\` of \`${layer}\` is ${found.enforcement}: it blocks nothing, so it needs no waiver`;
  }
}

function domainFaults(domain: string, registry: Registry): readonly Fault[] {
  return registry.domain(domain) === undefined
    ? [{ pointer: '/domain', message: `\`${domain}\` is not a registered domain` }]
    : [];
}

function policyFaults(ask: WaiverAsk, policies: PoliciesInForce): readonly Fault[] {
  const { layer, domain } = ask;
  const chain = layerChain(domain);
  if (!chain.includes(layer)) {
    const names = chain.map((each) => `\`${each}\``).join(', ');
    const message = `\`${layer}\` is no layer that \`${domain}\` lies under; expected one of ${names}`;
    return [{ pointer: '/layer', message }];
  }
  const why = whyNotWaivable(ask, policyOf(ask, policies));
  return why === undefined ? [] : [{ pointer: '/policy', message: why }];
}

function scopeFaults(ask: WaiverAsk, policies: PoliciesInForce, registry: Registry): readonly Fault[] {
  const { domain, resources, subjects } = ask;
  if (resources === undefined && subjects === undefined) {
    return [
      {
        pointer: '/resources',
        message: 'or `subjects` is required: a waiver names what or whom it is for, never everything',
      },
    ];
  }
  // What a domain denies itself to take in, it denies for resources of others.
  if (policyOf(ask, policies)?.appliesTo.has('consume') === true) return [];
  return (resources ?? []).flatMap((id, index) => {
    const owners = ownersOf(id, registry);
    if (owners.length === 0 || owners.includes(domain)) return [];
    const [owner] = owners;
    const where = owner === undefined ? 'in no domain' : `in \`${owner}\``;
    return [
      {
        pointer: `/resources/${index}`,
        message: `\`${id}\` is registered ${where}, not in \`${domain}\`: a domain asks for what is its own`,
      },
    ];
  });
}

/** The domains of whatever is registered by this id; empty when nothing is. People have ids of their own, and are no resources. */
function ownersOf(id: string, registry: Registry): readonly (string | undefined)[] {
  const product = registry.product(id);
  const entities = [...registry.entities()].filter((entity) => entity.id === id && entity.type !== 'user');
  return [...(product === undefined ? [] : [product.domain]), ...entities.map(({ domain }) => domain)];
}

function untilFaults({ until }: WaiverAsk, nowMs: number): readonly Fault[] {
  const pointer = '/until';
  const untilMs = millisecondsOf(until);
  if (Number.isNaN(untilMs)) {
    return [{ pointer, message: `\`${until}\` is no RFC 3339 time, as \`2026-01-31T00:00:00Z\`` }];
  }
  if (untilMs <= nowMs) return [{ pointer, message: `\`${until}\` must lie ahead: it is ${timeOf(nowMs)}` }];
  const lastMs = nowMs + WAIVER_DAYS_MAX * DAY_MS;
  if (untilMs <= lastMs) return [];
  const message = `\`${until}\` must be at most ${WAIVER_DAYS_MAX} days ahead, ${timeOf(lastMs)}`;
  return [{ pointer, message }];
}

function closed({ id }: WaiverRequest, why: string): WitanError {
  return new WitanError('waiver_closed', `the waiver \`${id}\` is closed: ${why}`);
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}
