import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CliMesh } from './cli-mesh.js';
import { jsonOf, post } from './service.js';

const mesh = new CliMesh();
beforeAll(() => mesh.start());
afterAll(() => mesh.stop());

const sales = join(mesh.policies, 'domains/sales');
/** The only policy of sales, with a rule more. */
const salesPolicy = (rule: string): string => `# METADATA
# title: shop
# description: a policy of a test
# scope: package
# custom:
#   applies_to: [access]
#   controls: []
package mesh.sales.policy.shop

permit := true
${rule}`;
const NOBODY = `
deny contains {"message": "sales is closed"}
`;

/** Whether ana may read a table of sales now. */
const mayRead = async (): Promise<boolean> => {
  const answer = await jsonOf(
    post(`${mesh.url}/access/v1/evaluation`, {
      subject: { type: 'user', id: 'ana' },
      action: { name: 'read' },
      resource: { type: 'table', id: 'orders', properties: { domain: 'sales' } },
    }),
  );
  return answer.decision;
};

describe('a change on the command line', () => {
  it('becomes law in five commands, from an edit to a decision', { timeout: 120_000 }, async () => {
    expect(await mayRead()).toBe(true);
    expect(await mesh.as('ana', 'propose', sales)).toMatchObject({
      code: 1,
      err: 'nothing to propose: sales stands as in revision 1\n',
    });

    mesh.edit('domains/sales/policy/shop.rego', salesPolicy(NOBODY));
    const proposed = await mesh.as('ana', 'propose', mesh.policies);
    expect(proposed).toMatchObject({ code: 0 });
    expect(proposed.out).toMatch(/^#1 The text of `shop` changes {2}open\n/);
    expect(proposed.out).toContain('what it means\n  the text of `shop` changes\n');
    expect(proposed.out).toContain('of 1 recorded decisions 1 would be denied');
    expect(proposed.out).toMatch(/sales +1 +· /);
    expect(proposed.out).toContain('needs 2 of 3 votes, 0 so far, missing: ana, cleo, dan');
    expect(proposed.out).toMatch(/next: witan vote 1 approve\n$/);
    expect(proposed.err).toBe('not for you to read, so left as they are: finance\n');

    const shown = await mesh.as('cleo', 'proposal', '1', '--diff', '--impact');
    expect(shown).toMatchObject({ code: 0 });
    expect(shown.out).toContain('+deny contains {"message": "sales is closed"}');
    expect(shown.out).toContain('newly denied: permitted → forbidden (sales)');
    expect((await mesh.as('jada', 'proposal', '1')).code).toBe(2);

    const first = await mesh.as('cleo', 'vote', '1', 'approve', '--comment', 'agreed');
    expect(first.out).toContain('needs 2 of 3 votes, 1 so far, missing: ana, dan');
    expect(await mesh.as('ana', 'activate', '1')).toMatchObject({
      code: 1,
      err: expect.stringContaining('[proposal_not_approved]'),
    });
    const second = await mesh.as('dan', 'vote', '1', 'approve');
    expect(second).toMatchObject({ code: 0 });
    expect(second.out).toMatch(/^#1 .* {2}approved\n/);
    expect(second.out).toContain('approved by 2 of 3; may be put in force until 2026-07-01T00:00:00.000Z');
    expect(second.out).toMatch(/next: witan activate 1\n$/);
    expect(await mayRead()).toBe(true);

    const active = await mesh.as('ana', 'activate', '1', '--reason', 'the quarter ends');
    expect(active).toMatchObject({ code: 0 });
    expect(active.out).toMatch(/^#1 .* {2}active\n/);
    expect(active.out).toContain('in force since revision 2');
    expect(await mayRead()).toBe(false);

    const whole = await mesh.as('uma', 'proposal', '1');
    expect(whole.out).toMatch(/activated +ana +the quarter ends/);
    expect(whole.out).toMatch(/cleo +approve +cleo +\S+ +agreed\n/);
    expect((await mesh.as('uma', 'proposals', '--layer', 'sales')).out).toMatch(/1 +active +sales /);
    const effective = await mesh.as('ana', 'effective', 'sales');
    expect(effective.out).toContain('hard   shop    access    shop\n');
    expect(effective.out).toContain('revision 2');
    expect((await mesh.as('uma', 'layers')).out).toMatch(/sales +1\.0\.0 +1 +sales +sha256:/);
  });

  it('goes back by a roll back that is voted on as any other', { timeout: 120_000 }, async () => {
    const back = await mesh.as('ana', 'rollback', 'sales', '--reason', 'too much is closed');
    expect(back).toMatchObject({ code: 0 });
    expect(back.out).toContain('#2 Roll back sales to revision 1');
    await mesh.as('cleo', 'vote', '2', 'approve');
    await mesh.as('dan', 'vote', '2', 'approve');
    expect(await mesh.as('cleo', 'activate', '2')).toMatchObject({ code: 0 });
    expect(await mayRead()).toBe(true);
    const listed = await mesh.as('uma', 'proposals', '--layer', 'sales');
    expect(listed.out).toMatch(/2 +active +sales .*\n +1 +superseded +sales /);
  });

  it('stops at faults, which an edit mends', { timeout: 120_000 }, async () => {
    mesh.edit('domains/sales/policy/shop.rego', salesPolicy('\ndeny contains {"message": x}\n'));
    const failed = await mesh.as('ana', 'propose', sales, '--title', 'Closed');
    expect(failed.code).toBe(1);
    expect(failed.out).toMatch(/^\S*domains\/sales\/policy\/shop\.rego:\d+:\d+: .*\[\w+\]\n/);
    expect(failed.out).toMatch(/next: witan propose --edit 3 <folder>\n$/);
    mesh.edit('domains/sales/policy/shop.rego', salesPolicy(NOBODY));
    const mended = await mesh.as('ana', 'propose', '--edit', '3', mesh.policies);
    expect(mended).toMatchObject({ code: 0 });
    expect(mended.out).toMatch(/^#3 Closed {2}open\n/);
    expect(await mesh.as('dan', 'withdraw', '3', '--reason', 'no')).toMatchObject({ code: 1 });
    expect((await mesh.as('cleo', 'comment', '3', 'not now')).out).toContain('not now');
    expect((await mesh.as('cleo', 'impact', '3', '--again')).out).toContain('of 4 recorded decisions');
    const withdrawn = await mesh.as('ana', 'withdraw', '3', '--reason', 'not now');
    expect(withdrawn.out).toMatch(/^#3 Closed {2}withdrawn\n/);
    expect((await mesh.as('cleo', 'vote', '3', 'approve')).err).toContain('[proposal_closed]');
  });

  it('comes at once by two operators, who are two people', { timeout: 120_000 }, async () => {
    const line = ['propose', sales, '--break-glass', '--reason', 'a leak'];
    expect(await mesh.as('ana', ...line)).toMatchObject({ code: 1 });
    const emergency = await mesh.as('sam', ...line);
    expect(emergency).toMatchObject({ code: 0 });
    expect(emergency.out).toMatch(/^#4 .* {2}open EMERGENCY\n/);
    expect(emergency.out).toContain('an emergency, says sam: a leak');
    expect(emergency.out).toMatch(/next: witan activate 4 {3}\(another operator\)\n$/);
    expect(await mesh.as('sam', 'activate', '4')).toMatchObject({ code: 1 });
    const active = await mesh.as('tess', 'activate', '4', '--reason', 'seen');
    expect(active).toMatchObject({ code: 0 });
    expect(active.out).toMatch(/next: witan vote 4 approve {3}\(ratifies it\)\n$/);
    expect(await mayRead()).toBe(false);
  });
});
