import { wrongOperand, type Builtins } from '../../builtin.js';
import { compareValues, RegoObject, RegoSet, setOf, typeOf, type RegoValue } from '../../value.js';
import { occurrences } from '../text/occurrences.js';
import { itemsOperand } from '../operand.js';
import { placeOf } from './sorted.js';

/** Most vertices in all paths together, and most edges walked; a graph of a few dozen vertices can have more. */
const PATH_STEPS_MAX = 200_000;

export const collectionBuiltins: Builtins = {
  'object.subset'(all, part) {
    if (all instanceof RegoObject && part instanceof RegoObject) return isSubset(all, part);
    if (all instanceof RegoSet && part instanceof RegoSet) return isSubset(all, part);
    if (Array.isArray(all) && (Array.isArray(part) || part instanceof RegoSet)) return isSubset(all, part);
    throw new Error(
      `the operands must be of the same type, or an array and a set, but are ${named(all)} and ${named(part)}`,
    );
  },
  'graph.reachable_paths'(graph, starts) {
    if (!(graph instanceof RegoObject)) throw wrongOperand(graph, 1, 'object');
    return new PathFinder(graph).pathsFrom(itemsOperand(starts, 2));
  },
};

function named(operand: RegoValue | undefined): string {
  return operand === undefined ? 'missing' : typeOf(operand);
}

/** Members of objects may be subsets again; items of sets and arrays must be equal. */
function isSubset(all: RegoValue, part: RegoValue): boolean {
  if (all instanceof RegoObject && part instanceof RegoObject) return isSubsetOfObject(all, part);
  if (all instanceof RegoSet && part instanceof RegoSet) return isSubsetOfSet(all.items, part.items);
  if (Array.isArray(all) && Array.isArray(part)) return standsIn(all as RegoValue[], part as RegoValue[]);
  if (Array.isArray(all) && part instanceof RegoSet) {
    return holdsAsMany(all as RegoValue[], part);
  }
  return false;
}

function isSubsetOfObject(all: RegoObject, part: RegoObject): boolean {
  let at = 0;
  return part.entries.every(([key, value]) => {
    while (at < all.entries.length && compareValues(all.entries[at]?.[0] ?? null, key) < 0) at += 1;
    const entry = all.entries[at];
    if (entry === undefined || compareValues(entry[0], key) !== 0) return false;
    const sameType = typeOf(entry[1]) === typeOf(value);
    return sameType && (compareValues(entry[1], value) === 0 || isSubset(entry[1], value));
  });
}

function isSubsetOfSet(all: readonly RegoValue[], part: readonly RegoValue[]): boolean {
  let at = 0;
  return part.every((item) => {
    while (at < all.length && compareValues(all[at] ?? null, item) < 0) at += 1;
    return at < all.length && compareValues(all[at] ?? null, item) === 0;
  });
}

/**
 * Whether the array has as many items of the set as the set has. As in OPA, an item counts as often as it stands there,
 * and an empty array has not even the empty set.
 */
function holdsAsMany(all: readonly RegoValue[], part: RegoSet): boolean {
  const held = all.filter((item) => isIn(item, part.items)).length;
  return all.length > 0 && held >= part.items.length;
}

/** INVARIANT: the items are sorted. */
function isIn(item: RegoValue, items: readonly RegoValue[]): boolean {
  return placeOf(item, items.length, (place) => items[place]) !== undefined;
}

/** Whether the items stand in the array one after the other. */
function standsIn(all: readonly RegoValue[], part: readonly RegoValue[]): boolean {
  if (part.length === 0) return true;
  const same = (a: RegoValue | undefined, b: RegoValue | undefined): boolean =>
    a !== undefined && b !== undefined && compareValues(a, b) === 0;
  const places = occurrences(
    all.length,
    part.length,
    (a, b) => same(part[a], part[b]),
    (there, sought) => same(all[there], part[sought]),
  );
  return places.next().done !== true;
}

/** A vertex as its place in the graph, or by itself where the graph does not have it. */
type Vertex = number | undefined;

class PathFinder {
  readonly #edges = new Map<number, readonly Vertex[]>();
  readonly #found: RegoValue[][] = [];
  #steps = 0;

  constructor(readonly graph: RegoObject) {}

  /** Every path from the starts to where it goes no further, leaves the graph, or would come back. */
  pathsFrom(starts: readonly RegoValue[]): RegoSet {
    for (const start of starts) {
      const vertex = this.#placeOf(start);
      if (vertex !== undefined) this.#walk(vertex);
    }
    return setOf(this.#found);
  }

  #walk(start: number): void {
    const path: number[] = [start];
    const onPath = new Set(path);
    // How many edges have been followed from each vertex of the path.
    const followed = [0];
    if (this.#edgesOf(start).length === 0) this.#take(path);
    while (path.length > 0) {
      const edges = this.#edgesOf(path.at(-1) ?? 0);
      const next = followed.at(-1) ?? 0;
      if (next >= edges.length) {
        const left = path.pop() ?? 0;
        followed.pop();
        if (left !== start) onPath.delete(left);
        continue;
      }
      followed[followed.length - 1] = next + 1;
      this.#step(1);
      const neighbour = edges[next];
      // As in OPA, an edge of the start to itself is followed once.
      const again = neighbour !== undefined && onPath.has(neighbour) && path.length > 1;
      if (neighbour === undefined || again) {
        this.#take(path);
        continue;
      }
      path.push(neighbour);
      onPath.add(neighbour);
      followed.push(0);
      if (this.#edgesOf(neighbour).length === 0) this.#take(path);
    }
  }

  #take(path: readonly number[]): void {
    this.#step(path.length);
    this.#found.push(path.map((place) => this.graph.entries[place]?.[0] ?? null));
  }

  #step(count: number): void {
    this.#steps += count;
    if (this.#steps > PATH_STEPS_MAX) throw new Error(`the paths have more than ${PATH_STEPS_MAX} steps`);
  }

  #edgesOf(place: number): readonly Vertex[] {
    const known = this.#edges.get(place);
    if (known !== undefined) return known;
    const targets = this.graph.entries[place]?.[1];
    const items = targets instanceof RegoSet ? targets.items : targets;
    // What is no collection has no edges.
    const edges = Array.isArray(items) ? (items as RegoValue[]).map((item) => this.#placeOf(item)) : [];
    this.#edges.set(place, edges);
    return edges;
  }

  #placeOf(vertex: RegoValue): Vertex {
    const { entries } = this.graph;
    return placeOf(vertex, entries.length, (place) => entries[place]?.[0]);
  }
}
