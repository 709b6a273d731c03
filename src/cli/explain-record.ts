import { writeJson } from '../document/json.js';
import type { CommandNeeds } from './command.js';
import { explanationText } from './explanation-text.js';
import { progressOn } from './progress.js';
import { withReplays, type ReplayPlace } from './replay-source.js';
import { styleOf } from './style.js';
import { EXIT, type ExitCode } from './terminal.js';

interface ExplainRecordOptions extends ReplayPlace {
  /** Of the record. */
  readonly id: string;
  readonly format: 'pretty' | 'json';
  /** Show every policy line by line. */
  readonly all: boolean;
}

/**
 * Explains line by line why a decision on record was answered as it was, by evaluating it again with its own bundles.
 *
 * @throws WitanError `not_found`
 */
export async function runExplainRecord(
  { id, format, all, ...place }: ExplainRecordOptions,
  needs: CommandNeeds,
): Promise<ExitCode> {
  const { terminal } = needs;
  const progress = progressOn(terminal);
  const explained = await withReplays(
    place,
    needs,
    (message) => {
      progress.say(message);
    },
    (source) =>
      source.explain(id, (layer, traced, of) => {
        progress.say(`tracing ${layer}`, traced, of);
      }),
  ).finally(() => {
    progress.end();
  });
  if ('replayable' in explained) {
    terminal.err(`${explained.reason}\n`);
    return EXIT.no;
  }
  const { equal, explanation } = explained;
  terminal.err(
    equal
      ? `replayed: byte for byte what is on record as ${id}\n`
      : `the replay differs from what is on record as ${id}; \`witan audit replay ${id}\` shows where\n`,
  );
  terminal.out(
    format === 'json'
      ? `${writeJson(explained, 2)}\n`
      : explanationText(explanation, { all, style: styleOf(terminal), pathOf: (file) => file }),
  );
  return explanation.decision ? EXIT.fine : EXIT.no;
}
