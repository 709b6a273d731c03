import type { WaiverRequest } from './waiver-request.js';

/** Whether a waiver exempts now: it is granted, and its end lies ahead. `nowMs` is Unix time in milliseconds. */
export function isInForce({ state, until }: Pick<WaiverRequest, 'state' | 'until'>, nowMs: number): boolean {
  return state === 'granted' && nowMs < Date.parse(until);
}
