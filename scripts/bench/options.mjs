/** What `npm run bench` was asked for. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

export const USAGE = `npm run bench -- [options]
  --only <cases>          some of the cases alone, such as \`single,boxcar\`
  --peers                 OPA and Cerbos take their turns as well, where they can be installed
  --against <folder>      another built checkout takes its turns as well: what a change costs
  --set <NAME=value>      a setting of the service, not of the one before; may be given again
  --connections <counts>  of bare, single and the peers; 32,64,128,256 unless given
  --rounds <count>        turns that everyone gets; 3 unless given
  --seconds <seconds>     of one turn; 5 unless given
  --warm-up <decisions>   before anything is measured; 15000 unless given
  --decisions <counts>    after which memory is looked at; 100000,300000,1000000 unless given
  --out <file>            where the report is written as JSON; data/bench.json unless given
  --json                  the report as JSON on standard output, instead of tables`;

/** What is wrong with a command line, in words. */
export class UsageError extends Error {}

/**
 * @param caseNames names that \`--only\` may have
 * @throws UsageError
 */
export function readOptions(args, caseNames) {
  const { values } = parsed(args);
  const numbers = (name) =>
    values[name].split(',').map((text) => {
      if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
      throw new UsageError(`\`--${name}\` is \`${values[name]}\`; expected whole numbers from 1 on`);
    });
  const number = (name) => {
    const [first, ...others] = numbers(name);
    if (others.length === 0) return first;
    throw new UsageError(`\`--${name}\` is \`${values[name]}\`; expected one whole number`);
  };
  const only = values.only?.split(',') ?? caseNames;
  for (const name of only) {
    if (!caseNames.includes(name))
      throw new UsageError(`\`--only\` names \`${name}\`; there are ${caseNames.join(', ')}`);
  }
  const { against } = values;
  if (against !== undefined && !existsSync(join(against, 'dist/main.js')))
    throw new UsageError(`\`--against\` is \`${against}\`; expected the folder of a built checkout`);
  return {
    only,
    peers: values.peers,
    against,
    settings: Object.fromEntries(values.set.map(settingOf)),
    connections: numbers('connections'),
    rounds: number('rounds'),
    seconds: number('seconds'),
    warmUp: number('warm-up'),
    decisions: numbers('decisions').sort((a, b) => a - b),
    out: values.out,
    json: values.json,
  };
}

function settingOf(text) {
  const [, name, value] = /^(WITAN_[A-Z_]+)=(.*)$/.exec(text) ?? [];
  if (name === undefined)
    throw new UsageError(`\`--set\` is \`${text}\`; expected a setting such as \`WITAN_LOG_LEVEL=info\``);
  return [name, value];
}

function parsed(args) {
  try {
    return parseArgs({
      args,
      options: {
        only: { type: 'string' },
        peers: { type: 'boolean', default: false },
        against: { type: 'string' },
        set: { type: 'string', multiple: true, default: [] },
        connections: { type: 'string', default: '32,64,128,256' },
        rounds: { type: 'string', default: '3' },
        seconds: { type: 'string', default: '5' },
        'warm-up': { type: 'string', default: '15000' },
        decisions: { type: 'string', default: '100000,300000,1000000' },
        out: { type: 'string', default: 'data/bench.json' },
        json: { type: 'boolean', default: false },
      },
    });
  } catch (thrown) {
    throw new UsageError(thrown.message);
  }
}
