import { isObject } from '../document/json.js';
import type { CompiledModule } from '../rego/policy-module.js';

/**
 * What of a value may be read: `all` of it; or whether it is there, of which type it is and what it is if it is no array
 * or object, with what `each` says of every element and member, whose indices and keys all count, and what `members` says
 * of single members.
 */
export type Reads = 'all' | { readonly each?: Reads; readonly members: ReadonlyMap<string, Reads> };

/** The module's section in which the toolchain says for each entrypoint what of the input it may read. */
const SECTION = 'witan.reads';

/** What an entrypoint may read of its input: everything unless its module says less. */
export function readsOf({ code }: CompiledModule): (entrypoint: string) => Reads {
  const [section] = WebAssembly.Module.customSections(code, SECTION);
  const forms: unknown = section === undefined ? {} : JSON.parse(Buffer.from(section).toString('utf8'));
  return (entrypoint) =>
    isObject(forms) && Object.hasOwn(forms, entrypoint) ? readsIn(forms[entrypoint]) : 'all';
}

function readsIn(form: unknown): Reads {
  if (!isObject(form)) return 'all';
  const { each, members } = form;
  return {
    ...(each !== undefined && { each: readsIn(each) }),
    members: new Map(
      Object.entries(isObject(members) ? members : {}).map(([name, below]) => [name, readsIn(below)]),
    ),
  };
}
