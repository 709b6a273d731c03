import { join } from 'node:path';
import { proposalRecord, timelineEntry } from '../src/council/advance.js';
import { councilOf } from '../src/council/council.js';
import type { Ballot, Proposal, Vote } from '../src/council/proposal.js';
import { tally } from '../src/council/tally.js';
import type { ActivationStep } from '../src/activating/enact.js';
import { createBundle, type Bundle } from '../src/policy/bundle.js';
import { seedFolder, write } from './bundles.js';
import { InProcessMesh } from './in-process-mesh.js';
import { jsonOf, post, temporaryFolder } from './service.js';
import { fetchAuthorized } from './tokens.js';

/** One bundle of a small mesh. The rules stand in one policy, `main`; others may be added as files. */
export interface Made {
  readonly rules: string;
  readonly version?: string;
  readonly files?: Readonly<Record<string, string>>;
  /** Lines of the manifest beside layer, version, policies and council. */
  readonly manifest?: string;
}

const COUNCILS: Readonly<Record<string, string>> = {
  global: '{ members: { sales: [sid], finance: [fay] }, quorum: 1, break_glass_period: PT1H }',
  sales: '{ members: [sid, sue] }',
  finance: '{ members: [fay] }',
};

/** The files of a layer's bundle. */
export function filesOf(
  layer: string,
  { rules, version = '1.0.0', files = {}, manifest = '' }: Made,
): readonly { readonly path: string; readonly text: string }[] {
  const council = COUNCILS[layer] === undefined ? '' : `council: ${COUNCILS[layer]}\n`;
  return [
    {
      path: 'manifest.yaml',
      text: `layer: ${layer}\nversion: ${version}\npolicies:\n  main: { enforcement: hard }\n${council}${manifest}`,
    },
    {
      path: 'policy/main.rego',
      text: `# METADATA
# title: main
# description: a policy of a test
# scope: package
# custom:
#   applies_to: [access]
#   controls: []
package mesh.${layer.replaceAll('/', '.')}.policy.main

${rules}
`,
    },
    ...Object.entries(files).map(([path, text]) => ({ path, text })),
  ];
}

export const PERMIT: Made = { rules: 'permit := true' };
export const SILENT: Made = { rules: 'deny contains {"message": "never"} if false' };
/** Denies, and says so. */
export const denies = (message: string): Made => ({
  rules: `deny contains {"message": "${message}"} if true`,
});

/** Writes what a store is seeded from. */
export function seedOf(layers: Readonly<Record<string, Made>>): Readonly<Record<string, string>> {
  const folder = temporaryFolder();
  for (const [layer, made] of Object.entries(layers)) {
    const bundle = join(folder, layer === 'global' ? 'global' : join('domains', layer));
    for (const { path, text } of filesOf(layer, made)) write(join(bundle, path), text);
  }
  return {
    WITAN_DATA_DIR: join(temporaryFolder(), 'data'),
    WITAN_PORT: '0',
    WITAN_POLICIES: folder,
    WITAN_SEED: seedFolder(Object.keys(layers).filter((layer) => layer !== 'global')),
  };
}

export interface Proposing {
  readonly layer?: string;
  readonly author?: string;
  readonly title?: string;
  /** Who votes, for which seat and how. */
  readonly votes?: readonly (readonly [member: string, seat: string, vote: Vote])[];
  readonly touched?: readonly string[];
}

const BOTH: NonNullable<Proposing['votes']> = [
  ['sid', 'sales', 'approve'],
  ['fay', 'finance', 'approve'],
];

/** A service in this process with a council, whose clock a test moves. Proposals come by the records of their acts. */
export class CouncilMesh extends InProcessMesh {
  readonly environment: Readonly<Record<string, string>>;
  readonly warnings: string[] = [];
  /** Told of the steps of activations. */
  step: (step: ActivationStep) => void = () => undefined;

  constructor(environment: Readonly<Record<string, string>>) {
    super();
    this.environment = environment;
  }

  get database(): string {
    return join(this.environment['WITAN_DATA_DIR'] ?? '', 'witan.db');
  }

  async start(): Promise<void> {
    await this.serve(this.environment, {
      warn: (message) => this.warnings.push(message),
      step: (step) => {
        this.step(step);
      },
    });
  }

  /** Asks whether bob may read a table of a domain. */
  decide(domain = 'sales'): Promise<any> {
    return jsonOf(
      post(`${this.url}/access/v1/evaluation`, {
        subject: { type: 'user', id: 'bob' },
        action: { name: 'read' },
        resource: { type: 'table', id: `${domain}-table`, properties: { domain } },
      }),
    );
  }

  /** Hands in a bundle: its proposal is open, its checks passed. */
  async propose(made: Made | Bundle, proposing: Proposing = {}): Promise<Proposal> {
    const { layer = 'global', author = 'sid', title = 'a change' } = proposing;
    const bundle = 'digest' in made ? made : createBundle(filesOf(layer, made));
    const { app } = this;
    const head = this.#head(author, ['steward:sales']);
    const digest = app.current.law.bundles.get(layer)?.digest;
    const { revision } = app.current.policies;
    const proposal: Proposal = {
      id: app.council.nextProposalId(),
      version: 1,
      layer,
      title,
      author,
      digest: bundle.digest,
      base: { revision, ...(digest !== undefined && { digest }) },
      state: 'open',
      created_at: head.time,
      checks: { at: head.time, revision, faults: [], warnings: [], tests: { passed: 1, failed: 0 } },
      ballots: [],
      comments: [],
      timeline: [timelineEntry(head, 'opened')],
    };
    await app.commit({
      record: proposalRecord(head, 'opened', proposal),
      changes: [
        { kind: 'put_bundle', digest: bundle.digest, layer, files: bundle.files },
        { kind: 'put_proposal', proposal },
      ],
    });
    return proposal;
  }

  /** Has it voted on and, where that comes to it, approved. */
  async vote(proposal: Proposal, { votes = BOTH, touched = [] }: Proposing = {}): Promise<Proposal> {
    const { app } = this;
    const { id, layer, digest, author } = proposal;
    const ballots: Ballot[] = [];
    for (const [member, seat, vote] of votes) {
      const head = this.#head(member, [`representative:${seat}`]);
      ballots.push({ member, seat, digest, vote, at: head.time });
      const next = { ...app.council.proposal(id)!, ballots: [...ballots] };
      await app.commit({
        record: { ...head, kind: 'ballot', proposal: id, layer, digest, seat, vote },
        changes: [{ kind: 'put_proposal', proposal: { ...next, version: next.version + 1 } }],
      });
    }
    const council = councilOf(layer, app.current.manifests);
    const count = tally({ council, ballots, digest, author, touched, closed: false });
    if (count.outcome !== 'approved') return app.council.proposal(id)!;
    return this.approve(proposal, { touched });
  }

  /** Says that it is approved, whatever the ballots say. */
  async approve({ id }: Pick<Proposal, 'id'>, { touched = [] }: Proposing = {}): Promise<Proposal> {
    const { app } = this;
    const head = this.#head('witan', []);
    const before = app.council.proposal(id)!;
    const next: Proposal = {
      ...before,
      version: before.version + 1,
      state: 'approved',
      decided_at: head.time,
      activate_by: new Date(this.nowMs + 30 * 86_400_000).toISOString(),
    };
    await app.commit({
      record: proposalRecord(head, 'approved', next, { touched }),
      changes: [{ kind: 'put_proposal', proposal: next }],
    });
    return next;
  }

  async approved(made: Made | Bundle, proposing: Proposing = {}): Promise<Proposal> {
    return this.vote(await this.propose(made, proposing), proposing);
  }

  /** An emergency that one operator hands in. */
  async emergency(made: Made, { operator = 'opal', layer = 'global' } = {}): Promise<Proposal> {
    const proposal = await this.propose(made, { layer, author: operator });
    const next: Proposal = {
      ...proposal,
      version: 2,
      break_glass: { reason: 'leak', operator },
    };
    await this.app.commit({
      record: proposalRecord(this.#head(operator, ['operator']), 'edited', next, { reason: 'leak' }),
      changes: [{ kind: 'put_proposal', proposal: next }],
    });
    return next;
  }

  /** Records of a kind, oldest first. */
  async records(query: string): Promise<readonly { readonly sequence: number; readonly record: any }[]> {
    const found: { sequence: number; record: any }[] = [];
    let cursor = '';
    for (;;) {
      const page = await jsonOf(
        fetchAuthorized(
          `${this.url}/v1/records?${query}&order=oldest&limit=1000${cursor && `&cursor=${cursor}`}`,
        ),
      );
      found.push(...page.records);
      if (page.next === undefined) return found;
      cursor = page.next;
    }
  }

  #head(id: string, roles: readonly string[]) {
    return {
      id: this.app.newId(),
      time: new Date(this.nowMs).toISOString(),
      caller: { id, roles },
      revision: this.app.current.policies.revision,
    };
  }
}

/** Callers as tokens would name them. */
export const as = (id: string, ...roles: readonly string[]) => ({ caller: { id, roles } });
export const SID = as('sid', 'steward:sales', 'representative:sales');
