import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openToolchainAt } from '../src/cli/command.js';
import { explainBy } from '../src/cli/explain.js';
import { explanationText } from '../src/cli/explanation-text.js';
import { openMeshBy, type OfflineMesh } from '../src/cli/offline-mesh.js';
import { unrecorded } from '../src/cli/read-evaluation.js';
import { styleOf } from '../src/cli/style.js';
import { decide } from '../src/decision/decide.js';
import type { Evaluation } from '../src/decision/request.js';
import { root } from './service.js';

interface Golden {
  readonly title: string;
  readonly now: string;
  readonly evaluation: Evaluation;
}

const folder = join(root, 'fixtures/decisions');
const cases = readdirSync(folder).map((file) => ({
  file,
  golden: JSON.parse(readFileSync(join(folder, file), 'utf8')) as Golden,
}));
const toolchain = openToolchainAt(join(root, 'build/toolchain.wasm'));
const style = styleOf({ colours: false });
let mesh: OfflineMesh;

beforeAll(async () => {
  const from = { policies: join(root, 'policies'), seed: join(root, 'fixtures/mesh') };
  mesh = await openMeshBy(toolchain, from, { nowMs: () => Date.parse('2026-06-01T00:00:00Z') });
});
afterAll(() => toolchain.close());

describe('the golden decisions of the default mesh, explained', () => {
  test.each(cases)('$file: $golden.title', async ({ golden: { evaluation, now } }) => {
    const nowMs = Date.parse(now);
    const { decision } = decide(mesh.basis, evaluation, unrecorded(nowMs));
    const explanation = await explainBy(toolchain, mesh, evaluation, nowMs);

    // What is explained is what is decided, and OPA's interpreter says of every policy what the module says.
    expect(explanation).toMatchObject({
      decision: decision.decision,
      code: decision.code,
      differs: false,
      truncated: false,
    });
    expect(explanation.summary).toMatch(decision.decision ? /^permitted, because / : /^denied, because /);
    const findings = explanation.layers.flatMap(({ policies }) =>
      policies.filter(({ mattered }) => mattered),
    );
    expect(findings.map(({ policy, layer }) => `${layer}/${policy}`).sort()).toEqual(
      decision.findings
        .flatMap(({ policy, layer }) => (policy === undefined ? [] : [`${layer}/${policy}`]))
        .sort(),
    );

    // Every reason that a policy gives is among what decided, with the definition that gives it.
    for (const { policy, layer, message } of decision.reasons.filter(
      (reason) => reason.policy !== undefined,
    )) {
      expect(explanation.decisive).toContainEqual(
        expect.objectContaining({
          policy,
          layer,
          messages: expect.arrayContaining([message]) as unknown,
          definition: expect.objectContaining({ outcome: 'held' }) as unknown,
        }),
      );
    }
    if (decision.code === 'not_permitted') {
      expect(explanation.decisive.length).toBeGreaterThan(0);
      for (const { role, definition } of explanation.decisive) {
        expect(role).toBe('could_permit');
        expect(definition?.lines.some(({ outcome }) => outcome === 'undefined_or_false')).toBe(true);
      }
    }

    const text = explanationText(explanation, { all: true, style, pathOf: (file) => file });
    for (const { message } of decision.reasons.filter((reason) => reason.policy !== undefined)) {
      expect(text).toContain(message);
    }
    expect(text).not.toMatch(/__local|\$\d|undefined|\[object/);
  });
});
