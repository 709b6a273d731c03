import type { FormatName, NormalForm } from '../metadata.js';
import type { Standard } from './standard.js';

/** One format of descriptors: the standard that says what is valid, and how it is read into the normal form. */
export interface Format {
  readonly name: FormatName;
  readonly standard: Standard;
  /** Reads a document that the standard accepts. */
  read(document: Readonly<Record<string, unknown>>): NormalForm;
}
