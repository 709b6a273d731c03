import { covers, type Refused, type Waiver, type Waivers } from './waiver.js';

/** Waivers of one domain for one policy, each where a refusal would look for it. */
interface Shelf {
  /** Those that name resources, under each of them. */
  readonly byResource: ReadonlyMap<string, readonly Waiver[]>;
  /** Those that name subjects alone, under each of them. */
  readonly bySubject: ReadonlyMap<string, readonly Waiver[]>;
  /** Those that name neither. */
  readonly rest: readonly Waiver[];
}

const NO_SHELF: Shelf = { byResource: new Map(), bySubject: new Map(), rest: [] };
const NONE: readonly Waiver[] = [];

/**
 * Waivers by policy, domain, and what they name, so that a refusal finds its own however many there are. Immutable:
 * who took one sees no half of a change, and a change copies no more than the shelf that it concerns.
 */
export class WaiverIndex implements Waivers {
  readonly #shelves: ReadonlyMap<string, Shelf>;

  private constructor(shelves: ReadonlyMap<string, Shelf>) {
    this.#shelves = shelves;
  }

  static of(waivers: Iterable<Waiver> = []): WaiverIndex {
    const groups = new Map<string, Waiver[]>();
    for (const waiver of waivers) {
      const key = shelfOf(waiver);
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [waiver]);
      else group.push(waiver);
    }
    return new WaiverIndex(new Map([...groups].map(([key, group]) => [key, shelved(group)])));
  }

  /** The same with this waiver, in the place of what had its id there. */
  with(waiver: Waiver): WaiverIndex {
    return this.#changed(waiver, (list) => [...list.filter(({ id }) => id !== waiver.id), waiver]);
  }

  /** The same without this waiver. */
  without(waiver: Waiver): WaiverIndex {
    return this.#changed(waiver, (list) => list.filter(({ id }) => id !== waiver.id));
  }

  find(refused: Refused): Waiver | undefined {
    const shelf = this.#shelves.get(shelfOf(refused));
    if (shelf === undefined) return undefined;
    let found: Waiver | undefined;
    const lists = [
      shelf.byResource.get(refused.resource) ?? NONE,
      shelf.bySubject.get(refused.subject) ?? NONE,
      shelf.rest,
    ];
    for (const list of lists) {
      for (const waiver of list) {
        if ((found === undefined || waiver.id < found.id) && covers(waiver, refused)) found = waiver;
      }
    }
    return found;
  }

  #changed(waiver: Waiver, change: (list: readonly Waiver[]) => readonly Waiver[]): WaiverIndex {
    const key = shelfOf(waiver);
    const { byResource, bySubject, rest } = this.#shelves.get(key) ?? NO_SHELF;
    const changedAt = (lists: ReadonlyMap<string, readonly Waiver[]>, ids: readonly string[]) => {
      const copy = new Map(lists);
      for (const id of ids) {
        const list = change(copy.get(id) ?? NONE);
        if (list.length > 0) copy.set(id, list);
        else copy.delete(id);
      }
      return copy;
    };
    const { resources, subjects } = waiver;
    const shelf: Shelf =
      resources !== undefined
        ? { byResource: changedAt(byResource, resources), bySubject, rest }
        : subjects !== undefined
          ? { byResource, bySubject: changedAt(bySubject, subjects), rest }
          : { byResource, bySubject, rest: change(rest) };
    return new WaiverIndex(new Map([...this.#shelves, [key, shelf]]));
  }
}

/** INVARIANT: no layer, policy or domain has a space in its name. */
function shelfOf({ layer, policy, domain }: Pick<Refused, 'layer' | 'policy' | 'domain'>): string {
  return `${layer} ${policy} ${domain ?? ''}`;
}

function shelved(waivers: readonly Waiver[]): Shelf {
  const byResource = new Map<string, Waiver[]>();
  const bySubject = new Map<string, Waiver[]>();
  const rest: Waiver[] = [];
  const put = (lists: Map<string, Waiver[]>, ids: readonly string[], waiver: Waiver): void => {
    for (const id of new Set(ids)) {
      const list = lists.get(id);
      if (list === undefined) lists.set(id, [waiver]);
      else list.push(waiver);
    }
  };
  for (const waiver of waivers) {
    if (waiver.resources !== undefined) put(byResource, waiver.resources, waiver);
    else if (waiver.subjects !== undefined) put(bySubject, waiver.subjects, waiver);
    else rest.push(waiver);
  }
  return { byResource, bySubject, rest };
}
