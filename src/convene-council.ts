import { createActivation, type Activation, type ActivationNeeds } from './activating/activation.js';
import { createBundleCheck, type BundleCheck } from './checking/check-bundle.js';
import { createCouncilActs, type CouncilActs } from './proposing/council-acts.js';
import { councilByTheClock } from './proposing/council-by-the-clock.js';
import type { Examiner } from './council/examiner.js';
import type { ActivationStep } from './activating/enact.js';
import { createImpacts } from './impact/impacts.js';
import { createProposalImpacts, type ProposalImpacts } from './impact/proposal-impacts.js';
import type { Opened } from './law/opened.js';
import { createShadowRuns, type ShadowRuns } from './activating/shadow-runs.js';

interface Needs extends Omit<Opened, 'progress'> {
  readonly step: (step: ActivationStep) => void;
}

type Parts = Pick<
  ActivationNeeds,
  'registry' | 'council' | 'current' | 'commit' | 'councilTurn' | 'gate' | 'deciders' | 'toolchainIdentity'
>;

/** Everything by which a change becomes law, put together. */
export interface ConvenedCouncil {
  /** Checks by machine of bundles that may become law. */
  readonly bundleCheck: BundleCheck;
  /** What proposals would change. */
  readonly proposalImpacts: ProposalImpacts;
  /** Acts on proposals. */
  readonly councilActs: CouncilActs;
  readonly activation: Activation;
  /** Proposed bundles that run beside those in force. */
  readonly shadows: ShadowRuns;
  /** Begins nothing more and stops the clock; what is under way has ended once the toolchain is closed too. */
  readonly stop: () => Promise<{ readonly ended: Promise<void> }>;
}

export async function conveneCouncil(opened: Needs, parts: Parts): Promise<ConvenedCouncil> {
  const { config, store, toolchain, opaBuiltins, modules, moduleBytes, nowMs, newId, warn, step } = opened;
  const { dataDir, evaluationMsMax } = config;
  const { bundles, tree } = store;
  const at = { nowMs, newId, warn };
  const bundleCheck = createBundleCheck({ ...parts, toolchain, evaluationMsMax, nowMs });
  const proposalImpacts = createProposalImpacts({
    impacts: createImpacts({ ...parts, dataDir, toolchain, opaBuiltins, nowMs, warn }),
    store,
    tree,
    ...parts,
    ...at,
  });
  const examiner: Examiner = {
    check: (bundle) => bundleCheck.check(bundle),
    impact: (proposal, bundle) => proposalImpacts.impact(proposal, bundle),
  };
  const councilActs = createCouncilActs({ bundles, tree, examiner, ...parts, ...at });
  const mesh = {
    ...{ toolchain, opaBuiltins, evaluationMsMax, modules },
    ...(moduleBytes !== undefined && { moduleBytes }),
  };
  const shadows = createShadowRuns({ ...store, mesh, ...parts, ...at });
  const activation = createActivation({
    ...{ store, mesh, examiner, step, shadows },
    ...parts,
    ...at,
    moved: () => {
      void shadows.reload();
    },
  });
  // Shadow runs that were going on go on.
  await shadows.reload();
  const clock = councilByTheClock(
    [
      // A vote that ends when an emergency does is counted before that is taken back.
      { name: 'proposals', ...councilActs },
      { name: 'activations', ...activation },
    ],
    { nowMs, warn },
  );
  return {
    bundleCheck,
    proposalImpacts,
    councilActs,
    activation,
    shadows,
    async stop() {
      await clock.stop();
      await shadows.stop();
      const ended = councilActs.stop();
      await proposalImpacts.close();
      return { ended };
    },
  };
}
