import type { IncomingMessage } from 'node:http';
import type { Route } from './route.js';

type Asked = Pick<IncomingMessage, 'method' | 'url'>;

/**
 * Names what requests attempt by the routes that there are: `POST /v1/proposals/{id}/ballots`. Nothing else of an
 * address is told, since it may hold what is nobody's business.
 *
 * @param routes in the order in which they are tried, their paths as express writes them
 */
export function attemptNamer(routes: readonly Pick<Route, 'method' | 'path'>[]): (request: Asked) => string {
  const known = routes.map(({ method, path }) => ({
    method: method.toUpperCase(),
    matches: matcherOf(path),
    template: path.replace(/[:*](\w+)/g, '{$1}'),
  }));
  return ({ method = 'GET', url = '/' }) => {
    // Express hears HEAD where GET is served, and does not mind letters in upper case or a slash at the end.
    const served = method === 'HEAD' ? 'GET' : method;
    const path = url.split('?', 1)[0]?.toLowerCase().replace(/\/$/, '') ?? '';
    const matching = known.filter(({ matches }) => matches.test(path));
    const named = matching.find((each) => each.method === served) ?? matching[0];
    return named === undefined ? `${method} where nothing is` : `${method} ${named.template}`;
  };
}

function matcherOf(path: string): RegExp {
  const segments = path
    .toLowerCase()
    .split('/')
    .map((segment) =>
      segment.startsWith(':') ? '[^/]+' : segment.startsWith('*') ? '.+' : segment.replaceAll('.', '\\.'),
    );
  return new RegExp(`^${segments.join('/')}$`);
}
