import type { ShownProposal } from '../../council/shown-proposal.js';
import { isObject } from '../../document/json.js';
import { ServerError } from '../ask-server.js';

export type { ShownProposal };

/** A proposal of a list: without ballots, comments and timeline. */
export type ListedProposal = Omit<ShownProposal, 'ballots' | 'comments' | 'timeline'>;

/** @throws ServerError when the answer is no proposal: a command shows nothing that is not one */
export function proposalIn(answer: unknown): ShownProposal {
  if (
    isListed(answer) &&
    ['ballots', 'comments', 'timeline'].every((name) => Array.isArray((answer as object as Members)[name]))
  ) {
    // INVARIANT: what a command shows of a proposal was looked at here.
    return answer as ShownProposal;
  }
  throw new ServerError('the service answered something that is no proposal');
}

/** @throws ServerError */
export function proposalsIn(answer: unknown): {
  readonly proposals: readonly ListedProposal[];
  readonly next?: string;
} {
  const { proposals, next } = isObject(answer) ? answer : {};
  if (!Array.isArray(proposals) || !proposals.every(isListed)) {
    throw new ServerError('the service answered something that is no list of proposals');
  }
  return { proposals, ...(typeof next === 'string' && { next }) };
}

type Members = Readonly<Record<string, unknown>>;

function isListed(value: unknown): value is ListedProposal {
  return (
    isObject(value) &&
    ['id', 'layer', 'title', 'author', 'digest', 'state', 'created_at'].every(
      (name) => typeof value[name] === 'string',
    ) &&
    isObject(value['base'])
  );
}

/** The objects of a list of an answer. @throws ServerError when there is no such list */
export function objectsIn(answer: unknown, name: string): readonly Members[] {
  const list = isObject(answer) ? answer[name] : undefined;
  if (Array.isArray(list) && list.every(isObject)) return list;
  throw new ServerError(`the service answered without a list of \`${name}\``);
}
