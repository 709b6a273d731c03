import type { IncomingMessage } from 'node:http';
import type { App } from '../app.js';
import { ForbiddenDomain, WitanError } from '../errors.js';
import { askingOf } from './decision-routes.js';
import { problemOf } from './problem.js';
import type { attemptNamer } from './attempt.js';

/** Told of every request that is answered with a problem. */
export type NoteFailed = (request: IncomingMessage, thrown: unknown) => void;

/** Puts requests on record that were refused to who sent them: those without a valid token, and those without the role. */
export function refusalsNoted(
  { refusals, registry }: Pick<App, 'refusals' | 'registry'>,
  attemptOf: ReturnType<typeof attemptNamer>,
): NoteFailed {
  return (request, thrown) => {
    if (!(thrown instanceof WitanError)) return;
    const { status } = problemOf(thrown);
    if (status !== 401 && status !== 403) return;
    // Of what is asked for only a domain that there is: anyone can ask for any text.
    const domain = thrown instanceof ForbiddenDomain ? registry.domain(thrown.domain)?.path : undefined;
    refusals.note(
      {
        attempt: attemptOf(request),
        code: thrown.code,
        reason: thrown.message,
        ...(domain !== undefined && { domain }),
      },
      askingOf(request),
    );
  };
}
