import { existsSync } from 'node:fs';
import { failingDisk } from './failing-disk.js';
import { fullDisk } from './full-disk.js';
import { kill } from './kill.js';
import { negativeControl, powerLoss } from './power-loss.js';
import type { Rig } from './rig.js';
import { installed, isRoot } from './system-command.js';
import { slowDisk } from './slow-disk.js';
import type { Tally } from './tally.js';

/** Something that has to be there for a scenario to run. */
interface Need {
  readonly words: string;
  readonly there: () => boolean;
}

export interface Scenario {
  /** The flag that sets its rounds. */
  readonly key: string;
  readonly title: string;
  readonly rounds: { readonly full: number; readonly short: number };
  readonly needs: readonly Need[];
  /** A control: it has to lose records. */
  readonly mustLose: boolean;
  run(rig: Rig, rounds: number): Promise<Tally>;
}

const linux: Need = { words: 'needs Linux', there: () => process.platform === 'linux' };
const root: Need = { words: 'needs root, to mount a file system', there: isRoot };
const command = (name: string, where: string): Need => ({
  words: `needs \`${name}\` (Debian: apt-get install ${where})`,
  there: () => installed(name),
});
const gcc = command('gcc', 'gcc libc6-dev');
const mount = [linux, root, command('mount', 'mount')];
const power = [...mount, gcc, command('mkfs.ext4', 'e2fsprogs'), command('losetup', 'mount'), loopDevice()];

function loopDevice(): Need {
  return { words: 'needs a free loop device', there: () => existsSync('/dev/loop-control') };
}

/** In the order in which they run. */
export const SCENARIOS: readonly Scenario[] = [
  { key: 'kill', title: 'kill -9', rounds: { full: 20, short: 3 }, needs: [], mustLose: false, run: kill },
  {
    key: 'power-loss',
    title: 'power loss',
    rounds: { full: 5, short: 1 },
    needs: power,
    mustLose: false,
    run: powerLoss,
  },
  {
    key: 'control',
    title: 'control: power loss, syncs are lies',
    rounds: { full: 5, short: 5 },
    needs: power,
    mustLose: true,
    run: negativeControl,
  },
  {
    key: 'failing-disk',
    title: 'failing syncs and writes, then power loss',
    rounds: { full: 5, short: 1 },
    needs: power,
    mustLose: false,
    run: failingDisk,
  },
  {
    key: 'full-disk',
    title: 'full disk',
    rounds: { full: 5, short: 1 },
    needs: mount,
    mustLose: false,
    run: fullDisk,
  },
  {
    key: 'slow-disk',
    title: 'slow disk, then kill -9',
    rounds: { full: 3, short: 1 },
    needs: [linux, gcc],
    mustLose: false,
    run: slowDisk,
  },
];
