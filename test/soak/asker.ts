import type { RunningService } from '../service.js';
import { bearing, demoTokens, fetchAuthorized } from '../tokens.js';

interface Asked {
  readonly method?: string;
  readonly body?: unknown;
  /** Whose token goes with it: someone of the demo; that of someone who may everything, unless given. */
  readonly as?: string;
  /** A token as it is, or none for an empty text. */
  readonly token?: string;
}

/** Asks a service, and throws for another status than those that are expected. */
export type Ask = (path: string, expected: readonly number[], asked?: Asked) => Promise<any>;

/** Answers are JSON where they say so, and text otherwise. */
export function askerOf({ url, dataDir }: RunningService): Ask {
  return async (path, expected, { method, body, as, token } = {}) => {
    const own = as === undefined ? token : demoTokens(dataDir)[as]?.token;
    const response = await fetchAuthorized(`${url}${path}`, {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      headers: {
        ...(own !== undefined && bearing(own)),
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!expected.includes(response.status))
      throw new Error(`${path} was answered with ${response.status} ${text.slice(0, 300)}`);
    const isJson = response.headers.get('Content-Type')?.includes('json') === true;
    return isJson && !text.includes('\n') ? JSON.parse(text) : text;
  };
}
