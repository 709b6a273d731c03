/** In which forms go-yaml can write a text. */
export interface ScalarTraits {
  readonly multiline: boolean;
  readonly plainAllowed: boolean;
  readonly singleQuotedAllowed: boolean;
  /** As a literal block. */
  readonly blockAllowed: boolean;
}

const EMPTY: ScalarTraits = {
  multiline: false,
  plainAllowed: true,
  singleQuotedAllowed: true,
  blockAllowed: false,
};

const FIRST_INDICATOR = /^[#,[\]{}&*!|>'"%@`]/;
/** What begins a comment or ends a key, where it stands within a text. */
const INNER_INDICATOR = /:(?:[ \t]|$)|[ \t\r\n\x85\u2028\u2029\0]#/;
const BREAK = /[\r\n\x85\u2028\u2029]/;

export function scalarTraits(text: string): ScalarTraits {
  if (text === '') return EMPTY;
  const multiline = BREAK.test(text);
  const isSpecial = !PRINTABLE_TEXT.test(text);
  const breakSpace = /[\r\n\x85\u2028\u2029] /.test(text);
  const spaceBreak = / [\r\n\x85\u2028\u2029]/.test(text);
  const hasTab = text.includes('\t');
  const isMarked =
    /^(?:---|\.\.\.|-(?:[ \t]|$)|\?(?:[ \t]|$))/.test(text) ||
    FIRST_INDICATOR.test(text) ||
    INNER_INDICATOR.test(text);
  const singleQuotedAllowed = !breakSpace && !spaceBreak && !hasTab && !isSpecial;
  return {
    multiline,
    singleQuotedAllowed,
    plainAllowed:
      singleQuotedAllowed && !multiline && !isMarked && !text.startsWith(' ') && !text.endsWith(' '),
    blockAllowed: !text.endsWith(' ') && !spaceBreak && !isSpecial,
  };
}

/** Tabs and what is printable; characters beyond the first plane are not. */
const PRINTABLE_TEXT = /^[\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]*$/;

export function isPrintableInYaml(character: string): boolean {
  return character !== '\t' && PRINTABLE_TEXT.test(character);
}
