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
