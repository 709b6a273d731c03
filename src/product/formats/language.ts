import { isObject } from '../../document/json.js';
import { textAt, type Members } from './normal-form.js';

/** The language that is read of several: English if it is there, else the first. */
export function mainLanguage(details: Members): string {
  return Object.hasOwn(details, 'en') ? 'en' : (Object.keys(details)[0] ?? 'en');
}

/** A text that may stand in several languages, as `{en: …}` or as a list of such. */
export function inLanguage(value: unknown, language: string): string | undefined {
  if (typeof value === 'string') return value;
  if (Array.isArray(value))
    return (value as unknown[]).map((item) => inLanguage(item, language)).find((text) => text !== undefined);
  return isObject(value)
    ? (textAt(value, language) ?? Object.values(value).find((text) => typeof text === 'string'))
    : undefined;
}
