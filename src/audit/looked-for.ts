import { isObject } from '../document/json.js';

/** A record that was parsed, of whatever kind and shape. */
export type Members = Readonly<Record<string, unknown>>;

const NONE: Members = {};

/** The one value that a record has of a member of filters, whatever it is; `undefined` where it has none. */
export function lookedForValue(record: Members, name: string): unknown {
  switch (name) {
    case 'subject':
    case 'resource':
      return membersOf(membersOf(record['evaluation'])[name])['id'];
    case 'action':
      return membersOf(membersOf(record['evaluation'])['action'])['name'];
    case 'caller':
      return membersOf(record['caller'])['id'];
    default:
      return record[name];
  }
}

/** The findings that said something: one that only abstained is in every record that its policy applied to. */
export function tellingFindings(record: Members): readonly Members[] {
  return listOf(record['findings']).filter(
    ({ outcome, obligations, advice }) =>
      (typeof outcome === 'string' && outcome !== 'abstain') || isFilled(obligations) || isFilled(advice),
  );
}

/** The texts whose words are looked for, with those of the findings given. */
export function lookedForTexts(record: Members, findings: readonly Members[]): readonly string[] {
  const said = [
    ...[...listOf(record['reasons']), ...listOf(record['advice'])].map(({ message }) => message),
    ...findings.flatMap(({ error, denials }) => [error, ...listOf(denials).map(({ message }) => message)]),
    record['reason'],
  ];
  return said.filter((text) => typeof text === 'string');
}

/** The value where it is an object, and one without members where it is not. */
export function membersOf(value: unknown): Members {
  return isObject(value) ? value : NONE;
}

function listOf(value: unknown): readonly Members[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function isFilled(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0;
}
