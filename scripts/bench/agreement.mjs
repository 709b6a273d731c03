/** Whoever answers wrongly is not measured. */

const ASKED = 64;

/**
 * Asks questions from all over a workload, one after the other.
 *
 * @throws Error for the first answer that is not the one that every engine should give
 */
export async function requireRightAnswers({ title, url }, { path, bodies, isRight }) {
  const every = Math.max(1, Math.floor(bodies.length / ASKED));
  for (let at = 0; at < bodies.length; at += every) {
    const body = JSON.stringify(bodies[at]);
    const response = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body,
    });
    const text = await response.text();
    if (response.status !== 200 || !isRight(JSON.parse(text)))
      throw new Error(
        `${title} answers ${body.slice(0, 500)} with ${response.status} ${text.slice(0, 1000)}`,
      );
  }
}
