#!/usr/bin/env node
import { CommanderError } from 'commander';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { text } from 'node:stream/consumers';
import { WitanError } from '../errors.js';
import { createProgram } from './program.js';
import { ServerError } from './ask-server.js';
import { openToolchainAt } from './command.js';
import { reportError } from './fault-lines.js';
import { systemTerminal } from './system-terminal.js';
import { EXIT, type ExitCode } from './terminal.js';

const terminal = systemTerminal(process);
// The toolchain runs on WASI, which Node calls experimental in every worker; that is no news for who runs a command.
process.env['NODE_NO_WARNINGS'] ??= '1';
// Whoever reads only the head of what is written has what they want.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

const toolchainPath = fileURLToPath(new URL('../../build/toolchain.wasm', import.meta.url));
let exitCode: ExitCode = EXIT.fine;
const program = createProgram({
  needs: {
    terminal,
    openToolchain: () => openToolchainAt(toolchainPath),
    nowMs: Date.now,
    stdin: () => text(process.stdin),
    version,
  },
  toolchainPath,
  environment: process.env,
  stopped: () =>
    new Promise((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, resolve);
    }),
  ended: (code) => {
    exitCode = code;
  },
});

try {
  await program.parseAsync(process.argv);
} catch (thrown) {
  exitCode = exitCodeOf(thrown);
}
process.exitCode = exitCode;

/** One clear line for what people can mend; a stack only for what nobody foresaw. */
function exitCodeOf(thrown: unknown): ExitCode {
  // Commander has said what is wrong, or shown the help that was asked for.
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? EXIT.fine : EXIT.usage;
  if (thrown instanceof WitanError) return reportError(terminal, thrown);
  if (thrown instanceof ServerError) {
    terminal.err(`witan: ${thrown.message}\n`);
    return EXIT.failed;
  }
  const stack = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  terminal.err(`witan: this is a fault of witan itself\n${stack}\n`);
  return EXIT.failed;
}
