import { bar } from './style.js';
import type { Terminal } from './terminal.js';

const BAR_CHARS = 24;
const REDRAW_MS_MIN = 50;

/** One line on a terminal that says what is going on; silent in a pipe. */
export interface Progress {
  say(what: string, done?: number, of?: number): void;
  /** Wipes the line. */
  end(): void;
}

export function progressOn(terminal: Terminal): Progress {
  let drawnMs = -REDRAW_MS_MIN;
  let drawn: string | undefined;
  return {
    say(what, done, of) {
      const nowMs = performance.now();
      if (!terminal.interactive || (drawn === what && nowMs - drawnMs < REDRAW_MS_MIN)) return;
      drawnMs = nowMs;
      drawn = what;
      const share =
        done === undefined || of === undefined ? '' : ` ${bar(done, of, BAR_CHARS)} ${done}/${of}`;
      terminal.err(`\r\u001b[2K${what}${share}`);
    },
    end() {
      if (drawn !== undefined) terminal.err('\r\u001b[2K');
      drawn = undefined;
    },
  };
}
