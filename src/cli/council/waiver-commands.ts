import { Option, type Command } from 'commander';
import { WAIVER_CATEGORIES, WAIVER_STATES } from '../../council/waiver-request.js';
import { WitanError } from '../../errors.js';
import type { ProgramOptions } from '../command-options.js';
import { runWaiverList } from './list-waivers.js';
import { serviceOf, withService, type ServiceFlags } from '../service-flags.js';
import { showWaiver } from './waiver-text.js';
import { runWaiverRates } from './waiver-rates.js';

/** Adds `waiver …`: each of its commands is one function here. */
export function addWaiver(program: Command, options: ProgramOptions): void {
  const waiver = program
    .command('waiver')
    .description('ask for exemptions from soft policies, and decide what is asked for');
  addAsk(waiver, options);
  addDecision(waiver, 'grant', 'grant', options);
  addDecision(waiver, 'refuse', 'refuse', options);
  addRevoke(waiver, options);
  addList(waiver, options);
  addRates(waiver, options);
}

function addAsk(waiver: Command, options: ProgramOptions): void {
  interface Flags extends ServiceFlags {
    readonly domain: string;
    readonly category: string;
    readonly reason: string;
    readonly until: string;
    readonly resource: readonly string[];
    readonly subject: readonly string[];
  }
  withService(
    waiver
      .command('ask')
      .description('ask the council of a layer to waive one of its soft policies, for a time')
      .argument('<policy>', 'layer and name of the policy, such as `global/retention`')
      .requiredOption('--domain <path>', 'the domain that asks')
      .requiredOption('--reason <text>', 'why; it goes on record')
      .requiredOption('--until <time>', 'its end (RFC 3339)')
      .addOption(
        new Option('--category <category>', 'the risk is accepted, or met by other means')
          .choices(WAIVER_CATEGORIES)
          .default('waiver'),
      )
      .option('--resource <id>', 'a product or other resource that it covers; may be repeated', repeated, [])
      .option('--subject <id>', 'a subject that it covers; may be repeated', repeated, []),
    options,
  )
    .addHelpText(
      'after',
      "\nExample: witan waiver ask global/retention --domain sales --resource sales.orders \\\n            --until 2026-12-31T00:00:00Z --reason 'the new store is ready in December'\n",
    )
    .action(async (named: string, flags: Flags) => {
      const { domain, category, reason, until, resource, subject, json = false } = flags;
      if (resource.length + subject.length === 0) {
        throw new WitanError('invalid_request', 'whom is it for? Give `--resource <id>` or `--subject <id>`');
      }
      const answer = await serviceOf(flags, options).send('POST', 'v1/waivers', {
        ...policyNamed(named),
        domain,
        category,
        reason,
        until,
        ...(resource.length > 0 && { resources: resource }),
        ...(subject.length > 0 && { subjects: subject }),
      });
      options.ended(showWaiver(answer, json, options.needs));
    });
}

function addDecision(
  waiver: Command,
  name: string,
  decision: 'grant' | 'refuse',
  options: ProgramOptions,
): void {
  withService(
    waiver
      .command(name)
      .description(
        `${decision} what was asked for, as a member of the council that decides the policy's layer`,
      )
      .argument('<id>', 'id of the waiver')
      .requiredOption('--reason <text>', 'why; it goes on record'),
    options,
  )
    .addHelpText('after', `\nExample: witan waiver ${name} 7 --reason '…'\n`)
    .action(async (id: string, flags: ServiceFlags & { readonly reason: string }) => {
      const path = `v1/waivers/${encodeURIComponent(id)}/decision`;
      const answer = await serviceOf(flags, options).send('POST', path, { decision, reason: flags.reason });
      options.ended(showWaiver(answer, flags.json ?? false, options.needs));
    });
}

function addRevoke(waiver: Command, options: ProgramOptions): void {
  withService(
    waiver
      .command('revoke')
      .description('end a granted waiver before its time')
      .argument('<id>', 'id of the waiver')
      .requiredOption('--reason <text>', 'why; it goes on record'),
    options,
  )
    .addHelpText('after', "\nExample: witan waiver revoke 7 --reason 'the new store is ready'\n")
    .action(async (id: string, flags: ServiceFlags & { readonly reason: string }) => {
      const path = `v1/waivers/${encodeURIComponent(id)}/revocation`;
      const answer = await serviceOf(flags, options).send('POST', path, { reason: flags.reason });
      options.ended(showWaiver(answer, flags.json ?? false, options.needs));
    });
}

function addList(waiver: Command, options: ProgramOptions): void {
  interface Flags extends ServiceFlags {
    readonly policy?: string;
    readonly layer?: string;
    readonly domain?: string;
    readonly state?: string;
    readonly inForce?: boolean;
    readonly limit?: string;
    readonly cursor?: string;
  }
  withService(
    waiver
      .command('list')
      .description('list waivers, the newest first')
      .option('--layer <layer>', 'from policies of this layer')
      .option('--policy <name>', 'from this policy')
      .option('--domain <path>', 'that this domain asked for')
      .addOption(new Option('--state <state>', 'in this state').choices(WAIVER_STATES))
      .option('--in-force', 'only those that hold now')
      .option('--limit <number>', 'how many at most')
      .option('--cursor <cursor>', 'go on after an earlier page'),
    options,
  )
    .addHelpText('after', '\nExample: witan waiver list --in-force\n')
    .action(async (flags: Flags) => {
      const { layer, policy, domain, state, inForce, limit, cursor, json = false } = flags;
      const holding = inForce === true ? 'true' : undefined;
      const filter = { layer, policy, domain, state, in_force: holding, limit, cursor };
      options.ended(await runWaiverList({ filter, json }, serviceOf(flags, options), options.needs));
    });
}

function addRates(waiver: Command, options: ProgramOptions): void {
  withService(
    waiver
      .command('rates')
      .description('say for each policy how much of it is waived: one that is waived often may be wrong'),
    options,
  )
    .addHelpText('after', '\nExample: witan waiver rates\n')
    .action(async (flags: ServiceFlags) => {
      options.ended(await runWaiverRates(flags.json ?? false, serviceOf(flags, options), options.needs));
    });
}

/** `finance/risk/limits` is the policy `limits` of `finance/risk`. @throws WitanError `invalid_request` */
function policyNamed(text: string): { readonly layer: string; readonly policy: string } {
  const at = text.lastIndexOf('/');
  if (at > 0 && at < text.length - 1) return { layer: text.slice(0, at), policy: text.slice(at + 1) };
  throw new WitanError(
    'invalid_request',
    `\`${text}\` names no policy; expected its layer and its name, such as \`global/retention\``,
  );
}

/** An option that may be given several times. */
function repeated(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}
