/**
 * Where Go 1.26 reads a regular expression in another way than re2js: names of groups may be given more than once,
 * names of Unicode classes (`\p{Lowercase_Letter}`) are read without regard to case, spaces and hyphens, and `[:]`
 * within a class is two characters.
 */
export interface RewrittenPattern {
  readonly source: string;
  /** Numbers of the groups with that name, in order. */
  readonly groups: ReadonlyMap<string, readonly number[]>;
}

/** Other names of Unicode's categories (`unicode.CategoryAliases`), as Go compares them. */
const CATEGORIES: Readonly<Record<string, string>> = {
  Casedletter: 'Lc',
  Closepunctuation: 'Pe',
  Combiningmark: 'M',
  Connectorpunctuation: 'Pc',
  Control: 'Cc',
  Currencysymbol: 'Sc',
  Dashpunctuation: 'Pd',
  Decimalnumber: 'Nd',
  Enclosingmark: 'Me',
  Finalpunctuation: 'Pf',
  Format: 'Cf',
  Initialpunctuation: 'Pi',
  Letter: 'L',
  Letternumber: 'Nl',
  Lineseparator: 'Zl',
  Lowercaseletter: 'Ll',
  Mark: 'M',
  Mathsymbol: 'Sm',
  Modifierletter: 'Lm',
  Modifiersymbol: 'Sk',
  Nonspacingmark: 'Mn',
  Number: 'N',
  Openpunctuation: 'Ps',
  Other: 'C',
  Otherletter: 'Lo',
  Othernumber: 'No',
  Otherpunctuation: 'Po',
  Othersymbol: 'So',
  Paragraphseparator: 'Zp',
  Privateuse: 'Co',
  Punctuation: 'P',
  Separator: 'Z',
  Spaceseparator: 'Zs',
  Spacingmark: 'Mc',
  Surrogate: 'Cs',
  Symbol: 'S',
  Titlecaseletter: 'Lt',
  Unassigned: 'Cn',
  Uppercaseletter: 'Lu',
  Cntrl: 'Cc',
  Digit: 'Nd',
  Punct: 'P',
};

/** Scripts that re2js knows and Go does not yet; those of more than one word Go 1.26 does not find at all. */
const LATER_SCRIPTS = new Set(['Garay', 'Sidetic', 'Sunuwar', 'Todhri']);
const UNKNOWN_CLASS = String.raw`\p{}`;

const QUOTED = /\\Q[^]*?(?:\\E|$)/y;
const UNICODE_CLASS = /\\([pP])(?:\{([^}]*)\}|([^{]))/y;
const NAMED_GROUP = /\(\?P?<([0-9A-Za-z_]+)>/y;
const POSIX_CLASS = /\[:[^]*?:\]/y;
const CLASS_START = /\[\^?\]?/y;
const ESCAPE = /\\[^]/y;
const OPENING = /\(\??/y;

/** The same pattern as re2js reads it. What is no pattern stays none. */
export function rewritePattern(pattern: string): RewrittenPattern {
  return new Rewriter(pattern).rewritten();
}

class Rewriter {
  readonly #groups = new Map<string, number[]>();
  #count = 0;
  #at = 0;
  #source = '';
  #inClass = false;

  constructor(readonly pattern: string) {}

  rewritten(): RewrittenPattern {
    while (this.#at < this.pattern.length) this.#source += this.#inClass ? this.#classPart() : this.#part();
    return { source: this.#source, groups: this.#groups };
  }

  #part(): string {
    switch (this.pattern[this.#at]) {
      case '\\':
        return this.#take(QUOTED)?.[0] ?? this.#escape();
      case '[':
        this.#inClass = true;
        return this.#take(CLASS_START)?.[0] ?? '';
      case '(':
        return this.#opening();
      default:
        return this.#character();
    }
  }

  #classPart(): string {
    const character = this.pattern[this.#at];
    if (character === '\\') return this.#escape();
    // Alone it is a character, though re2js takes `[:]` for a class.
    if (character === '[') return this.#take(POSIX_CLASS)?.[0] ?? `\\${this.#character()}`;
    if (character === ']') this.#inClass = false;
    return this.#character();
  }

  #character(): string {
    const character = this.pattern.charAt(this.#at);
    this.#at += 1;
    return character;
  }

  #escape(): string {
    const found = this.#take(UNICODE_CLASS);
    if (found === undefined) return this.#take(ESCAPE)?.[0] ?? this.#character();
    const [, letter = '', inBraces, single = ''] = found;
    const given = inBraces ?? single;
    const sign = given.startsWith('^') ? '^' : '';
    const name = canonicalName(given.slice(sign.length));
    return LATER_SCRIPTS.has(name) ? UNKNOWN_CLASS : `\\${letter}{${sign}${CATEGORIES[name] ?? name}}`;
  }

  #opening(): string {
    const named = this.#take(NAMED_GROUP);
    if (named === undefined) {
      const opening = this.#take(OPENING)?.[0] ?? '';
      if (opening === '(') this.#count += 1;
      return opening;
    }
    const [whole, name = ''] = named;
    this.#count += 1;
    const before = this.#groups.get(name);
    this.#groups.set(name, [...(before ?? []), this.#count]);
    // What repeats nothing is a fault, and no flag of a group without a name.
    return before === undefined || this.pattern[this.#at] === '?' ? whole : '(';
  }

  #take(token: RegExp): RegExpExecArray | undefined {
    token.lastIndex = this.#at;
    const found = token.exec(this.pattern) ?? undefined;
    this.#at += found?.[0].length ?? 0;
    return found;
  }
}

/** One capital and small letters, without underscores, spaces and hyphens. */
function canonicalName(name: string): string {
  const letters = name.replaceAll(/[-_ ]/g, '');
  const small = letters.slice(1).replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
  return letters.slice(0, 1).replace(/[a-z]/, (letter) => letter.toUpperCase()) + small;
}
