import type { Ballot, Comment, TimelineEntry } from '../../council/proposal.js';
import { count, plain, type Style } from '../style.js';
import { warningLine } from '../fault-lines.js';
import { table } from '../table.js';
import type { ShownProposal } from './answers.js';
import { paintState, shortDigest } from './proposal-state.js';
import { section, textSection } from './sections.js';
import { standingLines } from './standing-text.js';

/** Title, state and where a proposal comes from. */
export function proposalHead(proposal: ShownProposal, style: Style): string {
  const { id, title, state, layer, author, created_at, digest, base, description, break_glass } = proposal;
  const emergency = break_glass === undefined ? '' : ` ${style.red('EMERGENCY')}`;
  const from = `layer ${layer}, by ${author}, ${created_at}`;
  const bundle = `bundle ${shortDigest(digest)}, based on revision ${base.revision}`;
  return [
    `${style.bold(`#${plain(id)} ${plain(title)}`)}  ${paintState(state, style)}${emergency}\n`,
    `${style.dim(plain(from))}\n`,
    `${style.dim(plain(bundle))}\n`,
    ...(description === undefined
      ? []
      : ['\n', ...description.split('\n').map((line) => `  ${plain(line)}`.trimEnd() + '\n')]),
  ].join('');
}

export function standingSection(proposal: ShownProposal, style: Style): string {
  return section('where it stands', standingLines(proposal), style);
}

/** What the machines found, without the faults: those are shown as `witan check` shows them. */
export function checksSection({ checks }: ShownProposal, style: Style): string {
  if (checks === undefined) return '';
  const { faults, warnings, tests, coverage, revision } = checks;
  const covered = coverage === undefined ? '' : `, ${Math.floor(coverage * 100)} % of the lines covered`;
  const found = faults.length === 0 ? style.green('fine') : style.red(count(faults.length, 'fault'));
  return section(
    'checks',
    [
      `${found}: ${count(tests.passed, 'test')} passed, ${tests.failed} failed${covered} (against revision ${revision})`,
      ...warnings.map(warningLine),
    ],
    style,
  );
}

/** Every ballot in the order of casting; those for an earlier bundle say so. */
export function ballotsSection({ ballots, digest }: ShownProposal, style: Style): string {
  const rows = ballots.map((ballot) => ballotRow(ballot, digest, ballots));
  return textSection(
    'ballots',
    table(
      ['seat', 'vote', 'by', 'at', 'comment'].map((title) => ({ title })),
      rows,
    ),
    style,
  );
}

function ballotRow(ballot: Ballot, digest: string, all: readonly Ballot[]): readonly string[] {
  const { seat, vote, member, at, comment = '' } = ballot;
  const last = all.findLast((each) => each.seat === seat && each.digest === digest);
  const note =
    ballot.digest !== digest ? ' (void: another bundle)' : last === ballot ? '' : ' (changed later)';
  return [seat, `${vote}${note}`, member, at, comment].map(plain);
}

export function commentsSection(comments: readonly Comment[], style: Style): string {
  return section(
    'comments',
    comments.flatMap(({ author, at, text }) => [
      `${style.bold(plain(author))} ${style.dim(plain(at))}`,
      ...text.split('\n').map((line) => `  ${plain(line)}`),
    ]),
    style,
  );
}

export function timelineSection(timeline: readonly TimelineEntry[], style: Style): string {
  const rows = timeline.map(({ at, event, by, note = '', record }) =>
    [at, event, by, note, record].map(plain),
  );
  return textSection(
    'history',
    table(
      ['at', 'what', 'by', 'note', 'record'].map((title) => ({ title })),
      rows,
    ),
    style,
  );
}
