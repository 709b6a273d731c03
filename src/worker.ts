import { Worker, type WorkerOptions } from 'node:worker_threads';

/**
 * Starts a worker from the module `name` beside the caller. Workers always run the built product: from TypeScript
 * sources (tests) the module of the same name in `dist/`, which `npm test` builds first. A worker that transpiles
 * for itself would start slowly.
 *
 * @param name module path without extension, relative to `base`, for instance `./writer-worker`
 * @param base the caller's `import.meta.url`
 */
export function startWorker(name: string, base: string, options: WorkerOptions = {}): Worker {
  const built = base.endsWith('.ts') ? base.replace('/src/', '/dist/') : base;
  return new Worker(new URL(`${name}.js`, built), options);
}
