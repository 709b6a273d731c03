import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Acting } from '../../audit/act.js';
import type { AuditRecord } from '../../audit/record.js';
import { createCommit, createShow } from '../../commit.js';
import { Deciders } from '../../deciders.js';
import { createCouncilActs, type CouncilActs } from '../council-acts.js';
import type { Examiner } from '../../council/examiner.js';
import { InMemoryCouncil } from '../../council/in-memory-council.js';
import type { CheckReport, ImpactSummary, Proposal } from '../../council/proposal.js';
import { InMemoryTokens } from '../../identity/in-memory-tokens.js';
import { uuidv7 } from '../../ids.js';
import { inTurns } from '../../in-turn.js';
import { createBundle, type Bundle, type BundleFile } from '../../policy/bundle.js';
import { CurrentPolicies } from '../../policy/current-policies.js';
import { policiesInForce } from '../../policy/in-force.js';
import type { Layer } from '../../policy/layer.js';
import { InMemoryRegistry } from '../../registry/in-memory-registry.js';
import { openStore } from '../../store/sqlite/open-store.js';
import type { Change, Store } from '../../store/store.js';

const DAY_MS = 86_400_000;

/** What the manifests of the mesh of tests say of their councils, as YAML. */
const COUNCILS: Readonly<Record<Layer, string>> = {
  global:
    '{ members: { finance: [jada, ivo], healthcare: [pia], platform: [sam], sales: [cleo] }, quorum: 0.5, threshold: 0.5, voting_period: P7D, activation_period: P30D, touched_domains_must_vote: true }',
  finance: '{ members: [jada, kurt, ivo], quorum: 0.6, voting_period: P3D }',
};
const DOMAINS = ['finance', 'finance/risk', 'healthcare', 'platform', 'sales'];

/** The files of a small bundle. @param council as YAML */
export function filesOf(
  layer: Layer,
  version: string,
  council = COUNCILS[layer] ?? '{}',
): readonly BundleFile[] {
  const text = `layer: ${layer}\nversion: ${version}\npolicies: {}\ncouncil: ${council}\n`;
  return [{ path: 'manifest.yaml', text }];
}

export const bundleOf = (...files: Parameters<typeof filesOf>): Bundle => createBundle(filesOf(...files));

/** Someone who acts, with roles as they are written. */
export const acting = (id: string, ...roles: readonly string[]): Acting => ({ caller: { id, roles } });

export const cleo = acting('cleo', 'representative:sales', 'steward:sales');
export const jada = acting('jada', 'representative:finance', 'steward:finance');
export const pia = acting('pia', 'representative:healthcare', 'steward:healthcare');
export const sam = acting('sam', 'representative:platform', 'operator');
export const tess = acting('tess', 'operator');

/** Finds out what a test tells it, and only when the test lets it. */
export class TestExaminer implements Examiner {
  faults: CheckReport['faults'] = [];
  touched: ImpactSummary['touched'] | undefined = [];
  /** Thrown instead of a report, as often as the list is long. */
  failures: unknown[] = [];
  /** Waited for before a report is given, and before an impact is. */
  beforeCheck: () => Promise<void> = () => Promise.resolve();
  beforeImpact: () => Promise<void> = () => Promise.resolve();
  readonly checked: string[] = [];

  /** Holds the next check, or impact, once it has come so far, until the test goes on. */
  hold(what: 'beforeCheck' | 'beforeImpact'): { readonly reached: Promise<void>; readonly goOn: () => void } {
    let [reach, goOn] = [(): void => undefined, (): void => undefined];
    const reached = new Promise<void>((resolve) => (reach = resolve));
    const held = new Promise<void>((resolve) => (goOn = resolve));
    this[what] = () => {
      this[what] = () => Promise.resolve();
      reach();
      return held;
    };
    return { reached, goOn };
  }

  #atOnce = 0;
  atOnceMax = 0;

  async check({ digest }: Bundle): Promise<CheckReport> {
    this.checked.push(digest);
    this.#atOnce += 1;
    this.atOnceMax = Math.max(this.atOnceMax, this.#atOnce);
    const { faults } = this;
    try {
      await this.beforeCheck();
      if (this.failures.length > 0) throw this.failures.shift();
    } finally {
      this.#atOnce -= 1;
    }
    return {
      at: '2026-06-01T00:00:00.000Z',
      revision: 1,
      faults,
      warnings: [],
      tests: { passed: 3, failed: 0 },
    };
  }

  async impact({ digest }: Proposal): Promise<ImpactSummary | undefined> {
    const { touched } = this;
    await this.beforeImpact();
    if (touched === undefined) return undefined;
    const none = { newly_denied: 0, newly_permitted: 0, newly_non_compliant: 0, newly_compliant: 0 };
    return { at: '2026-06-01T00:00:00.000Z', digest, touched, ...none };
  }
}

/** The acts of a council on a real store, with a clock that a test moves. */
export class CouncilBench {
  readonly #folder = mkdtempSync(join(tmpdir(), 'witan-council-'));
  readonly examiner = new TestExaminer();
  readonly warnings: string[] = [];
  readonly registry = new InMemoryRegistry({
    domains: DOMAINS.map((path) => ({ path, name: path })),
    entities: [],
    products: [],
  });
  nowMs = Date.parse('2026-06-01T00:00:00Z');
  current = new CurrentPolicies({ policies: policiesInForce(1, []), bundles: new Map() });
  council = new InMemoryCouncil();
  #store: Store | undefined;
  #acts: CouncilActs | undefined;
  /** Called before each commit; what it throws keeps the commit from being made. */
  beforeCommit: (record: AuditRecord) => void = () => undefined;

  /** Opens the store, or opens it again as after a crash: only what is durable is there. */
  async start(): Promise<void> {
    await this.#store?.close();
    const store = await openStore({ dataDir: join(this.#folder, 'data'), queueEntriesMax: 1000 });
    this.#store = store;
    const bundles = ['global', 'finance'].map((layer) => bundleOf(layer, '1.0.0'));
    this.current = new CurrentPolicies({
      policies: policiesInForce(1, []),
      bundles: new Map(bundles.map((bundle) => [bundle.layer, bundle])),
    });
    const newId = uuidv7(() => this.nowMs);
    if ((await store.bundles.current()) === undefined) await this.#seed(store, bundles, newId());
    this.council = new InMemoryCouncil(await store.council.load());
    const held = { registry: this.registry, council: this.council, tokens: new InMemoryTokens() };
    const commit = createCommit(store.audit, createShow(held, new Deciders()));
    this.#acts = createCouncilActs({
      council: this.council,
      registry: this.registry,
      current: this.current,
      bundles: store.bundles,
      tree: store.tree,
      commit: async (entry) => {
        this.beforeCommit(entry.record);
        return commit(entry);
      },
      councilTurn: inTurns(),
      examiner: this.examiner,
      nowMs: () => this.nowMs,
      newId,
      warn: (message) => this.warnings.push(message),
    });
  }

  async end(): Promise<void> {
    await this.#acts?.stop();
    await this.#store?.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get acts(): CouncilActs {
    if (this.#acts === undefined) throw new Error('the bench was not started');
    return this.#acts;
  }

  get store(): Store {
    if (this.#store === undefined) throw new Error('the bench was not started');
    return this.#store;
  }

  passDays(days: number): void {
    this.nowMs += days * DAY_MS;
  }

  tick(): Promise<void> {
    return this.acts.tick(this.nowMs);
  }

  /** A proposal that members may vote on. */
  async opened(
    by: Acting = cleo,
    {
      layer = 'global',
      version = '1.1.0',
      council,
    }: { layer?: Layer; version?: string; council?: string } = {},
    more: { readonly break_glass?: { readonly reason: string } } = {},
  ): Promise<Proposal> {
    const files = filesOf(layer, version, council);
    const { id } = await this.acts.open({ layer, title: `version ${version}`, files, ...more }, by);
    await this.acts.settled();
    return this.proposal(id);
  }

  proposal(id: string): Proposal {
    return this.council.existing(id);
  }

  vote(id: string, by: Acting, vote: 'approve' | 'reject' | 'abstain' = 'approve'): Promise<Proposal> {
    return this.acts.vote(id, { vote, digest: this.proposal(id).digest }, by);
  }

  /** What is on record of proposals, oldest first. */
  async records(proposal: string): Promise<readonly any[]> {
    const { records } = await this.store.records.query({ proposal, order: 'oldest', limit: 1000 });
    return records.map(({ bytes }) => JSON.parse(bytes.toString()));
  }

  /** Puts a layer's bundle in force, as an activation does: with the next revision, and another reference. */
  async putInForce(bundle: Bundle, proposal: (revision: number) => Proposal): Promise<void> {
    const { policies, bundles } = this.current.law;
    const revision = policies.revision + 1;
    const next = proposal(revision);
    const all = new Map(bundles).set(bundle.layer, bundle);
    const layers = new Map([...all.values()].map(({ layer, digest }) => [layer, digest]));
    const changes: Change[] = [
      { kind: 'activate', revision, layers },
      { kind: 'put_proposal', proposal: next },
    ];
    await this.store.audit.append({ record: this.#lawRecord(revision, `activation-${revision}`), changes });
    this.council.apply({ kind: 'put_proposal', proposal: next });
    this.current.replace({ policies: policiesInForce(revision, []), bundles: all });
  }

  async #seed(store: Store, bundles: readonly Bundle[], id: string): Promise<void> {
    await store.audit.append({
      record: this.#lawRecord(1, id),
      changes: [
        ...bundles.map(({ digest, layer, files }) => ({ kind: 'put_bundle' as const, digest, layer, files })),
        {
          kind: 'activate',
          revision: 1,
          layers: new Map(bundles.map(({ layer, digest }) => [layer, digest])),
        },
      ],
    });
  }

  #lawRecord(revision: number, id: string): AuditRecord {
    return {
      id,
      time: new Date(this.nowMs).toISOString(),
      kind: 'seed',
      caller: { id: 'witan', roles: [] },
      revision,
      layers: [],
      toolchain: { opa: 'test', digest: 'sha256:test' },
    };
  }
}
