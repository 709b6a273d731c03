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
  it('goes from an edit to approval in four commands', { timeout: 120_000 }, async () => {
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
    const second = await mesh.as('dan', 'vote', '1', 'approve');
    expect(second).toMatchObject({ code: 0 });
    expect(second.out).toMatch(/^#1 .* {2}approved\n/);
    expect(second.out).toContain('approved by 2 of 3; may be put in force until 2026-07-01T00:00:00.000Z');
    expect(second.out).toMatch(/next: witan activate 1\n$/);
    expect(await mayRead()).toBe(true);

    const whole = await mesh.as('uma', 'proposal', '1');
    expect(whole.out).toMatch(/cleo +approve +cleo +\S+ +agreed\n/);
    expect((await mesh.as('uma', 'proposals', '--layer', 'sales')).out).toMatch(/1 +approved +sales /);
    const effective = await mesh.as('ana', 'effective', 'sales');
    expect(effective.out).toContain('hard   shop    access    shop\n');
    expect(effective.out).toContain('#1 The text of `shop` changes (sales)  approved');
    expect((await mesh.as('uma', 'layers')).out).toMatch(/sales +1\.0\.0 +1 +sales +sha256:/);
  });

  it('stops at faults, which an edit mends', { timeout: 120_000 }, async () => {
    mesh.edit('domains/sales/policy/shop.rego', salesPolicy('\ndeny contains {"message": x}\n'));
    const failed = await mesh.as('ana', 'propose', sales, '--title', 'Closed');
    expect(failed.code).toBe(1);
    expect(failed.out).toMatch(/^\S*domains\/sales\/policy\/shop\.rego:\d+:\d+: .*\[\w+\]\n/);
    expect(failed.out).toMatch(/next: witan propose --edit 2 <folder>\n$/);
    mesh.edit('domains/sales/policy/shop.rego', salesPolicy(NOBODY));
    const mended = await mesh.as('ana', 'propose', '--edit', '2', mesh.policies);
    expect(mended).toMatchObject({ code: 0 });
    expect(mended.out).toMatch(/^#2 Closed {2}open\n/);
    expect(mended.out).toContain('proposal 1 would change `sales` too');
    expect(await mesh.as('dan', 'withdraw', '2', '--reason', 'no')).toMatchObject({ code: 1 });
    expect((await mesh.as('cleo', 'comment', '2', 'not now')).out).toContain('not now');
    expect((await mesh.as('cleo', 'impact', '2', '--again')).out).toContain('of 2 recorded decisions');
    const withdrawn = await mesh.as('ana', 'withdraw', '2', '--reason', 'not now');
    expect(withdrawn.out).toMatch(/^#2 Closed {2}withdrawn\n/);
    expect((await mesh.as('cleo', 'vote', '2', 'approve')).err).toContain('[proposal_closed]');
  });

  it('is an emergency in the hands of operators alone', { timeout: 120_000 }, async () => {
    const line = ['propose', sales, '--break-glass', '--reason', 'a leak'];
    expect(await mesh.as('ana', ...line)).toMatchObject({ code: 1 });
    const emergency = await mesh.as('sam', ...line);
    expect(emergency).toMatchObject({ code: 0 });
    expect(emergency.out).toMatch(/^#3 .* {2}open EMERGENCY\n/);
    expect(emergency.out).toContain('an emergency, says sam: a leak');
    expect(emergency.out).toMatch(/next: witan activate 3 {3}\(another operator\)\n$/);
  });
});
