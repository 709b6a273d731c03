import { relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Explanation } from '../decision/explanation.js';
import { runDecide } from './decide.js';
import { runExplain } from './explain.js';
import { explanationText } from './explanation-text.js';
import { styleOf } from './style.js';
import { EXIT } from './terminal.js';
import { bench, folderOf, SMALL_POLICIES } from './testing/bench.js';

const policies = folderOf({
  ...SMALL_POLICIES,
  // A second grant, so that there is a closest one, and a rule that can err.
  'global/manifest.yaml': SMALL_POLICIES['global/manifest.yaml']!.replace(
    'policies:\n',
    'policies:\n  staff: { enforcement: hard }\n  quota: { enforcement: hard }\n',
  ),
  'global/policy/staff.rego': SMALL_POLICIES['global/policy/season.rego']!.replace('Season', 'Staff').replace(
    /^package[\s\S]*/m,
    `package mesh.global.policy.staff

permit if {
	input.action.name == "query"
	input.subject.properties.role in roles
}

roles := {"clerk", "steward"}
`,
  ),
  'global/policy/quota.rego': SMALL_POLICIES['global/policy/season.rego']!.replace('Season', 'Quota').replace(
    /^package[\s\S]*/m,
    `package mesh.global.policy.quota

deny contains {"message": "over quota"} if to_number(input.context.used) > 3
`,
  ),
});
afterAll(() => {
  policies.remove();
});

const request = (context: object = {}): string =>
  JSON.stringify({
    subject: { type: 'user', id: 'ada', properties: { role: 'guest' } },
    action: { name: 'query' },
    resource: { type: 'report', id: 'r' },
    context,
  });

const given = { request: '-', policies: policies.path, seed: 'none' } as const;
const explain = async (options: Partial<Parameters<typeof runExplain>[0]> = {}, stdin = request()) => {
  const needs = bench(stdin);
  const code = await runExplain({ ...given, format: 'pretty', all: false, ...options }, needs);
  // Paths begin where the command runs, which is of no interest here.
  return { code, out: needs.out().replaceAll(`${relative('', policies.path)}/`, ''), err: needs.err() };
};

describe('witan explain', () => {
  it('a refusal for want of a grant: the closest first, where it stopped and what it read', async () => {
    const { code, out, err } = await explain();
    expect({ code, err }).toEqual({ code: EXIT.no, err: 'decided offline: this decision is not recorded\n' });
    expect(out).toBe(`DENY not_permitted
denied, because no policy of \`global\` permits \`query\` here; \`staff\` of \`global\` came closest, with 1 of 2 conditions, and stopped at \`input.subject.properties.role in roles\`

what could have permitted it

  global/staff (hard) does not permit
    global/policy/staff.rego:11 permit: 1 of 2 conditions held
      12 ✓ input.action.name == "query"
             input.action.name = "query"
      13 ✗ input.subject.properties.role in roles
             input.subject.properties.role = "guest", roles = ["clerk","steward"]

  and 1 grant that came less far, which --all shows

who was asked
  global (access): 3 policies
    - 3 had nothing to say: quota, season, staff

✓ holds   ✗ does not hold   · not reached
`);
  });

  it('a permit as of the time given, with what comes with it', async () => {
    const { code, out } = await explain({ now: '2026-05-01T00:00:00Z' });
    expect(code).toBe(EXIT.fine);
    expect(out).toBe(`PERMIT permitted
permitted, because \`season\` of \`global\` permits it and none of the 3 policies that were asked forbids it; 1 obligation comes with it

what decided it

  global/season (hard) permits
    global/policy/season.rego:11 permit
      11 ✓ startswith(input.now, "2026-05")
             input.now = "2026-05-01T00:00:00.000Z"

  global/season (hard) obliges: mask column orders.email: redact
    global/policy/season.rego:13 obligations
      14 ✓ permit

who was asked
  global (access): 3 policies
    ✓ season (hard) permits; obliges: mask column orders.email: redact
    - 2 had nothing to say: quota, staff

✓ holds   ✗ does not hold   · not reached
`);
  });

  it('an error: where it happened and what the line had read', async () => {
    const { code, out } = await explain({ now: '2026-05-01T00:00:00Z' }, request({ used: 'much' }));
    expect(code).toBe(EXIT.no);
    expect(out).toMatch(
      /^DENY policy_error\ndenied, because `quota` of `global` could not be evaluated: .*to_number/,
    );
    expect(out).toMatch(/^ {4}failed at global\/policy\/quota.rego:11:\d+: to_number: .*"much"/m);
    expect(out).toContain('      11 ✗ to_number(input.context.used) > 3\n');
    expect(out).toContain('input.context.used = "much"');
  });

  it('--all shows every policy line by line', async () => {
    const { out } = await explain({ all: true });
    expect(out).toContain(`    global/policy/season.rego:11 permit: 0 of 1 condition held
      11 ✗ startswith(input.now, "2026-05")
             input.now = "2026-06-01T12:00:00.000Z"
`);
    expect(out).toContain(`    - quota (hard) had nothing to say
        global/policy/quota.rego:11 deny
          11 ✗ to_number(input.context.used) > 3
                 input.context.used is missing
`);
  });

  it('--format json gives the explanation as a value', async () => {
    const { code, out } = await explain({ format: 'json' });
    expect(code).toBe(EXIT.no);
    expect(JSON.parse(out)).toMatchObject({
      decision: false,
      code: 'not_permitted',
      differs: false,
      truncated: false,
      decisive: [
        { role: 'could_permit', policy: 'staff' },
        { role: 'could_permit', policy: 'season' },
      ],
      layers: [{ layer: 'global', kind: 'access', policies: [{}, {}, {}] }],
    });
  });

  it.each([{}, { used: 'much' }, { used: '4' }])('answers as witan decide does, for %j', async (context) => {
    for (const now of ['2026-05-01T00:00:00Z', '2026-06-01T00:00:00Z']) {
      const needs = bench(request(context));
      const decided = await runDecide({ ...given, now, format: 'json' }, needs);
      const answer = JSON.parse(needs.out());
      const { code, out } = await explain({ now, format: 'json' }, request(context));
      const { decision, code: word } = JSON.parse(out);
      expect({ code, decision, word }).toEqual({
        code: decided,
        decision: answer.decision,
        word: answer.context.code,
      });
    }
  });

  it.each<[string, Parameters<typeof explain>[0], string]>([
    ['a file that does not exist', { request: 'nowhere.json' }, 'not_found'],
    ['a folder that does not exist', { policies: 'nowhere' }, 'not_found'],
    ['a time that is none', { now: 'yesterday' }, 'invalid_request'],
  ])('refuses %s', async (_, options, code) => {
    await expect(explain(options)).rejects.toMatchObject({ name: 'WitanError', code });
  });

  it('names every fault of a request with its place', async () => {
    await expect(explain({}, '{\n "subject": {} }')).rejects.toMatchObject({
      code: 'invalid_request',
      faults: expect.arrayContaining([expect.objectContaining({ pointer: '/subject/id', row: 2 })]),
    });
  });
});

describe('the text of an explanation', () => {
  let explanation: Explanation;
  beforeAll(async () => {
    explanation = JSON.parse((await explain({ format: 'json' })).out) as Explanation;
  });
  const text = (changed: Partial<Explanation> = {}, colours = false): string =>
    explanationText(
      { ...explanation, ...changed },
      {
        all: false,
        style: styleOf({ colours }),
        pathOf: (file) => file,
      },
    );

  it('says first of all where the trace differs from the decision', () => {
    const [layer] = explanation.layers;
    const [first, ...others] = layer!.policies;
    const differing = {
      ...first!,
      differs: { module: 'it abstains', interpreter: 'it is in error: boom\u001b[31m' },
    };
    const lines = text({ differs: true, layers: [{ ...layer!, policies: [differing, ...others] }] }).split(
      '\n',
    );
    expect(lines.slice(2, 5)).toEqual([
      `! the trace of global/${first!.policy} differs from the decision, which is the module's:`,
      '    the module that decided: it abstains',
      "    OPA's interpreter:       it is in error: boom [31m",
    ]);
  });

  it('says what could not be traced, and that a trace was cut', () => {
    const layers = explanation.layers.map((layer) => ({ ...layer, untraced: 'it took too long' }));
    expect(text({ layers, truncated: true })).toContain(
      '! global could not be traced: it took too long\n! the trace was too long and was cut: what is not reached below may have been\n',
    );
  });

  it('shows a few grants of many', () => {
    const [first] = explanation.decisive;
    const many = Array.from({ length: 9 }, (_, index) => ({ ...first!, policy: `p${index}` }));
    expect(text({ decisive: many })).toContain('and 3 grants that came less far, which --all shows');
  });

  it('has colours only where they are shown', () => {
    expect(text()).not.toContain('\u001b');
    expect(text({}, true)).toContain('\u001b[31m\u001b[1mDENY');
  });
});
