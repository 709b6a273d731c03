import { messageOf, WitanError } from '../errors.js';
import { openCheckpoint, type Checkpoint } from './checkpoint.js';
import type { LogSource, StoredCheckpoint } from './log-source.js';
import type { VerifierKey } from './note-key.js';
import { openNote } from './signed-note.js';

/** So many of the log's own are compared: enough for one in 4,096 of 400 million records. */
export const CHECKPOINTS_MAX = 100_000;

/** A checkpoint that the tree is compared with when it has grown to its size. */
export interface Expected extends Checkpoint {
  readonly name: string;
  readonly signers: readonly VerifierKey[];
  /** Stored in the log itself; the others come from the auditor, or were published. */
  readonly own: boolean;
}

interface Given {
  readonly source: Pick<LogSource, 'checkpoints'>;
  readonly older: readonly { readonly name: string; readonly note: string }[];
  readonly published: string | undefined;
  readonly known: readonly VerifierKey[];
  readonly tell: (message: string) => void;
}

/**
 * All checkpoints that a log has to agree with, by size, the log's own first. One of the log's that does not hold is told.
 *
 * @throws WitanError `note_invalid` when one of the auditor does not
 */
export function expectedCheckpoints({ source, older, published, known, tell }: Given): readonly Expected[] {
  const own = (name: string, read: () => Expected): readonly Expected[] => {
    try {
      return [read()];
    } catch (thrown) {
      if (!(thrown instanceof WitanError)) throw thrown;
      tell(`${name} does not hold: ${thrown.message}`);
      return [];
    }
  };
  const { checkpoints } = source;
  if (checkpoints.length > CHECKPOINTS_MAX) {
    tell(`the log has more than ${CHECKPOINTS_MAX} checkpoints: earlier ones are not looked at`);
  }
  const all = [
    ...checkpoints
      .slice(-CHECKPOINTS_MAX)
      .flatMap((stored) =>
        own(`the checkpoint that is stored for ${stored.size} records`, () => storedOne(stored, known)),
      ),
    ...(published === undefined ? [] : own(PUBLISHED, () => opened(PUBLISHED, published, known, false))),
    ...older.map(({ name, note }) => {
      try {
        return opened(`the checkpoint \`${name}\``, note, known, false);
      } catch (thrown) {
        throw new WitanError('note_invalid', `\`${name}\`: ${messageOf(thrown)}`, { cause: thrown });
      }
    }),
  ];
  return all.sort((a, b) => a.size - b.size);
}

const PUBLISHED = 'the checkpoint that was published';

function storedOne({ size, note }: StoredCheckpoint, known: readonly VerifierKey[]): Expected {
  const expected = opened(`the checkpoint of ${size} records`, note, known, true);
  if (expected.size === size) return expected;
  throw new WitanError('note_invalid', `it is of ${expected.size} records`);
}

function opened(name: string, note: string, known: readonly VerifierKey[], own: boolean): Expected {
  const checkpoint = openCheckpoint(note, known);
  return { ...checkpoint, signers: openNote(note, known).signers, own, name };
}
