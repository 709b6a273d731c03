/** A test case as JUnit knows it. */
export interface JunitCase {
  readonly suite: string;
  readonly name: string;
  readonly seconds?: number;
  /** Why it is not well; absent when it passed. */
  readonly outcome?: {
    readonly kind: 'failure' | 'error' | 'skipped';
    readonly message: string;
    readonly details?: string;
  };
  /** What is said beside it. */
  readonly output?: string;
}

/** A JUnit report; cases of one suite stand together, in the order of their suites' first cases. */
export function junit(name: string, cases: readonly JunitCase[]): string {
  const suites = new Map<string, JunitCase[]>();
  for (const one of cases) suites.set(one.suite, [...(suites.get(one.suite) ?? []), one]);
  const body = [...suites].map(([suite, own]) => {
    const inner = own.map(caseOf).join('');
    return `  <testsuite name="${escape(suite)}" ${counts(own)}>\n${inner}  </testsuite>\n`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="${escape(name)}" ${totals(cases)}>\n${body.join('')}</testsuites>\n`;
}

function caseOf({ suite, name, seconds, outcome, output }: JunitCase): string {
  const time = seconds === undefined ? '' : ` time="${seconds.toFixed(6)}"`;
  const head = `    <testcase classname="${escape(suite)}" name="${escape(name)}"${time}`;
  const inside = [
    outcome === undefined ? '' : outcomeOf(outcome),
    output === undefined ? '' : `<system-out>${escape(output)}</system-out>`,
  ].join('');
  return inside === '' ? `${head}/>\n` : `${head}>${inside}</testcase>\n`;
}

function outcomeOf({ kind, message, details }: NonNullable<JunitCase['outcome']>): string {
  const tag = `<${kind} message="${escape(message)}"`;
  return details === undefined ? `${tag}/>` : `${tag}>${escape(details)}</${kind}>`;
}

function totals(cases: readonly JunitCase[]): string {
  const of = (kind: string): number => cases.filter(({ outcome }) => outcome?.kind === kind).length;
  const seconds = cases.reduce((sum, one) => sum + (one.seconds ?? 0), 0);
  return `tests="${cases.length}" failures="${of('failure')}" errors="${of('error')}" time="${seconds.toFixed(6)}"`;
}

function counts(cases: readonly JunitCase[]): string {
  const skipped = cases.filter(({ outcome }) => outcome?.kind === 'skipped').length;
  return `${totals(cases)} skipped="${skipped}"`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
  '\r': '&#13;',
  '\t': '&#9;',
};

function escape(text: string): string {
  return (
    text
      // Halves of characters, and characters that XML 1.0 cannot hold in any form.
      // eslint-disable-next-line no-control-regex -- those are what is meant
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu, '\ufffd')
      .replace(/[&<>"\n\r\t]/g, (character) => ENTITIES[character] ?? character)
  );
}
