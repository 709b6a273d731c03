import type { IncomingMessage } from 'node:http';
import { ANONYMOUS_CALLER, type Caller } from '../identity/caller.js';

const callers = new WeakMap<IncomingMessage, Caller>();

/** Notes who sends a request, once that is known. */
export function identify(request: IncomingMessage, caller: Caller): void {
  callers.set(request, caller);
}

/** Who sends the request, as far as that was shown. */
export function identifiedCaller(request: IncomingMessage): Caller | undefined {
  return callers.get(request);
}

/** Who sends the request: nobody in particular, who may nothing, where that was not shown. */
export function callerOf(request: IncomingMessage): Caller {
  return callers.get(request) ?? ANONYMOUS_CALLER;
}
