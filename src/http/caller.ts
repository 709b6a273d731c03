import type { IncomingMessage } from 'node:http';
import { ANONYMOUS_CALLER, type Caller } from '../identity/caller.js';

const CALLER = Symbol('caller');

interface Identified {
  [CALLER]?: Caller;
}

/** Notes who sends a request, once that is known. */
export function identify(request: IncomingMessage, caller: Caller): void {
  (request as Identified)[CALLER] = caller;
}

/** Who sends the request, as far as that was shown. */
export function identifiedCaller(request: IncomingMessage): Caller | undefined {
  return (request as Identified)[CALLER];
}

/** Who sends the request: nobody in particular, who may nothing, where that was not shown. */
export function callerOf(request: IncomingMessage): Caller {
  return (request as Identified)[CALLER] ?? ANONYMOUS_CALLER;
}
