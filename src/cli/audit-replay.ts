import type { Command } from 'commander';
import type { Difference } from '../decision/differences.js';
import type { NotReplayable } from '../decision/replay.js';
import { writeJson } from '../document/json.js';
import { WitanError } from '../errors.js';
import type { ReplayReport } from '../replays.js';
import type { CommandNeeds } from './command.js';
import { formatOf, withFormat, type FormatFlags, type ProgramOptions } from './command-options.js';
import { progressOn } from './progress.js';
import { withReplays, type ReplayPlace, type ReplaySource } from './replay-source.js';
import type { SourceFlags } from './filter-flags.js';
import { dataDirOf, serverOf, withServer } from './server-flags.js';
import { count as counted, plain, styleOf, type Style } from './style.js';
import { EXIT, type ExitCode } from './terminal.js';

const REPLAY_FORMATS = ['pretty', 'json'] as const;
const LAST_MAX = 100_000;
/** Differences that are shown of one record. */
const DIFFERENCES_MAX = 10;
const VALUE_CHARS_MAX = 200;

interface ReplayOptions extends ReplayPlace {
  readonly ids: readonly string[];
  /** Without ids: so many of the last decisions. */
  readonly last?: string | undefined;
  readonly format: (typeof REPLAY_FORMATS)[number];
}

/** What came of one record. */
type Outcome = ReplayReport | { readonly id: string; readonly not_replayable: string };

/**
 * Evaluates decisions on record again, and says whether they come to the very bytes that are stored.
 *
 * @throws WitanError `invalid_request` without ids and `--last`, or with both; `not_found` for an id without a record
 */
export async function runAuditReplay(options: ReplayOptions, needs: CommandNeeds): Promise<ExitCode> {
  const { terminal } = needs;
  const last = lastOf(options);
  const progress = progressOn(terminal);
  const outcomes = await withReplays(
    options,
    needs,
    (message) => {
      progress.say(message);
    },
    async (source) => {
      const ids = last === undefined ? options.ids : await source.lastDecisions(last);
      return replayAll(source, ids, (done) => {
        progress.say('replaying', done, ids.length);
      });
    },
  ).finally(() => {
    progress.end();
  });
  const style = styleOf(terminal);
  if (options.format === 'json') terminal.out(`${writeJson({ replays: outcomes }, 2)}\n`);
  else for (const outcome of outcomes) terminal.out(outcomeText(outcome, style));
  const failed = outcomes.filter((outcome) => !isEqual(outcome));
  const errStyle = styleOf({ ...terminal, colours: terminal.colours && terminal.interactive });
  terminal.err(summary(outcomes, failed, errStyle));
  return failed.length === 0 && outcomes.length > 0 ? EXIT.fine : EXIT.no;
}

function lastOf({ ids, last }: ReplayOptions): number | undefined {
  if (ids.length > 0 && last !== undefined) {
    throw new WitanError('invalid_request', 'give ids or `--last`, not both');
  }
  if (ids.length > 0) return undefined;
  if (last === undefined) {
    throw new WitanError('invalid_request', 'which records? Give their ids, or `--last <number>`');
  }
  const number = /^\d{1,6}$/.test(last) ? Number(last) : 0;
  if (number < 1 || number > LAST_MAX) {
    throw new WitanError('invalid_request', `\`--last\` is from 1 to ${LAST_MAX}, not \`${last}\``);
  }
  return number;
}

async function replayAll(
  source: ReplaySource,
  ids: readonly string[],
  done: (count: number) => void,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const [index, id] of ids.entries()) {
    done(index);
    const made: ReplayReport | NotReplayable = await source.replay(id);
    outcomes.push('replayable' in made ? { id, not_replayable: made.reason } : made);
  }
  return outcomes;
}

function isEqual(outcome: Outcome): boolean {
  return 'equal' in outcome && outcome.equal;
}

function outcomeText(outcome: Outcome, style: Style): string {
  if ('not_replayable' in outcome) {
    return `${style.yellow('refused')}  ${outcome.id}  ${plain(outcome.not_replayable)}\n`;
  }
  const { id, equal, differences, toolchain, modules = [] } = outcome;
  const others = modules.map(({ layer }) => layer).join(', ');
  const note = toolchain === 'different' ? `  by other modules than those on record: ${others}` : '';
  if (equal) return `${style.green('equal')}    ${id}${plain(note)}\n`;
  const more = differences.length - DIFFERENCES_MAX;
  return [
    `${style.red('DIFFERS')}  ${id}${plain(note)}\n`,
    ...differences.slice(0, DIFFERENCES_MAX).map(differenceText),
    more > 0 ? `    and ${counted(more, 'more place')}, which --json shows\n` : '',
  ].join('');
}

function differenceText({ pointer, ...sides }: Difference): string {
  const shown = (side: 'recorded' | 'replayed'): string => {
    if (!(side in sides)) return 'nothing';
    const text = writeJson(sides[side]);
    return plain(text.length > VALUE_CHARS_MAX ? `${text.slice(0, VALUE_CHARS_MAX)}…` : text);
  };
  const place = pointer === '' ? 'the record as a whole' : pointer;
  return `    ${plain(place)}\n      recorded: ${shown('recorded')}\n      replayed: ${shown('replayed')}\n`;
}

function summary(outcomes: readonly Outcome[], failed: readonly Outcome[], style: Style): string {
  if (outcomes.length === 0) return 'nothing replayed: there are no decisions\n';
  const all = counted(outcomes.length, 'decision');
  if (failed.length === 0) return `${style.green('equal')}: ${all}, byte for byte what is on record\n`;
  const refused = failed.filter((outcome) => 'not_replayable' in outcome).length;
  const differing = failed.length - refused;
  const parts = [
    ...(differing > 0
      ? [`${differing} of ${all} ${differing === 1 ? 'differs' : 'differ'} from what is on record`]
      : []),
    ...(refused > 0 ? [`${refused} of ${all} cannot be replayed`] : []),
  ];
  return `${style.red('not equal')}: ${parts.join(', ')}\n`;
}

/** Adds `replay` to the commands about the audit log. */
export function addReplay(audit: Command, { needs, environment, ended }: ProgramOptions): void {
  type Flags = FormatFlags<(typeof REPLAY_FORMATS)[number]> & SourceFlags & { readonly last?: string };
  withFormat(
    withReplayPlace(
      audit
        .command('replay')
        .description('evaluate decisions on record again with their own bundles, and compare byte for byte')
        .argument('[ids...]', 'ids of records'),
      environment,
    ).option('--last <number>', 'the last decisions, instead of ids'),
    REPLAY_FORMATS,
  )
    .addHelpText('after', '\nExample: witan audit replay --last 100 --data-dir ./data\n')
    .action(async (ids: string[], { dataDir, last, ...flags }: Flags) => {
      const server = serverOf({ dataDir, ...flags }, environment);
      ended(await runAuditReplay({ ids, last, dataDir, server, format: formatOf(flags) }, needs));
    });
}

/** Adds where records are evaluated again. */
export function withReplayPlace(command: Command, environment: ProgramOptions['environment']): Command {
  return withServer(
    command.option(
      '--data-dir <folder>',
      'folder of the embedded store, served or a copy (WITAN_DATA_DIR)',
      dataDirOf(environment),
    ),
  );
}
