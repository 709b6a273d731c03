import type { Command } from 'commander';
import { isObject, writeJson } from '../../document/json.js';
import type { ProgramOptions } from '../command-options.js';
import { styleOf } from '../style.js';
import { EXIT } from '../terminal.js';
import { objectsIn } from './answers.js';
import { paintedTable } from './painted-table.js';
import { shortDigest } from './proposal-state.js';
import { serviceOf, withService, type ServiceFlags } from '../service-flags.js';

const COLUMNS = ['layer', 'version', 'policies', 'council', 'bundle', 'title'].map((title) => ({ title }));

/** Adds `layers`. */
export function addLayers(program: Command, options: ProgramOptions): void {
  withService(
    program.command('layers').description('list the layers in force, and whose council decides each'),
    options,
  )
    .addHelpText('after', '\nExample: witan layers\n')
    .action(async ({ json = false, ...flags }: ServiceFlags) => {
      const { terminal } = options.needs;
      const answer = await serviceOf(flags, options).get('v1/layers');
      if (json) terminal.out(`${writeJson(answer, 2)}\n`);
      else {
        terminal.out(paintedTable(COLUMNS, objectsIn(answer, 'layers').map(rowOf), styleOf(terminal)));
        terminal.err(`revision ${String(isObject(answer) ? answer['revision'] : '')}\n`);
      }
      options.ended(EXIT.fine);
    });
}

function rowOf(layer: Readonly<Record<string, unknown>>): readonly string[] {
  const { policies, council, digest } = layer;
  const count = Array.isArray(policies) ? policies.length : policies;
  return [
    text(layer['layer']),
    text(layer['version']),
    text(count),
    text(isObject(council) ? council['of'] : council),
    shortDigest(text(digest)),
    text(layer['title']),
  ];
}

function text(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : writeJson(value);
}
