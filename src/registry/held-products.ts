import { readJson } from '../document/json.js';
import { metadataText, type NormalForm } from '../product/metadata.js';
import { OrderedIds } from './ordered-ids.js';
import type { RegisteredProduct } from './registry.js';

/** A registered product with its metadata as the canonical JSON in UTF-8 that its digest is of. */
export interface HeldProduct extends Omit<RegisteredProduct, 'product' | 'contracts'> {
  readonly metadata: Buffer;
}

/** Bytes of metadata that are kept parsed in each of two generations; parsed they take some five times as much. */
const PARSED_BYTES_MAX = 8 * 1024 * 1024;
/** Products of which it is remembered, in each of two generations, that they were asked for. */
const ASKED_MAX = 8192;

/**
 * Registered products in memory, as bytes beside the heap: a hundred thousand of them parsed would take gigabytes, and
 * every collection of garbage would look at them. What is asked for is parsed. What is asked for again soon is kept, and
 * the same object is answered as long as it is asked for often enough; what is asked for once never gets old.
 */
export class HeldProducts {
  readonly #held = new Map<string, HeldProduct>();
  readonly #ids = new OrderedIds();
  readonly #idsByDomain = new Map<string, OrderedIds>();
  #parsed = new Map<string, RegisteredProduct>();
  /** Those of before: one that is asked for again goes on, the others are let go. */
  #parsedBefore = new Map<string, RegisteredProduct>();
  #parsedBytes = 0;
  #asked = new Set<HeldProduct>();
  #askedBefore = new Set<HeldProduct>();

  put(product: RegisteredProduct | HeldProduct): void {
    const held = 'metadata' in product ? product : heldOf(product);
    this.delete(held.id);
    this.#held.set(held.id, held);
    this.#ids.add(held.id);
    if (held.domain === undefined) return;
    const ofDomain = this.#idsByDomain.get(held.domain) ?? new OrderedIds();
    ofDomain.add(held.id);
    this.#idsByDomain.set(held.domain, ofDomain);
  }

  delete(id: string): void {
    const held = this.#held.get(id);
    if (held === undefined) return;
    this.#held.delete(id);
    this.#ids.delete(id);
    if (held.domain !== undefined) this.#idsByDomain.get(held.domain)?.delete(id);
    this.#parsed.delete(id);
    this.#parsedBefore.delete(id);
    this.#asked.delete(held);
    this.#askedBefore.delete(held);
  }

  get(id: string): RegisteredProduct | undefined {
    const known = this.#parsed.get(id);
    if (known !== undefined) return known;
    const held = this.#held.get(id);
    if (held === undefined) return undefined;
    const before = this.#parsedBefore.get(id);
    const product = before ?? parsed(held);
    if (before !== undefined || this.#comesAgain(held)) this.#keep(product, held.metadata.length);
    return product;
  }

  /** All of them, each parsed for whoever asks and not kept. */
  *all(): Generator<RegisteredProduct> {
    for (const held of this.#held.values()) yield parsed(held);
  }

  /**
   * Those after an id, in the order of their ids.
   *
   * @param domains whose products; all when absent
   */
  *after(id: string, domains?: readonly string[]): Generator<RegisteredProduct> {
    const orders =
      domains === undefined
        ? [this.#ids]
        : [...new Set(domains)].flatMap((domain) => this.#idsByDomain.get(domain) ?? []);
    for (const next of merged(orders.map((ids) => ids.after(id)))) {
      const held = this.#held.get(next);
      if (held !== undefined) yield this.#parsed.get(next) ?? parsed(held);
    }
  }

  /** Those with the longest metadata, the longest first; of equally long ones those whose ids come first. */
  largest(count: number): readonly RegisteredProduct[] {
    let largest: readonly HeldProduct[] = [];
    for (const held of this.#held.values()) {
      const last = largest[count - 1];
      if (last !== undefined && compareSizes(last, held) <= 0) continue;
      largest = [...largest, held].sort(compareSizes).slice(0, count);
    }
    return largest.map(parsed);
  }

  /** Whether it was asked for lately; from now on it was. */
  #comesAgain(held: HeldProduct): boolean {
    if (this.#asked.has(held) || this.#askedBefore.has(held)) return true;
    if (this.#asked.size === ASKED_MAX) {
      this.#askedBefore = this.#asked;
      this.#asked = new Set();
    }
    this.#asked.add(held);
    return false;
  }

  #keep(product: RegisteredProduct, bytes: number): void {
    if (this.#parsedBytes + bytes > PARSED_BYTES_MAX) {
      this.#parsedBefore = this.#parsed;
      this.#parsed = new Map();
      this.#parsedBytes = 0;
    }
    this.#parsed.set(product.id, product);
    this.#parsedBytes += bytes;
  }
}

function heldOf({ product, contracts, ...rest }: RegisteredProduct): HeldProduct {
  return { ...rest, metadata: Buffer.from(metadataText({ product, contracts })) };
}

// INVARIANT: the metadata were written by `metadataText`.
function parsed({ metadata, ...rest }: HeldProduct): RegisteredProduct {
  return { ...rest, ...(readJson(metadata.toString('utf8')) as NormalForm) };
}

function compareSizes(a: HeldProduct, b: HeldProduct): number {
  return b.metadata.length - a.metadata.length || (a.id < b.id ? -1 : 1);
}

/** Several orders as one. No id stands in two of them. */
function* merged(orders: readonly Generator<string>[]): Generator<string> {
  const [only] = orders;
  if (only !== undefined && orders.length === 1) {
    yield* only;
    return;
  }
  const heads = orders.map((order) => ({ order, id: nextOf(order) }));
  for (;;) {
    let first: (typeof heads)[number] | undefined;
    for (const head of heads) {
      if (head.id !== undefined && (first?.id === undefined || head.id < first.id)) first = head;
    }
    if (first?.id === undefined) return;
    yield first.id;
    first.id = nextOf(first.order);
  }
}

function nextOf(order: Generator<string>): string | undefined {
  const next = order.next();
  return next.done === true ? undefined : next.value;
}
