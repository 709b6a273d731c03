import type { AuditEntry, AuditLog } from '../audit/log.js';
import type { DecisionRecord, QuarantineRecord } from '../audit/record.js';
import { GLOBAL, type Layer } from '../policy/layer.js';
import type { Decision } from './decision.js';
import { decide, type Asking, type Decided, type DecisionBasis } from './decide.js';
import type { Gate } from './gate.js';
import type { Evaluation, EvaluationsSemantic } from './request.js';

/** A decision that is on record. */
export interface Answer {
  readonly id: string;
  readonly revision: number;
  readonly decision: Decision;
}

/** What a permitted act changes: committed together with the record of its decision. */
export type Effect<Change> = (permitted: Decided) => readonly Change[];

/** Decides, and answers only what is durable in the log. */
export interface DecisionPoint<Change = never> {
  /** @throws WitanError `audit_unavailable` or `overloaded` when it cannot be recorded; `invalid_request` and `descriptor_*` for metadata that cannot be read. */
  decide(evaluation: Evaluation, asking: Asking, effect?: Effect<Change>): Promise<Answer>;
  /** Several in one request (AuthZEN 1.0, section 7.1): all, or up to the first deny or permit. The answers are in the order of the evaluations. */
  decideAll(
    evaluations: readonly Evaluation[],
    semantic: EvaluationsSemantic,
    asking: Asking,
  ): Promise<readonly Answer[]>;
}

interface Needs<Change> {
  /** The snapshot that the next decision is made from. */
  readonly basis: () => DecisionBasis;
  readonly audit: Pick<AuditLog<Change>, 'appendAll'>;
  /** Unix time in milliseconds. */
  readonly nowMs: () => number;
  /** UUIDv7. */
  readonly newId: () => string;
  /** 16 random bytes, for each value that is masked. */
  readonly salt: () => Uint8Array;
  /** Told of each policy that goes into quarantine, in words. */
  readonly warn?: (message: string) => void;
  /** Holds decisions back while a change becomes law. */
  readonly gate?: Pick<Gate, 'closed'>;
  readonly observer?: Observer;
}

/** Who looks at decisions once they are on record. */
export interface Observer {
  /** Whether it wants to be told of the decisions that are made now. */
  readonly active: boolean;
  /** MUST return at once and never throw. */
  observe(observed: Observed): void;
}

/** A decision that was made and recorded, for who looks at it afterwards. */
export interface Observed {
  readonly evaluation: Evaluation;
  readonly decided: Pick<Decided, 'decision' | 'revision' | 'matter'> & {
    readonly asked: readonly { readonly layer: Layer }[];
    readonly entry: { readonly record: Pick<DecisionRecord, 'id' | 'caller'> };
  };
  /** Unix time in milliseconds that it was decided at. */
  readonly nowMs: number;
  /** What it was decided from. */
  readonly basis: DecisionBasis;
}

const STOPS: Readonly<Record<EvaluationsSemantic, (decision: boolean) => boolean>> = {
  execute_all: () => false,
  deny_on_first_deny: (decision) => !decision,
  permit_on_first_permit: (decision) => decision,
};

export function createDecisionPoint<Change>({
  basis,
  audit,
  nowMs,
  newId,
  salt,
  warn = () => undefined,
  gate,
  observer,
}: Needs<Change>): DecisionPoint<Change> {
  /** INVARIANT: whoever passes takes the basis and hands over the record before anything else runs. */
  const pass = async (): Promise<void> => {
    while (gate?.closed !== undefined) await gate.closed;
  };
  const quarantineEntries = quarantineEntriesOf({ basis, newId, warn });

  /** INVARIANT: synchronous from the basis to the record, so that no decision sees half a change. */
  const make = (
    snapshot: DecisionBasis,
    moment: number,
    evaluation: Evaluation,
    asking: Asking,
    effect?: Effect<Change>,
  ): Made<Change> => {
    const id = newId();
    const decided = decide(snapshot, evaluation, { id, nowMs: moment, salt, ...asking });
    const { decision, revision, entry } = decided;
    const changes = decision.decision && effect !== undefined ? effect(decided) : [];
    return {
      answer: { id, revision, decision },
      entries: [changes.length === 0 ? entry : { ...entry, changes }, ...quarantineEntries(decided, asking)],
      observed:
        observer?.active === true ? { evaluation, decided, nowMs: moment, basis: snapshot } : undefined,
    };
  };

  return {
    async decide(evaluation, asking, effect) {
      if (gate?.closed !== undefined) await pass();
      const { answer, entries, observed } = make(basis(), nowMs(), evaluation, asking, effect);
      await audit.appendAll(entries);
      if (observed !== undefined) observer?.observe(observed);
      return answer;
    },
    async decideAll(evaluations, semantic, asking) {
      if (gate?.closed !== undefined) await pass();
      const snapshot = basis();
      const moment = nowMs();
      const answers: Answer[] = [];
      const entries: AuditEntry<Change>[] = [];
      const observed: Observed[] = [];
      for (const evaluation of evaluations) {
        const made = make(snapshot, moment, evaluation, asking);
        answers.push(made.answer);
        entries.push(...made.entries);
        if (made.observed !== undefined) observed.push(made.observed);
        if (STOPS[semantic](made.answer.decision.decision)) break;
      }
      await audit.appendAll(entries);
      for (const each of observed) observer?.observe(each);
      return answers;
    },
  };
}

/** A decision that waits for its record. */
interface Made<Change> {
  readonly answer: Answer;
  readonly entries: readonly AuditEntry<Change>[];
  /** Only when somebody looks at decisions: until the record is written nothing else is held. */
  readonly observed: Observed | undefined;
}

/** What goes into the log about the policies that a decision put into quarantine. */
function quarantineEntriesOf({
  basis,
  newId,
  warn,
}: Required<Pick<Needs<never>, 'basis' | 'newId' | 'warn'>>): (
  decided: Decided,
  asking: Asking,
) => readonly AuditEntry[] {
  return (decided, { caller }) =>
    basis()
      .quarantine.takeNew()
      .map(({ layer, digest, policy, reason, untilMs }) => {
        const until = new Date(untilMs).toISOString();
        warn(`\`${policy}\` of \`${layer}\` is in quarantine until ${until}: ${reason}`);
        const record: QuarantineRecord = {
          id: newId(),
          time: decided.entry.record.time,
          kind: 'quarantine',
          caller,
          revision: decided.revision,
          triggered_by: decided.entry.record.id,
          layer,
          ...(layer !== GLOBAL && { domain: layer }),
          digest,
          policy,
          reason,
          until,
        };
        return { record };
      });
}
