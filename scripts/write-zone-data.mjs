/** Writes src/rego/builtins/time/zone-data.ts from the time zones of the installed Go; a test holds it to the toolchain. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { brotliCompressSync } from 'node:zlib';

const { status, stdout } = spawnSync('go', ['run', 'scripts/zone-data/main.go'], {
  stdio: ['ignore', 'pipe', 'inherit'],
  maxBuffer: 16 * 1024 * 1024,
});
if (status !== 0) throw new Error('Go could not list the time zones');
writeFileSync(
  'src/rego/builtins/time/zone-data.ts',
  `/** Written by scripts/write-zone-data.mjs: the time zones of Go's tzdata, compressed; scripts/zone-data says how. */
export const zoneData =
  '${brotliCompressSync(stdout).toString('base64')}';
`,
);
