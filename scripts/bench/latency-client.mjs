/** A small client that notes of every request when it was sent and how long its answer took, which wrk cannot. */
import { Agent, request } from 'node:http';

/**
 * Asks over connections of its own until it is stopped; each waits for its answer before it asks again.
 *
 * @returns `stop`, which waits for the answers on their way, and gives `{ sentMs, tookMs, answer }` of each request,
 *   without an answer where it failed
 */
export function startLatencyClient({ url, workload: { path, bodies }, connections }) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const texts = bodies.map((body) => JSON.stringify(body));
  const noted = [];
  let running = true;
  const ask = async (connection) => {
    for (let at = connection; running; at += connections) {
      const sentMs = performance.now();
      const answer = await post(agent, `${url}${path}`, texts[at % texts.length]);
      noted.push({ sentMs, tookMs: performance.now() - sentMs, answer });
    }
  };
  const ended = Promise.all(Array.from({ length: connections }, (_, connection) => ask(connection)));
  return {
    async stop() {
      running = false;
      await ended;
      agent.destroy();
      return noted;
    },
  };
}

/** The answer, or nothing where there is none or it is an error. */
function post(agent, url, body) {
  const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) };
  return new Promise((resolve) => {
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => (text += chunk));
      response.once('error', () => resolve(undefined));
      response.once('end', () => resolve(response.statusCode === 200 ? JSON.parse(text) : undefined));
    });
    sent.once('error', () => resolve(undefined));
    sent.end(body);
  });
}
