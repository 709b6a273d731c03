import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Runs a command to its end; answers what it wrote. Throws with its words when it fails. */
export function run(command: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${stderr.trim()}`);
  return stdout.trim();
}

/** Whether a command is installed. */
export function installed(command: string): boolean {
  return spawnSync('sh', ['-c', `command -v "$0"`, command]).status === 0;
}

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

export function isMounted(folder: string): boolean {
  return readFileSync('/proc/mounts', 'utf8').includes(` ${folder} `);
}
