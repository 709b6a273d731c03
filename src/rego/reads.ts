/**
 * What may be read of a value: everything; or whether it is there and of which type, and beside that what is named here.
 * `each`: of every element of an array or member of an object, whose indices and keys all count. `members`: of single
 * members, which then take the place of `each`.
 */
export type Reads = true | { readonly each?: Reads; readonly members?: Readonly<Record<string, Reads>> };

/** The custom section in which the toolchain says it (`toolchain/reads.go`). */
const SECTION = 'witan.reads';

/**
 * What every entrypoint of a module may read of its input, by the entrypoint's name. One that is not named may read
 * everything, as every entrypoint of a module without the section may.
 */
export function readsOf(code: WebAssembly.Module): ReadonlyMap<string, Reads> {
  const [section] = WebAssembly.Module.customSections(code, SECTION);
  if (section === undefined) return new Map();
  return new Map(Object.entries(JSON.parse(Buffer.from(section).toString('utf8')) as Record<string, Reads>));
}

/** What is read where both are. */
export function bothRead(one: Reads, other: Reads): Reads {
  if (one === true || other === true) return true;
  const names = [...new Set([one, other].flatMap(({ members }) => Object.keys(members ?? {})))];
  const each = eitherOf(one.each, other.each);
  const members = names.map((name) => [name, eitherOf(readsAt(one, name), readsAt(other, name))] as const);
  return {
    ...(each !== undefined && { each }),
    // INVARIANT: what one of them names is read.
    ...(names.length > 0 && { members: Object.fromEntries(members) as Readonly<Record<string, Reads>> }),
  };
}

function eitherOf(one: Reads | undefined, other: Reads | undefined): Reads | undefined {
  return one === undefined || other === undefined ? (one ?? other) : bothRead(one, other);
}

/** What is read of a member; `undefined` where nothing is. */
export function readsAt(reads: Exclude<Reads, true>, name: string): Reads | undefined {
  const { each, members = {} } = reads;
  return Object.hasOwn(members, name) ? members[name] : each;
}
