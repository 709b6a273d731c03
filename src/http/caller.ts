import type { IncomingMessage } from 'node:http';
import { LOCAL_CALLER, type Caller } from '../identity/caller.js';

const callers = new WeakMap<IncomingMessage, Caller>();

/** Notes who sends a request, once that is known. */
export function identify(request: IncomingMessage, caller: Caller): void {
  callers.set(request, caller);
}

/** Who sends the request. */
export function callerOf(request: IncomingMessage): Caller {
  return callers.get(request) ?? LOCAL_CALLER;
}
