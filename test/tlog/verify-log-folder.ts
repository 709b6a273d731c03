import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { temporaryFolder, type Ended } from '../service.js';

/** Without Go there is no independent verifier. */
export const goIsMissing = spawnSync('go', ['version']).status !== 0;

let program: string | undefined;

/**
 * Verifies a copy of a log by Go's own code (`test/tlog/main.go` says what the folder holds): code 0 and what was
 * verified on stdout, or code 1 and the reason on stderr.
 */
export function verifyLogFolder(folder: string): Ended {
  program ??= buildProgram();
  const { status, stdout, stderr } = spawnSync(program, [folder], { encoding: 'utf8' });
  return { code: status, stdout, stderr };
}

/** Each process of tests builds its own, so that none replaces one that runs. */
function buildProgram(): string {
  const path = join(temporaryFolder(), 'tlog');
  const { status, stderr } = spawnSync('go', ['build', '-o', path, '.'], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the verifier in Go could not be built: ${stderr}`);
  return path;
}
