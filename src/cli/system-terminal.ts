import type { Terminal } from './terminal.js';

/** The terminal of a process. */
export function systemTerminal({ stdout, stderr, env }: NodeJS.Process): Terminal {
  return {
    out: (text) => {
      stdout.write(text);
    },
    err: (text) => {
      stderr.write(text);
    },
    outBytes: (bytes) =>
      new Promise((resolve, reject) => {
        stdout.write(bytes, (error) => {
          if (error) reject(error);
          else resolve();
        });
      }),
    outIsTerminal: stdout.isTTY,
    interactive: stderr.isTTY,
    colours: stdout.isTTY && (env['NO_COLOR'] ?? '') === '',
  };
}
