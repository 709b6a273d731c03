import { Agent, request } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CouncilMesh, denies, PERMIT, seedOf, SID } from './council-mesh.js';

const CONNECTIONS = 200;
/** The gate is content with few; `WITAN_TEST_ACTIVATIONS` asks for more. */
const ACTIVATIONS = Number(process.env['WITAN_TEST_ACTIVATIONS'] ?? 12);

const mesh = new CouncilMesh({
  ...seedOf({ global: PERMIT, sales: denies('revision 1'), finance: PERMIT }),
});
beforeAll(() => mesh.start());
afterAll(() => mesh.stop());

const EVALUATION = {
  subject: { type: 'user', id: 'bob' },
  action: { name: 'read' },
  resource: { type: 'table', id: 'sales-table', properties: { domain: 'sales' } },
};
/** Every third asks for three in one request. */
const single = JSON.stringify(EVALUATION);
const batch = JSON.stringify({ ...EVALUATION, evaluations: [{}, {}, {}] });

function ask(agent: Agent, many: boolean): Promise<any> {
  return new Promise((resolve, reject) => {
    const body = many ? batch : single;
    const asked = request(
      `${mesh.url}/access/v1/evaluation${many ? 's' : ''}`,
      {
        method: 'POST',
        agent,
        headers: { 'Content-Type': 'application/json', 'Content-Length': body.length },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () => {
          if (response.statusCode === 200) resolve(JSON.parse(text));
          else reject(new Error(`${String(response.statusCode)}: ${text}`));
        });
      },
    );
    asked.on('error', reject);
    asked.end(body);
  });
}

test('no request fails while the law changes, every answer is by one law, and the log keeps their order', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  let running = true;
  const failures: string[] = [];
  let answers = 0;
  const client = async (n: number): Promise<void> => {
    for (let turn = n; running; turn += 1) {
      try {
        const { evaluations, ...alone } = await ask(agent, turn % 3 === 0);
        for (const { context } of evaluations ?? [alone]) {
          answers += 1;
          // The message names the revision that the bundle came into force with.
          expect(context.reasons[0].message).toBe(`revision ${String(context.revision)}`);
        }
      } catch (thrown) {
        failures.push(String(thrown));
      }
    }
  };
  const clients = Promise.all(Array.from({ length: CONNECTIONS }, (_, n) => client(n)));
  for (let n = 2; n < ACTIVATIONS + 2; n += 1) {
    const made = { ...denies(`revision ${n}`), version: `1.0.${n}` };
    const { id } = await mesh.approved(made, {
      layer: 'sales',
      votes: [
        ['sid', 'sid', 'approve'],
        ['sue', 'sue', 'approve'],
      ],
    });
    await mesh.app.activation.activate(id, {}, SID);
  }
  running = false;
  await clients;
  agent.destroy();
  expect(failures).toEqual([]);
  expect(answers).toBeGreaterThan(1000);

  let revision = 1;
  const seen = new Set<number>();
  for await (const records of mesh.app.store.records.scan(
    {},
    { upTo: await mesh.app.store.records.size() },
  )) {
    for (const { bytes } of records) {
      const record = JSON.parse(bytes.toString('utf8'));
      if (record.kind === 'activation') {
        expect(record.revision).toBe(revision + 1);
        revision = record.revision;
      } else if (record.kind === 'decision') {
        expect(record.revision).toBe(revision);
        seen.add(revision);
      }
    }
  }
  expect(revision).toBe(ACTIVATIONS + 1);
  expect(seen.size).toBeGreaterThan(ACTIVATIONS / 2);
}, 600_000);
