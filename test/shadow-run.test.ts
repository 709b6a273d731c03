import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CouncilMesh, denies, PERMIT, seedOf, SID, SILENT } from './council-mesh.js';

const mesh = new CouncilMesh(
  seedOf({
    global: { ...PERMIT, manifest: "audit: { mask: ['/resource/id'] }\n" },
    sales: SILENT,
    finance: SILENT,
  }),
);
beforeAll(() => mesh.start());
afterAll(() => mesh.stop());

const report = (id: string) => mesh.app.shadows.reportOf(mesh.app.council.proposal(id)!);
const shadows = (id: string) => mesh.records(`kind=shadow&proposal=${id}`);

/** Waits until the shadow has looked at so many decisions, or skipped them. */
async function looked(id: string, count: number) {
  await expect
    .poll(async () => {
      const { evaluated, skipped } = await report(id);
      return evaluated + skipped;
    })
    .toBe(count);
  return report(id);
}

describe('a shadow run', () => {
  let id = '';

  it('evaluates the proposed bundle beside the one in force, and records what would have been another', async () => {
    const proposal = await mesh.approved({
      rules:
        'permit := true\n\ndeny contains {"message": sprintf("no %s", [input.resource.id])} if input.domain == "sales"',
      manifest: "audit: { mask: ['/resource/id'] }\n",
    });
    id = proposal.id;
    const running = await mesh.app.activation.activate(
      id,
      { shadow: { until: new Date(mesh.nowMs + 3_600_000).toISOString() } },
      SID,
    );
    expect(running).toMatchObject({ state: 'shadow', shadow: { since: expect.any(String) } });
    for (const domain of ['sales', 'sales', 'finance']) {
      expect(await mesh.decide(domain)).toMatchObject({ decision: true, context: { revision: 1 } });
    }
    const found = await looked(id, 3);
    expect(found).toMatchObject({
      evaluated: 3,
      skipped: 0,
      divergent: 2,
      by_domain: { sales: { evaluated: 2, divergent: 2 }, finance: { evaluated: 1, divergent: 0 } },
    });
    const records = await shadows(id);
    expect(records).toHaveLength(2);
    const decisions = await mesh.records('kind=decision&domain=sales');
    expect(records.map(({ record }) => record.of)).toEqual(decisions.map(({ record }) => record.id));
    expect(found.samples).toMatchObject([
      { was: { decision: true }, would_be: { decision: false, code: 'forbidden' } },
      { decision: decisions[0]?.record.id, shadow: records[0]?.record.id },
    ]);
  });

  it('says nothing of what is masked', async () => {
    const text = JSON.stringify((await shadows(id)).map(({ record }) => record.reasons));
    expect(text).toContain('no ');
    expect(text).not.toContain('sales-table');
  });

  it('follows the law when that moves, and goes on when the service starts again', async () => {
    const votes = [
      ['sid', 'sid', 'approve'],
      ['sue', 'sue', 'approve'],
    ] as const;
    const other = await mesh.approved(denies('sales says no'), { layer: 'sales', votes });
    await mesh.app.activation.activate(other.id, {}, SID);
    await mesh.app.shadows.reload();
    await mesh.decide('sales');
    await expect.poll(async () => (await shadows(id)).length).toBe(3);
    expect((await shadows(id)).at(-1)?.record).toMatchObject({
      revision: 2,
      reasons: [{ layer: 'global' }, { message: 'sales says no' }],
    });
    await mesh.stop();
    await mesh.start();
    await mesh.decide('sales');
    expect(await looked(id, 1)).toMatchObject({ divergent: 4, by_domain: { sales: { evaluated: 1 } } });
  });

  it('skips what it cannot keep up with, says how much, and fails nobody', async () => {
    const { evaluated } = await report(id);
    const asked = Array.from({ length: 30 }, () =>
      mesh.app.decisionPoint.decideAll(
        Array.from({ length: 100 }, () => ({
          subject: { type: 'user', id: 'bob' },
          action: { name: 'read' },
          resource: { type: 'table', id: 't', properties: { domain: 'finance' } },
        })),
        'execute_all',
        SID,
      ),
    );
    const answers = (await Promise.all(asked)).flat();
    expect(answers.every(({ decision }) => decision.decision)).toBe(true);
    const found = await looked(id, evaluated + 3000);
    expect(found.skipped).toBeGreaterThan(0);
    expect(found.evaluated).toBeGreaterThan(evaluated);
  });

  it('ends at its time, and the proposal may still come into force', async () => {
    mesh.nowMs += 3_600_000;
    await mesh.app.activation.tick();
    expect(mesh.app.council.proposal(id)).toMatchObject({ state: 'approved' });
    const before = (await shadows(id)).length;
    await mesh.decide('sales');
    await mesh.app.activation.activate(id, {}, SID);
    expect(await mesh.decide('sales')).toMatchObject({ decision: false });
    expect(await shadows(id)).toHaveLength(before);
  });

  it('may come into force while it runs', async () => {
    const next = await mesh.approved({ ...PERMIT, version: '9.0.0' });
    await mesh.app.activation.activate(next.id, { shadow: {} }, SID);
    await expect(mesh.app.activation.activate(next.id, { shadow: {} }, SID)).rejects.toMatchObject({
      code: 'invalid_request',
    });
    expect(await mesh.app.activation.activate(next.id, {}, SID)).toMatchObject({ state: 'active' });
  });
});
