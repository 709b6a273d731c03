import type { Command } from 'commander';
import { WitanError } from '../../errors.js';
import type { CommandNeeds } from '../command.js';
import type { ProgramOptions } from '../command-options.js';
import type { ExitCode } from '../terminal.js';
import { bundleFiles, bundlesOf, type PastBundle } from './layer-bundles.js';
import { examined, exitCodeOf, showProposed } from './proposed.js';
import { shortDigest } from './proposal-state.js';
import type { Service } from './service.js';
import { serviceOf, withService, type ServiceFlags } from '../service-flags.js';

interface RollbackOptions {
  readonly layer: string;
  /** Of the bundle to go back to, or the head of it; the one before unless given. */
  readonly digest: string | undefined;
  readonly reason: string | undefined;
  readonly wait: boolean;
  readonly json: boolean;
}

/** Adds `rollback`: going back is a proposal as any other. */
export function addRollback(program: Command, options: ProgramOptions): void {
  withService(
    program
      .command('rollback')
      .description('propose an earlier bundle of a layer again')
      .argument('<layer>', '`global`, or the path of a domain')
      .argument('[digest]', 'digest of the bundle, or its head; the one before the present one unless given')
      .option('--reason <text>', 'why')
      .option('--wait', 'wait until it is checked and its impact is known', true)
      .option('--no-wait', 'do not wait for that'),
    options,
  )
    .addHelpText('after', "\nExample: witan rollback sales --reason 'analysts are locked out'\n")
    .action(
      async (
        layer: string,
        digest: string | undefined,
        flags: ServiceFlags & { readonly reason?: string; readonly wait: boolean },
      ) => {
        const { reason, wait, json = false } = flags;
        const asked = { layer, digest, reason, wait, json };
        options.ended(await runRollback(asked, serviceOf(flags, options), options.needs));
      },
    );
}

/** @throws ServerError; WitanError `not_found` where there is no such bundle, or the code by which the service refuses */
async function runRollback(
  { layer, digest, reason, wait, json }: RollbackOptions,
  service: Service,
  needs: CommandNeeds,
): Promise<ExitCode> {
  const past = earlierBundle(layer, await bundlesOf(service, layer), digest);
  const answer = await service.send('POST', 'v1/proposals', {
    layer,
    title: `Roll back ${layer} to revision ${past.revision} (${shortDigest(past.digest)})`,
    ...(reason !== undefined && { description: reason }),
    files: await bundleFiles(service, layer, past.digest),
  });
  const proposed = await examined(answer, { wait }, service, needs);
  showProposed([proposed], json, needs);
  return exitCodeOf(proposed);
}

/** @throws WitanError `not_found` */
function earlierBundle(
  layer: string,
  bundles: readonly PastBundle[],
  wanted: string | undefined,
): PastBundle {
  const [present, ...before] = bundles;
  if (present === undefined) throw new WitanError('not_found', `\`${layer}\` never had a bundle`);
  const earlier = before.filter(({ digest }) => digest !== present.digest);
  if (wanted === undefined) {
    const [last] = earlier;
    if (last !== undefined) return last;
    throw new WitanError(
      'not_found',
      `\`${layer}\` never had another bundle than that of revision ${present.revision}`,
    );
  }
  const head = `sha256:${wanted.replace(/^sha256:/, '')}`;
  const found = new Map(
    earlier.filter(({ digest }) => digest.startsWith(head)).map((each) => [each.digest, each]),
  );
  const [first, second] = found.values();
  if (first !== undefined && second === undefined) return first;
  const known = [...new Set(earlier.map(({ digest }) => shortDigest(digest)))].join(', ');
  throw new WitanError(
    'not_found',
    first === undefined
      ? `\`${layer}\` had no earlier bundle \`${wanted}\`; it had ${known === '' ? 'none' : known}`
      : `\`${wanted}\` fits several bundles of \`${layer}\`: ${known}`,
  );
}
