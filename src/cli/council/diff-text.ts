import { isObject } from '../../document/json.js';
import { ServerError } from '../ask-server.js';
import { plain, type Style } from '../style.js';
import { section } from './sections.js';

export interface Diff {
  readonly meaning: readonly string[];
}

export function diffIn(answer: unknown): Diff {
  if (isObject(answer) && Array.isArray(answer['meaning'])) return answer as unknown as Diff;
  throw new ServerError('the service answered something that is no diff');
}

export function meaningSection({ meaning }: Diff, style: Style): string {
  return section('what it means', meaning.map(plain), style);
}

export function filesSection(_: Diff, style: Style): string {
  return section('files', [], style);
}
