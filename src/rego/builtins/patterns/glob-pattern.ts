/** One step of the match of a pattern. Where it can go on at several places, all of them are tried at once. */
export type GlobStep =
  /** Takes one character. */
  | { readonly kind: 'one'; readonly accepts: Accepts }
  /** Takes any number of characters. */
  | { readonly kind: 'many'; readonly accepts: Accepts }
  /** Goes on with the next step, and at another place if there is one. */
  | { readonly kind: 'fork'; other: number | undefined }
  | { readonly kind: 'jump'; to: number };

/** Whether a code point is taken. */
type Accepts = (code: number) => boolean;

/** An alternative that is being read: what leads to the next one, and what leads behind them all. */
interface Group {
  fork: { other: number | undefined };
  readonly jumps: { to: number }[];
}

const any: Accepts = () => true;

/**
 * Reads a pattern of `glob.match` as OPA does: `*` and `?` stop at separators, `**` does not; `[abc]`, `[a-c]` and
 * with `!` their opposites; `{a,b}`; `\` before what is not meant so.
 *
 * @throws Error when it is no pattern
 */
export function readGlob(pattern: string, separators: readonly string[]): readonly GlobStep[] {
  const stops = new Set(separators.map(codeOf));
  return new GlobReader(Array.from(pattern), stops.size === 0 ? any : (code) => !stops.has(code)).steps();
}

class GlobReader {
  #at = 0;
  readonly #steps: GlobStep[] = [];
  readonly #groups: Group[] = [];

  constructor(
    readonly characters: readonly string[],
    readonly betweenSeparators: Accepts,
  ) {}

  steps(): readonly GlobStep[] {
    while (this.#at < this.characters.length) this.#step(this.#next());
    if (this.#groups.length > 0) throw new Error('a `{` of the pattern is not closed');
    return this.#steps;
  }

  #step(character: string): void {
    switch (character) {
      case '*': {
        const isDouble = this.characters[this.#at] === '*';
        if (isDouble) this.#at += 1;
        this.#steps.push({ kind: 'many', accepts: isDouble ? any : this.betweenSeparators });
        return;
      }
      case '?':
        this.#steps.push({ kind: 'one', accepts: this.betweenSeparators });
        return;
      case '[':
        this.#steps.push({ kind: 'one', accepts: this.#class() });
        return;
      case '{':
        this.#groups.push({ fork: this.#fork(), jumps: [] });
        return;
      case '\\':
        this.#literal(this.#next());
        return;
      default:
        this.#groupPart(character);
    }
  }

  /** A comma and a closing brace have their meaning in a group alone. */
  #groupPart(character: string): void {
    const group = this.#groups.at(-1);
    if (group === undefined || (character !== ',' && character !== '}')) {
      this.#literal(character);
      return;
    }
    if (character === ',') {
      const jump: GlobStep & { to: number } = { kind: 'jump', to: 0 };
      this.#steps.push(jump);
      group.jumps.push(jump);
      group.fork.other = this.#steps.length;
      group.fork = this.#fork();
      return;
    }
    for (const jump of group.jumps) jump.to = this.#steps.length;
    this.#groups.pop();
  }

  #fork(): { other: number | undefined } {
    const fork: GlobStep & { other: number | undefined } = { kind: 'fork', other: undefined };
    this.#steps.push(fork);
    return fork;
  }

  #literal(character: string): void {
    const wanted = codeOf(character);
    this.#steps.push({ kind: 'one', accepts: (code) => code === wanted });
  }

  /** What stands between brackets: a range, or the characters of a set. */
  #class(): Accepts {
    const isNot = this.characters[this.#at] === '!';
    if (isNot) this.#at += 1;
    const accepts = this.characters[this.#at + 1] === '-' ? this.#range() : this.#set();
    return isNot ? (code) => !accepts(code) : accepts;
  }

  #range(): Accepts {
    const low = codeOf(this.#next());
    this.#at += 1;
    const high = codeOf(this.#next());
    if (high < low) throw new Error('a range of the pattern ends before it begins');
    if (this.#next() !== ']') throw new Error('more follows after a range of the pattern');
    return (code) => code >= low && code <= high;
  }

  #set(): Accepts {
    const codes = new Set<number>();
    for (let character = this.#next(); character !== ']'; character = this.#next()) {
      codes.add(codeOf(character === '\\' ? this.#next() : character));
    }
    if (codes.size === 0) throw new Error('a set of the pattern is empty');
    return (code) => codes.has(code);
  }

  #next(): string {
    const character = this.characters[this.#at];
    if (character === undefined) throw new Error('the pattern ends too early');
    this.#at += 1;
    return character;
  }
}

function codeOf(character: string): number {
  return character.codePointAt(0) ?? 0;
}
