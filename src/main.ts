import { fileURLToPath } from 'node:url';
import { runServe } from './cli/serve.js';
import { systemTerminal } from './cli/system-terminal.js';
import { setEngine } from './engine-settings.js';
import { WitanError } from './errors.js';
import { EXIT } from './cli/terminal.js';

setEngine();
const terminal = systemTerminal(process);
const stopped = new Promise<string>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, resolve);
});

try {
  process.exitCode = await runServe({
    environment: process.env,
    toolchainPath: fileURLToPath(new URL('../build/toolchain.wasm', import.meta.url)),
    terminal,
    stopped,
  });
} catch (thrown) {
  // One clear line for what people can mend; a stack only for what nobody foresaw.
  if (!(thrown instanceof WitanError)) throw thrown;
  terminal.err(`witan: ${thrown.message} [${thrown.code}]\n`);
  process.exitCode = thrown.code === 'config_invalid' ? EXIT.usage : EXIT.failed;
}
