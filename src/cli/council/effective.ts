import type { Command } from 'commander';
import { writeJson } from '../../document/json.js';
import type { ProgramOptions } from '../command-options.js';
import { styleOf } from '../style.js';
import { EXIT } from '../terminal.js';
import { effectiveIn, effectiveText } from './effective-text.js';
import { layerPath } from './proposal-paths.js';
import { serviceOf, withService, type ServiceFlags } from '../service-flags.js';

/** Adds `effective`. */
export function addEffective(program: Command, options: ProgramOptions): void {
  withService(
    program
      .command('effective')
      .description('say what binds the products of a domain today, of all layers that they lie under')
      .argument('<domain>', 'path of the domain, or `global` for what binds all'),
    options,
  )
    .addHelpText('after', '\nExample: witan effective finance/risk\n')
    .action(async (domain: string, flags: ServiceFlags) => {
      const { terminal } = options.needs;
      const answer = await serviceOf(flags, options).get(layerPath(domain, 'effective'));
      const effective = effectiveIn(answer);
      terminal.out(
        flags.json === true ? `${writeJson(answer, 2)}\n` : effectiveText(effective, styleOf(terminal)),
      );
      options.ended(EXIT.fine);
    });
}
