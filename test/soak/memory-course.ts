import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { comesTrue } from '../faults/rig.js';
import type { RunningService } from '../service.js';

/** Has a service tell what its heap holds, when it is asked by a signal. */
export const TELLING_MEMORY = {
  NODE_OPTIONS: `--import=${pathToFileURL('scripts/bench/tell-memory.mjs').href}`,
};

/** What a service holds, in bytes. */
export interface MemorySample {
  /** Of the decision thread, garbage collected. */
  readonly heapBytes: number;
  /** Of the whole process. */
  readonly residentBytes: number;
}

/** Fewest samples that say something of growth. */
const SAMPLES_MIN = 9;
/** What may be added between the second and the last third of a soak, in bytes. */
const GROWTH_MAX = { heapBytes: 8e6, residentBytes: 64e6 } as const;

/** @throws Error when the service does not tell */
export async function sampleMemory(service: RunningService): Promise<MemorySample> {
  const { pid } = service.process;
  if (pid === undefined) throw new Error('the service is no process');
  const told = (): readonly string[] =>
    [...service.output().matchAll(/^memory (\{.*\})$/gm)].map(([, values = '']) => values);
  const before = told().length;
  process.kill(pid, 'SIGUSR2');
  if (!(await comesTrue(() => told().length > before))) throw new Error('the service tells no memory');
  const { heapUsed } = JSON.parse(told().at(-1) ?? '');
  const resident = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return { heapBytes: heapUsed, residentBytes: Number(resident) * 1024 };
}

/**
 * What grew over a soak, in words: the median of its last third is held against that of the second, since the first
 * third is warm-up. Nothing is said of few samples.
 */
export function growthOf(samples: readonly MemorySample[]): readonly string[] {
  if (samples.length < SAMPLES_MIN) return [];
  const third = Math.floor(samples.length / 3);
  return (['heapBytes', 'residentBytes'] as const).flatMap((figure) => {
    const values = samples.map((sample) => sample[figure]);
    const before = median(values.slice(third, 2 * third));
    const after = median(values.slice(2 * third));
    if (after <= before + GROWTH_MAX[figure]) return [];
    return [`${figure} grew from ${before} to ${after}, by more than ${GROWTH_MAX[figure]}`];
  });
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
